use cloister_access::{Grant, SignNote};
use cloister_domain::{Note, Timestamp, note::Draft};
use cloister_store::Stores;

fn sign(stores: &Stores, by: &Grant<SignNote>, note: &Note<Draft>, draft: Timestamp) {
    let _ = stores.keep_signed_note(by, note, draft);
}

fn main() {}
