use cloister_access::{Admission, Grant, ReadEncounter};
use std::marker::PhantomData;

fn forge(admission: Admission) -> Grant<ReadEncounter> {
    Grant { admission, permission: PhantomData }
}

fn main() {}
