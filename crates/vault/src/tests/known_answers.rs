//! Published vectors: the primitives, through our own calls where we have any.

use crate::{
    encoding::Bytes,
    secret::Key,
    signing::{SigningSeed, verifies},
};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn key(text: &str) -> Key {
    Key::from_slice(&hex::decode(text).unwrap()).unwrap()
}

/// RFC 7748, section 5.2 (first vector) and section 6.1.
#[test]
fn x25519() {
    let out = x25519_dalek::x25519(
        bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
        bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    );
    assert_eq!(out, bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));

    let shared = x25519_dalek::x25519(
        bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
        bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
    );
    assert_eq!(shared, bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
}

/// RFC 8032, section 7.1, tests 1 and 2.
#[test]
fn ed25519() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let seed = SigningSeed(key(seed));
        let (public, message, signature) =
            (Bytes(bytes(public)), hex::decode(message).unwrap(), Bytes(bytes(signature)));
        assert_eq!(seed.public(), public);
        assert_eq!(seed.sign(&message), signature);
        assert!(verifies(&public, &message, &signature));
        assert!(!verifies(&public, b"another message", &signature));
    }
}

/// RFC 5869, appendix A.1.
#[test]
fn hkdf_sha256() {
    let out = Key::hkdf(
        &bytes::<13>("000102030405060708090a0b0c"),
        &bytes::<22>("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
        &bytes::<10>("f0f1f2f3f4f5f6f7f8f9"),
    )
    .unwrap();
    assert_eq!(hex::encode(out.expose()), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

/// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16 (AES-256, with AAD).
#[test]
fn aes_256_gcm() {
    let key = key("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce = bytes("cafebabefacedbaddecaf888");
    let aad: [u8; 20] = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext: [u8; 60] = bytes(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let expected = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";
    let sealed = key.encrypt(&nonce, &aad, &plaintext).unwrap();
    assert_eq!(hex::encode(&sealed), expected);
    assert_eq!(key.decrypt(&nonce, &aad, &sealed).unwrap().as_slice(), plaintext);
    assert!(key.decrypt(&nonce, &aad[1..], &sealed).is_none());
}

/// RFC 9106, section 5.3. Its secret and associated data have no place in a slot, so this speaks to the library.
#[test]
fn argon2id() {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .output_len(32)
        .build()
        .unwrap();
    let mut out = [0; 32];
    Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params)
        .unwrap()
        .hash_password_into(&[1; 32], &[2; 16], &mut out)
        .unwrap();
    assert_eq!(hex::encode(out), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}
