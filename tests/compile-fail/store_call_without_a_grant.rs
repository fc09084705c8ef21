use cloister_store::Stores;

fn read(stores: &Stores) {
    let _ = stores.transcript();
}

fn main() {}
