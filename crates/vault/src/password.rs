//! Passwords: one form for each, and the rule that a new one must meet.

use crate::{common, name};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The longest password, in characters.
const MAX_CHARS: usize = 256;

/// Why a new password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer characters than the rule asks for.
    #[error("a password needs at least {0} characters")]
    TooShort(usize),
    /// More than 256 characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// A control character, such as a pasted line break.
    #[error("the password holds a control character, such as a line break")]
    Character,
    /// A character that shows nothing, or that no version of Unicode we know defines: another keyboard may send another.
    #[error("the password holds a character that cannot be seen or is not defined; another keyboard may not send it")]
    Unsteady,
    /// On the list of common passwords, or one word, run or repetition dressed up.
    #[error("this password is among those that are tried first; a few unrelated words make a better one")]
    Common,
    /// Little else than the account's name.
    #[error("the password holds little more than the account's name")]
    LikeName,
}

/// A password in the form that keys are made from.
///
/// Follows RFC 8265's OpaqueString: spaces of all kinds become U+0020, control characters are refused, case stays.
/// Unlike OpaqueString it normalises with NFKC (which NIST SP 800-63B allows), so that a full-width keyboard and a
/// plain one give the same password.
pub(crate) fn normalise(password: &SecretString) -> Result<Zeroizing<String>, PasswordFault> {
    let given = password.expose_secret();
    if given.len() > MAX_CHARS * 4 {
        return Err(PasswordFault::TooLong);
    }
    // Room for the longest expansion NFKC has (18 characters for one, of 4 bytes at most), so that the text never
    // moves and leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(given.len() * 18));
    for c in given.nfkc() {
        match c {
            c if c.is_control() => return Err(PasswordFault::Character),
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    if out.chars().count() > MAX_CHARS { Err(PasswordFault::TooLong) } else { Ok(out) }
}

/// What a new password must meet. No rules of composition: length, and not among the common ones (NIST SP 800-63B,
/// section 3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRule {
    /// In characters; the design's are 12, or 15 without a second factor.
    pub min_length: usize,
}

impl PasswordRule {
    /// Checks a new password for the account `name`.
    ///
    /// # Errors
    /// The first fault found, in the order of [`PasswordFault`]'s variants.
    pub fn check(&self, password: &SecretString, name: &str) -> Result<NewPassword, PasswordFault> {
        let password = normalise(password)?;
        // OpaqueString's FreeformClass (RFC 8264, section 4.3) has neither. What is there already opens its slot as ever.
        if password.chars().any(name::is_unsteady) {
            return Err(PasswordFault::Unsteady);
        }
        if password.chars().count() < self.min_length.max(1) {
            return Err(PasswordFault::TooShort(self.min_length.max(1)));
        }
        if common::is_common(&password) {
            return Err(PasswordFault::Common);
        }
        if common::is_like_name(&password, name) {
            return Err(PasswordFault::LikeName);
        }
        Ok(NewPassword(password))
    }
}

/// A password that met a [`PasswordRule`]: the only kind a slot is made with.
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword")
    }
}

#[cfg(test)]
mod tests {
    use super::{PasswordFault, PasswordRule, normalise};
    use secrecy::SecretString;

    const RULE: PasswordRule = PasswordRule { min_length: 12 };

    fn fault(password: &str) -> Option<PasswordFault> {
        RULE.check(&SecretString::from(password), "Dr. Adams").err()
    }

    #[test]
    fn one_password_has_one_form() {
        let form = |p: &str| normalise(&SecretString::from(p)).unwrap().to_string();
        assert_eq!(form("pa\u{a0}ss\u{1680}word"), "pa ss word");
        assert_eq!(form("Ｃafe\u{301}"), "Caf\u{e9}");
        assert_eq!(form("Case Stays"), "Case Stays");
    }

    #[test]
    fn length_counts_characters_and_controls_are_refused() {
        assert_eq!(fault("elevenchars"), Some(PasswordFault::TooShort(12)));
        assert_eq!(
            fault(
                "\u{1f600}\u{1f344}\u{1f680}\u{1f3b5}\u{1f409}\u{1f9ca}\u{1f335}\u{1f511}\u{26f5}\u{1f9f5}\u{1f427}\u{1f30b}"
            ),
            None
        );
        assert_eq!(fault("line\nbreak in it"), Some(PasswordFault::Character));
        assert_eq!(fault(&"x y".repeat(100)), Some(PasswordFault::TooLong));
        assert_eq!(
            PasswordRule { min_length: 0 }.check(&SecretString::from(""), "a").err(),
            Some(PasswordFault::TooShort(1))
        );
    }

    #[test]
    fn what_another_keyboard_may_not_send_is_refused() {
        for unsteady in [
            "tram\u{200d}lemon ninefold",
            "tram lemon\u{fe0f} ninefold",
            "tram\u{e000} lemon ninefold",
            "tram\u{378} lemon nine",
        ] {
            assert_eq!(fault(unsteady), Some(PasswordFault::Unsteady), "{unsteady:?}");
        }
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_dressed() {
        for common in [
            "password1234",
            "P@ssw0rd!!!!",
            "Welcome2024!!",
            "passwordpassword",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "qwertyuiop123",
            "asdfghjkl;'asdf",
            "1q2w3e4r5t6y",
            "correct horse battery staple",
            "Hospital2025!",
            "letmeinletmein",
            "Administrator1",
            "abcdefghijklm",
            "zyxwvutsrqpon",
        ] {
            assert_eq!(fault(common), Some(PasswordFault::Common), "{common}");
        }
    }

    #[test]
    fn a_name_with_trimmings_is_refused_and_good_ones_pass() {
        assert_eq!(fault("dr.adams-2026"), Some(PasswordFault::LikeName));
        assert_eq!(fault("ADAMSadams12!"), Some(PasswordFault::LikeName));
        for good in ["tram lemon ninefold", "violet-anvil-27-surf", "adams likes cold rivers", "gQ7#xLp2vTz9"] {
            assert_eq!(fault(good), None, "{good}");
        }
    }
}
