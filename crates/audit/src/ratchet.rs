//! One key per line, and no way back.
//!
//! `seed(n+1) = HKDF-SHA-256(seed(n), "next")`, `key(n) = Ed25519(HKDF-SHA-256(seed(n), "sign"))` (RFC 5869, RFC
//! 8032). Whoever learns `seed(n)` can sign line n and every later one, and none before: the design of
//! forward-secure logs (Bellare and Yee 1997; Ma and Tsudik 2009), with public verification.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A signature over a line, a head, or anything else never passes for one over another kind of thing.
pub(crate) const LINE_DOMAIN: &[u8] = b"cloister audit line v1\0";
pub(crate) const HEAD_DOMAIN: &[u8] = b"cloister audit head v1\0";

/// The secret from which one line's key and the next seed come.
pub(crate) struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    pub(crate) fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// For the state file. Nothing else keeps a seed twice.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key that signs this seed's line.
    pub(crate) fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.derive(b"cloister audit sign v1"))
    }

    /// The seed after this one.
    pub(crate) fn next(&self) -> Self {
        Self(self.derive(b"cloister audit next v1"))
    }

    fn derive(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        // 32 bytes is one block of HKDF-SHA-256, far below its limit of 255: `expand` cannot refuse.
        let filled = Hkdf::<Sha256>::new(None, self.expose()).expand(label, out.as_mut());
        debug_assert!(filled.is_ok());
        out
    }
}

/// Signs `message` under a domain.
pub(crate) fn sign(key: &SigningKey, domain: &[u8], message: &[&[u8]]) -> [u8; 64] {
    key.sign(&joined(domain, message)).to_bytes()
}

/// Whether `signature` over `message` is `key`'s: strict (no small-order points, no second encodings).
pub(crate) fn signed_by(key: &[u8; 32], domain: &[u8], message: &[&[u8]], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|k| k.verify_strict(&joined(domain, message), &Signature::from_bytes(signature)).is_ok())
}

fn joined(domain: &[u8], message: &[&[u8]]) -> Vec<u8> {
    let mut all = domain.to_vec();
    message.iter().for_each(|part| all.extend_from_slice(part));
    all
}

#[cfg(test)]
mod tests {
    use super::{HEAD_DOMAIN, LINE_DOMAIN, Seed, sign, signed_by};
    use zeroize::Zeroizing;

    #[test]
    fn seeds_and_keys_all_differ() {
        let a = Seed::new(Zeroizing::new([1; 32]));
        let b = a.next();
        let values = [*a.expose(), *b.expose(), a.key().to_bytes(), b.key().to_bytes()];
        let distinct: std::collections::HashSet<_> = values.iter().collect();
        assert_eq!(distinct.len(), 4);
    }

    #[test]
    fn a_signature_holds_for_its_key_domain_and_message_only() {
        let seed = Seed::new(Zeroizing::new([2; 32]));
        let vk = seed.key().verifying_key().to_bytes();
        let sig = sign(&seed.key(), LINE_DOMAIN, &[b"ab", b"c"]);
        assert!(signed_by(&vk, LINE_DOMAIN, &[b"abc"], &sig));
        assert!(!signed_by(&vk, HEAD_DOMAIN, &[b"abc"], &sig));
        assert!(!signed_by(&vk, LINE_DOMAIN, &[b"abd"], &sig));
        assert!(!signed_by(&seed.next().key().verifying_key().to_bytes(), LINE_DOMAIN, &[b"abc"], &sig));
    }
}
