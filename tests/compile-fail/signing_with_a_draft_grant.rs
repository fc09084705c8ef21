use cloister_access::{DraftNote, Grant};
use cloister_domain::{Note, Timestamp, note::Signed};
use cloister_store::Stores;

fn sign(stores: &Stores, by: &Grant<DraftNote>, note: &Note<Signed>, draft: Timestamp) {
    let _ = stores.keep_signed_note(by, note, draft);
}

fn main() {}
