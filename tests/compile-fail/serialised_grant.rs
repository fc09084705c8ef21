use cloister_access::{Grant, ReadEncounter};

fn send(by: &Grant<ReadEncounter>) -> String {
    serde_json::to_string(by).unwrap()
}

fn main() {}
