use cloister_access::Session;

fn forge() -> Session {
    Session::begin()
}

fn main() {}
