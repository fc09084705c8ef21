//! Secrets on paper: the recovery key and enrolment codes. 160 random bits each.

use crate::VaultError;
use cloister_domain::Entropy;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox};
use sha2::{Digest, Sha256};
use std::{fmt, marker::PhantomData};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Crockford's base32: no I, L, O (read as 1, 1, 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_DIGITS: usize = 32;
const CHECK_DIGITS: usize = 4;
const DIGITS: usize = KEY_DIGITS + CHECK_DIGITS;
const GROUP: usize = 6;

/// What a secret on paper is for. The check digits depend on it, so that one is not taken for the other.
pub trait PaperKind: sealed::Sealed {
    /// What it is called in `Debug`.
    const NAME: &'static str;
    /// Separates its check digits from the others'.
    const LABEL: &'static [u8];

    /// Why a text is none.
    fn fault(why: &'static str) -> VaultError;
}

mod sealed {
    pub trait Sealed {}
}

/// The key that opens everything an administrator can. Shown once, when a vault is made.
#[derive(Debug)]
pub enum Recovery {}
/// A code with which one person opens their own account, once, until it expires.
#[derive(Debug)]
pub enum Enrolment {}

impl sealed::Sealed for Recovery {}
impl sealed::Sealed for Enrolment {}
impl PaperKind for Recovery {
    const NAME: &'static str = "RecoveryKey";
    const LABEL: &'static [u8] = b"cloister/1/recovery-key\0";

    fn fault(why: &'static str) -> VaultError {
        VaultError::RecoveryKey(why)
    }
}
impl PaperKind for Enrolment {
    const NAME: &'static str = "EnrolmentCode";
    const LABEL: &'static [u8] = b"cloister/1/enrolment-code\0";

    fn fault(why: &'static str) -> VaultError {
        VaultError::EnrolmentCode(why)
    }
}

/// 160 bits that open everything an administrator can. Shown once, when a vault is made. Zeroized when dropped.
pub type RecoveryKey = PaperSecret<Recovery>;

/// 160 bits with which a person from the directory opens the keys that an administrator made for them. Zeroized when
/// dropped.
pub type EnrolmentCode = PaperSecret<Enrolment>;

/// 160 random bits that are printed and typed back.
pub struct PaperSecret<K: PaperKind> {
    bits: SecretBox<[u8; 20]>,
    kind: PhantomData<fn() -> K>,
}

impl<K: PaperKind> PaperSecret<K> {
    pub(crate) fn random(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let mut bits = SecretBox::new(Box::new([0; 20]));
        entropy.fill(bits.expose_secret_mut()).map_err(VaultError::Entropy)?;
        Ok(Self::of(bits))
    }

    const fn of(bits: SecretBox<[u8; 20]>) -> Self {
        Self { bits, kind: PhantomData }
    }

    /// Reads one as people type it: upper or lower case, any spacing and dashes, O for 0, I or L for 1.
    ///
    /// # Errors
    /// [`VaultError::RecoveryKey`] or [`VaultError::EnrolmentCode`] with the reason; one wrong character or two swapped
    /// ones are noticed in all but one of a million cases.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut digits = Zeroizing::new([0u8; DIGITS]);
        let mut count = 0;
        for c in text.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
            let digit = digit(c).ok_or_else(|| K::fault("it holds a character that it cannot hold"))?;
            *digits.get_mut(count).ok_or_else(|| K::fault("it is too long"))? = digit;
            count += 1;
        }
        if count < DIGITS {
            return Err(K::fault("it is too short"));
        }
        let mut bits = SecretBox::new(Box::new([0u8; 20]));
        let (key, check) = digits.split_at(KEY_DIGITS);
        // Eight digits of five bits are five bytes.
        for (digits, bytes) in key.chunks_exact(8).zip(bits.expose_secret_mut().chunks_exact_mut(5)) {
            let group = digits.iter().fold(0u64, |acc, d| acc << 5 | u64::from(*d));
            bytes.copy_from_slice(&group.to_be_bytes()[3..]);
        }
        if check == check_digits::<K>(bits.expose_secret()) {
            Ok(Self::of(bits))
        } else {
            Err(K::fault("a character is wrong or two are swapped"))
        }
    }

    /// As it is printed: six groups of six characters, joined by dashes.
    #[must_use]
    pub fn grouped(&self) -> Zeroizing<String> {
        let mut digits = Zeroizing::new(Vec::with_capacity(DIGITS));
        digits_of(self.bits.expose_secret(), &mut digits);
        digits.extend(check_digits::<K>(self.bits.expose_secret()));
        Zeroizing::new(in_groups(&digits, GROUP))
    }

    pub(crate) fn bits(&self) -> &[u8; 20] {
        self.bits.expose_secret()
    }
}

