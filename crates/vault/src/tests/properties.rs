//! Readers under random bytes and single-bit damage: no panic, nothing accepted.

use super::*;
use crate::{
    ItemKey, KeyHolder, SealedKey, WrappedKey, keyring::Keyring, open_blob, seal_blob, secret::Key, slot::Slot,
};
use proptest::prelude::*;
use std::sync::LazyLock;

struct Fixture {
    keyring: Vec<u8>,
    slot: Vec<u8>,
    made: Created,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let (dir, made) = create();
    let read = |name: &str| std::fs::read(path(&dir).join(name)).unwrap();
    Fixture { keyring: read("keyring.json"), slot: read(&format!("slots/{}", made.administrator)), made }
});

fn read_slot(bytes: &[u8]) -> Result<Slot, Fault> {
    let admin = &FIXTURE.made.vault.accounts()[0];
    Slot::read(bytes, FIXTURE.made.vault.id(), KeyHolder::User(admin.id), &admin.ed25519)
}

fn sealed(plaintext: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    seal_blob(&item_key(), "doc-1", &mut &plaintext[..], &mut out, &Seeded::new(4)).unwrap();
    out
}

fn item_key() -> ItemKey {
    ItemKey(Key::from_slice(&[5; 32]).unwrap())
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out[bit / 8 % bytes.len()] ^= 1 << (bit % 8);
    out
}

#[test]
fn the_undamaged_files_are_accepted() {
    assert!(Keyring::read(&FIXTURE.keyring).is_ok());
    assert!(read_slot(&FIXTURE.slot).is_ok());
}

/// Every bit of a slot.
#[test]
fn no_flipped_bit_of_a_slot_is_accepted() {
    for bit in 0..FIXTURE.slot.len() * 8 {
        assert!(read_slot(&flip(&FIXTURE.slot, bit)).is_err(), "bit {bit}");
    }
}

/// Every length of a keyring and a slot.
#[test]
fn no_prefix_is_accepted() {
    for len in 0..FIXTURE.keyring.len() {
        assert!(Keyring::read(&FIXTURE.keyring[..len]).is_err(), "{len}");
    }
    for len in 0..FIXTURE.slot.len() {
        assert!(read_slot(&FIXTURE.slot[..len]).is_err(), "{len}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_flipped_bit_of_a_keyring_is_accepted(bit in any::<usize>()) {
        prop_assert!(Keyring::read(&flip(&FIXTURE.keyring, bit)).is_err());
    }

    #[test]
    fn random_bytes_are_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(Keyring::read(&bytes).is_err());
        prop_assert!(read_slot(&bytes).is_err());
        prop_assert!(open_blob(&item_key(), "doc-1", &mut &bytes[..], &mut Vec::new()).is_err());
        prop_assert!(WrappedKey::from_bytes(&bytes).is_err() || bytes.len() == WrappedKey::LEN && bytes[0] == 1);
        prop_assert!(SealedKey::from_bytes(&bytes).is_err() || bytes.len() == SealedKey::LEN && bytes[0] == 2);
    }

    #[test]
    fn random_wrapped_keys_do_not_open(bytes in proptest::collection::vec(any::<u8>(), 80)) {
        let visits = FIXTURE.made.keys.visits().unwrap();
        let with_head = |tag: u8, len: usize| [&[tag, 0, 0, 0, 1], &bytes[..len - 5]].concat();
        let wrapped = WrappedKey::from_bytes(&with_head(1, WrappedKey::LEN)).unwrap();
        prop_assert!(visits.unwrap_item_key("doc-1", &wrapped).is_err());
        let sealed = SealedKey::from_bytes(&with_head(2, SealedKey::LEN)).unwrap();
        prop_assert!(visits.open_item_key("doc-1", &sealed).is_err());
    }

    #[test]
    fn a_wrapped_key_with_a_flipped_bit_does_not_open(bit in 0..WrappedKey::LEN * 8) {
        let visits = FIXTURE.made.keys.visits().unwrap();
        let wrapped = visits.wrap_item_key("doc-1", &item_key(), &Seeded::new(3)).unwrap();
        let damaged = WrappedKey::from_bytes(&flip(wrapped.as_bytes(), bit));
        prop_assert!(damaged.and_then(|w| visits.unwrap_item_key("doc-1", &w)).is_err());
    }

    #[test]
    fn a_small_blob_comes_back_and_no_flipped_bit_is_accepted(
        plaintext in proptest::collection::vec(any::<u8>(), 0..300),
        bit in any::<usize>(),
    ) {
        let blob = sealed(&plaintext);
        let mut out = Vec::new();
        prop_assert_eq!(open_blob(&item_key(), "doc-1", &mut &blob[..], &mut out).unwrap(), plaintext.len() as u64);
        prop_assert_eq!(out, plaintext);
        prop_assert!(open_blob(&item_key(), "doc-1", &mut &flip(&blob, bit)[..], &mut Vec::new()).is_err());
    }

    #[test]
    fn names_never_panic_and_are_stable(name in any::<String>()) {
        if let Ok(once) = crate::name::normalise(&name) {
            let again = crate::name::normalise(&once).unwrap();
            prop_assert_eq!(&again, &once);
            let folded = crate::name::fold(&once);
            prop_assert_eq!(crate::name::fold(&folded), folded);
        }
    }

    #[test]
    fn passwords_never_panic_and_are_stable(password in any::<String>()) {
        if let Ok(once) = crate::password::normalise(&secret(&password)) {
            let again = crate::password::normalise(&secret(&once)).unwrap();
            prop_assert_eq!(again.as_str(), once.as_str());
        }
    }
}
