use cloister_access::{Grant, ReadEncounter};
use cloister_store::{StoredExtraction, Stores};

fn write(stores: &Stores, by: &Grant<ReadEncounter>, extraction: &StoredExtraction) {
    let _ = stores.keep_encounter_extraction(by, extraction);
}

fn main() {}