impl<K: PaperKind> fmt::Debug for PaperSecret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(K::NAME)
    }
}

/// Public bytes, five at a time, in the same digits and in groups of `group`.
pub(crate) fn letters(bytes: &[u8], group: usize) -> String {
    let mut digits = Vec::with_capacity(bytes.len() * 8 / 5);
    digits_of(bytes, &mut digits);
    in_groups(&digits, group)
}

/// Eight digits of five bits for each five bytes.
fn digits_of(bytes: &[u8], digits: &mut Vec<u8>) {
    for bytes in bytes.chunks_exact(5) {
        let group = bytes.iter().fold(0u64, |acc, b| acc << 8 | u64::from(*b));
        digits.extend((0..8).rev().map(|i| (group >> (5 * i) & 31) as u8));
    }
}

fn in_groups(digits: &[u8], group: usize) -> String {
    // Sized beforehand, so that a secret never moves and leaves no copy behind.
    let mut out = String::with_capacity(digits.len() + digits.len() / group);
    for (i, digit) in digits.iter().enumerate() {
        if i > 0 && i % group == 0 {
            out.push('-');
        }
        out.push(char::from(ALPHABET[usize::from(*digit)]));
    }
    out
}

fn digit(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|a| char::from(*a) == c).and_then(|i| u8::try_from(i).ok())
}

/// The first 20 bits of a labelled SHA-256, as four digits.
fn check_digits<K: PaperKind>(bits: &[u8; 20]) -> [u8; CHECK_DIGITS] {
    let hash = Sha256::new().chain_update(K::LABEL).chain_update(bits).finalize();
    let first = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 12;
    [15, 10, 5, 0].map(|shift| (first >> shift & 31) as u8)
}

#[cfg(test)]
mod tests {
    use super::{EnrolmentCode, RecoveryKey};
    use crate::testing::Seeded;
    use proptest::prelude::*;

    #[test]
    fn what_is_printed_is_read_back_however_it_is_typed() {
        let key = RecoveryKey::random(&Seeded::new(7)).unwrap();
        let text = key.grouped();
        assert_eq!(text.len(), 36 + 5);
        let typed = [
            text.to_string(),
            text.to_lowercase(),
            text.replace('-', " "),
            text.replace('-', ""),
            text.replace('0', "o").replace('1', "l"),
            text.replace('1', "I"),
            format!(" {}\n", text.replace('-', " \u{2013} ")),
        ];
        for t in typed {
            assert_eq!(RecoveryKey::parse(&t).unwrap().bits(), key.bits(), "{t}");
        }
    }

    #[test]
    fn a_wrong_or_swapped_character_is_noticed() {
        let key = RecoveryKey::random(&Seeded::new(9)).unwrap();
        let text: Vec<char> = key.grouped().replace('-', "").chars().collect();
        for i in 0..text.len() {
            let mut wrong = text.clone();
            wrong[i] = if wrong[i] == '7' { '8' } else { '7' };
            assert!(RecoveryKey::parse(&wrong.iter().collect::<String>()).is_err(), "position {i}");
            if i > 0 && text[i] != text[i - 1] {
                let mut swapped = text.clone();
                swapped.swap(i, i - 1);
                assert!(RecoveryKey::parse(&swapped.iter().collect::<String>()).is_err(), "swap at {i}");
            }
        }
        let text: String = text.into_iter().collect();
        assert!(RecoveryKey::parse(&text[1..]).is_err());
        assert!(RecoveryKey::parse(&format!("{text}0")).is_err());
        assert!(RecoveryKey::parse(&text.replacen(|c: char| c.is_ascii_digit(), "U", 1)).is_err());
    }

    #[test]
    fn a_code_is_not_taken_for_a_recovery_key() {
        let code = EnrolmentCode::random(&Seeded::new(7)).unwrap().grouped();
        assert!(EnrolmentCode::parse(&code).is_ok());
        assert!(RecoveryKey::parse(&code).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_almost_never_accepted(text in any::<String>()) {
            prop_assert!(RecoveryKey::parse(&text).is_err());
        }

        #[test]
        fn every_key_survives_print_and_parse(bits in any::<[u8; 20]>()) {
            let key = RecoveryKey::of(secrecy::SecretBox::new(Box::new(bits)));
            let read = RecoveryKey::parse(&key.grouped()).unwrap();
            prop_assert_eq!(read.bits(), &bits);
        }
    }
}
