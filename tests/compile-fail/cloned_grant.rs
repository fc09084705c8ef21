use cloister_access::{Grant, ReadEncounter};

fn keep(by: &Grant<ReadEncounter>) -> Grant<ReadEncounter> {
    by.clone()
}

fn main() {}
