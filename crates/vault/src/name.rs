//! Account names: how they are written and when two are the same.

use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters.
const MAX_CHARS: usize = 64;

/// Why a name cannot be an account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing is left once white space is taken off.
    #[error("a name needs at least one letter or digit")]
    Empty,
    /// More than 64 characters.
    #[error("a name has at most 64 characters")]
    TooLong,
    /// A control, formatting, invisible or private-use character.
    #[error("the name holds a control character or one that cannot be seen")]
    Character,
    /// Another account has this name, up to case and compatibility forms.
    #[error("another account has this name already")]
    Taken,
}

/// The form a name is kept in: NFKC, white space trimmed and single.
///
/// Stricter than RFC 8265's UsernameCasePreserved in that nothing invisible may stand in a name, more lenient in that
/// it may hold spaces ("Dr. Adams"). Look-alikes across scripts are not caught: an administrator makes accounts.
pub(crate) fn normalise(name: &str) -> Result<String, NameFault> {
    // A bound before any work is done: 64 characters never need this many bytes.
    if name.len() > MAX_CHARS * 16 {
        return Err(NameFault::TooLong);
    }
    let nfkc: String = name.nfkc().collect();
    if nfkc.chars().any(|c| c != ' ' && (c.is_control() || c.is_whitespace() || is_unseen(c))) {
        return Err(NameFault::Character);
    }
    let name = nfkc.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if !name.chars().any(char::is_alphanumeric) {
        return Err(NameFault::Empty);
    }
    if name.chars().count() > MAX_CHARS {
        return Err(NameFault::TooLong);
    }
    Ok(name)
}

/// What is compared: case folded by way of upper case, so that ß is SS and final sigma is sigma, then NFKC again.
pub(crate) fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

/// Formatting, default-ignorable, separator, private-use and non-characters (Unicode 16: Cf, Zl, Zp, Co, and the
/// letters that show nothing).
fn is_unseen(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x0600..=0x0605 | 0x061C | 0x06DD | 0x070F | 0x0890 | 0x0891 | 0x08E2
        | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x2800 | 0x3164 | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFF | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
        | 0xE0000..=0x10FFFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::{NameFault, fold, normalise};

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (a, b) in [
            ("Adams", "ADAMS"),
            ("Ａｄａｍｓ", "adams"),
            ("Stra\u{df}er", "STRASSER"),
            ("Jose\u{301}", "jos\u{e9}"),
            ("\u{3a3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}", "\u{3a3}\u{38a}\u{3a3}\u{3a5}\u{3a6}\u{39f}\u{3a3}"),
            ("ﬁona", "fiona"),
        ] {
            assert_eq!(fold(&normalise(a).unwrap()), fold(&normalise(b).unwrap()), "{a} and {b}");
        }
        assert_ne!(fold("adams"), fold("adam"));
    }

    #[test]
    fn white_space_is_trimmed_and_single() {
        assert_eq!(normalise("  Dr.\u{a0}\u{3000} Adams ").unwrap(), "Dr. Adams");
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for bad in [
            "ad\0ams",
            "ad\u{200b}ams",
            "\u{202e}smada",
            "ad\u{ad}ams",
            "ad\tams",
            "ad\nams",
            "\u{e000}dams",
            "a\u{3164}",
        ] {
            assert_eq!(normalise(bad), Err(NameFault::Character), "{bad:?}");
        }
        for empty in ["", "   ", "...", "\u{301}"] {
            assert_eq!(normalise(empty), Err(NameFault::Empty), "{empty:?}");
        }
    }

    #[test]
    fn the_length_counts_characters() {
        assert!(normalise(&"\u{e9}".repeat(64)).is_ok());
        assert_eq!(normalise(&"a".repeat(65)), Err(NameFault::TooLong));
        // One character that NFKC makes eighteen of.
        assert_eq!(normalise(&"\u{fdfa}".repeat(4)), Err(NameFault::TooLong));
        assert_eq!(normalise(&"a".repeat(1 << 20)), Err(NameFault::TooLong));
    }
}
