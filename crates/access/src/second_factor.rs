//! The second factor: codes that a person's own device makes (TOTP, RFC 6238), and recovery codes for when it is lost.

use crate::AccessError;
use cloister_domain::Entropy;
use cloister_vault::{SecondFactor, VaultError};
use data_encoding::{BASE32_NOPAD, Specification};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// 160 bits, as RFC 4226 (section 4) recommends.
const SECRET_BYTES: usize = 20;
/// A recovery code's random bytes: 80 bits.
const CODE_BYTES: usize = 10;
/// So many recovery codes are made.
const CODES: usize = SecondFactor::MAX_RECOVERY_CODES;
const STEP_S: u64 = 30;

/// A TOTP secret with the parameters that every authenticator knows: SHA-1, six digits, steps of 30 seconds.
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret")
    }
}

impl TotpSecret {
    /// A new secret.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn random(entropy: &dyn Entropy) -> Result<Self, AccessError> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        entropy.fill(&mut bytes).map_err(VaultError::Entropy)?;
        Ok(Self(bytes))
    }

    /// The secret as people type it: base32 (RFC 4648), any case and spacing.
    #[must_use]
    pub fn parse(text: &SecretString) -> Option<Self> {
        let plain: Zeroizing<String> = Zeroizing::new(
            text.expose_secret().chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect(),
        );
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(plain.as_bytes()).ok()?);
        (bytes.len() == SECRET_BYTES).then_some(Self(bytes))
    }

    pub(crate) fn of(bytes: &SecretSlice<u8>) -> Self {
        Self(Zeroizing::new(bytes.expose_secret().to_vec()))
    }

    /// Base32 without padding, for typing.
    #[must_use]
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// The `otpauth` address that authenticators read from a picture.
    #[must_use]
    pub fn uri(&self, name: &str) -> Zeroizing<String> {
        let encoded: String = name.bytes().map(escaped).collect();
        Zeroizing::new(format!(
            "otpauth://totp/Cloister:{encoded}?secret={}&issuer=Cloister&algorithm=SHA1&digits=6&period={STEP_S}",
            *self.base32()
        ))
    }

    /// The step (30 s each since 1970) that `code` belongs to, if it is the one of `now` or next to it.
    #[must_use]
    pub fn step_of(&self, code: &str, now_ms: i64) -> Option<u64> {
        let now_s = u64::try_from(now_ms / 1000).ok()?;
        self.totp()?.check(code.trim(), now_s)
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new().with_secret(Secret::new(self.0.as_slice().into())).build().ok()
    }

    /// What the slot keeps: this secret and fresh recovery codes, which are returned to be shown once.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn enrol(self, entropy: &dyn Entropy) -> Result<(SecondFactor, Vec<Zeroizing<String>>), AccessError> {
        let mut codes = Vec::with_capacity(CODES);
        for _ in 0..CODES {
            let mut bytes = Zeroizing::new([0; CODE_BYTES]);
            entropy.fill(bytes.as_mut_slice()).map_err(VaultError::Entropy)?;
            codes.push(grouped(&bytes));
        }
        let hashes = codes.iter().map(|c| hash(c)).collect();
        Ok((SecondFactor::new(Some(SecretSlice::from(self.0.to_vec())), hashes)?, codes))
    }
}

/// The slot's second factor without the recovery code that was typed; `None` when it is none of them. Case, spaces
/// and dashes do not matter.
pub(crate) fn without_code(factor: &SecondFactor, typed: &str) -> Option<SecondFactor> {
    let wanted = hash(typed);
    // Each is compared whatever came before.
    let fits = |kept: &[u8; 32]| bool::from(kept.ct_eq(&wanted));
    let left: Vec<_> = factor.recovery_codes().iter().filter(|kept| !fits(kept)).copied().collect();
    if left.len() == factor.recovery_codes().len() {
        return None;
    }
    let secret = factor.totp_secret().map(|s| SecretSlice::from(s.expose_secret().to_vec()));
    SecondFactor::new(secret, left).ok()
}

/// 80 random bits need no slow hash: nobody guesses them.
fn hash(code: &str) -> [u8; 32] {
    let plain: Zeroizing<String> =
        Zeroizing::new(code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect());
    Sha256::new().chain_update(b"cloister/1/recovery-code\0").chain_update(plain.as_bytes()).finalize().into()
}

/// Four groups of four, in Crockford's letters.
fn grouped(bytes: &[u8; CODE_BYTES]) -> Zeroizing<String> {
    let mut letters = Specification::new();
    letters.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    let text = letters.encoding().map(|e| Zeroizing::new(e.encode(bytes))).unwrap_or_default();
    let mut out = Zeroizing::new(String::with_capacity(20));
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        out.push(c);
    }
    out
}

/// Percent encoding (RFC 3986) of all but the unreserved.
fn escaped(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.iter_mut().zip(1..).for_each(|(b, n)| *b = n);
            Ok(())
        }
    }

    /// RFC 6238, appendix B: the seed of SHA-1 and the last six of each code's eight digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        let secret = TotpSecret(Zeroizing::new(b"12345678901234567890".to_vec()));
        for (now_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.step_of(code, now_s * 1000), Some(now_s as u64 / 30), "{code}");
            assert_eq!(secret.step_of(code, (now_s + 30) * 1000), Some(now_s as u64 / 30), "one step late");
            assert_eq!(secret.step_of(code, (now_s + 90) * 1000), None, "three steps late");
        }
        for wrong in ["", "28708", "2870822", "abcdef", "287083", "２８７０８２"] {
            assert_eq!(secret.step_of(wrong, 59_000), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_typed_back_and_its_address_says_who_it_is_for() {
        let secret = TotpSecret::random(&Counting).unwrap();
        let typed = SecretString::from(secret.base32().to_lowercase().replace('c', "c "));
        assert_eq!(TotpSecret::parse(&typed).unwrap().0, secret.0);
        assert!(TotpSecret::parse(&SecretString::from("short")).is_none());
        let uri = secret.uri("Zoë O:Hara");
        assert!(uri.starts_with("otpauth://totp/Cloister:Zo%C3%AB%20O%3AHara?secret="), "{}", *uri);
        assert!(!format!("{secret:?}").contains(secret.base32().as_str()));
    }

    #[test]
    fn a_recovery_code_works_once() {
        struct Distinct(std::sync::atomic::AtomicU8);
        impl Entropy for Distinct {
            fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
                out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
                Ok(())
            }
        }
        let (factor, codes) = TotpSecret::random(&Counting).unwrap().enrol(&Distinct(7.into())).unwrap();
        assert_eq!((codes.len(), factor.recovery_codes().len()), (10, 10));
        let typed = codes[3].to_lowercase().replace('-', " ");
        let left = without_code(&factor, &typed).unwrap();
        assert_eq!(left.recovery_codes().len(), 9);
        assert!(left.totp_secret().is_some());
        assert!(without_code(&left, &typed).is_none(), "it worked twice");
        assert!(without_code(&factor, "0000-0000-0000-0000").is_none());
    }
}
