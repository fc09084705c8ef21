use cloister_access::{Grant, ListDatasets};
use cloister_store::Stores;

fn read(stores: &Stores, by: &Grant<ListDatasets>) {
    let _ = stores.batch(by);
}

fn main() {}
