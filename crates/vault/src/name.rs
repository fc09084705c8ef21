//! Account names: how they are written and when two are the same.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_security::confusable_detection::skeleton;

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
    /// A symbol, or a mark of punctuation beyond those of ASCII: no name has it (RFC 8264's IdentifierClass).
    #[error("a name is made of letters, digits and the signs of an English keyboard")]
    Symbol,
    /// Another account has this name, up to case and compatibility forms.
    #[error("another account has this name already")]
    Taken,
    /// Another account's name looks the same: letters of another script, or digits for letters.
    #[error("this name looks like another account's; take one that nobody can mistake for it")]
    LooksAlike,
}

/// The form a name is kept in: NFKC, white space trimmed and single, nothing invisible. What is read (a keyring, a
/// sign-in) is held to this; a new account's name to [`accept`].
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

/// A new account's name, in the form it is kept in.
///
/// Follows RFC 8265's UsernameCaseMapped (section 3.3) with user parts divided by single spaces (section 3.1): each part
/// has code points of the IdentifierClass (RFC 8264, section 4.2) alone, by the general categories of the Unicode version
/// that this program is built with. It differs in three points. Width and other compatibility forms are mapped (NFKC)
/// instead of refused, so that a full-width keyboard gives the same name. The name keeps its case, and is compared
/// without ([`fold`], which is coarser than toLowerCase). The bidi rule (RFC 5893) is not applied: an administrator makes
/// accounts, and invisible controls of direction are refused.
pub(crate) fn accept(name: &str) -> Result<String, NameFault> {
    let name = normalise(name)?;
    if name.split(' ').all(is_user_part) { Ok(name) } else { Err(NameFault::Symbol) }
}

/// Whether two names are one (`Taken`) or look like one (`LooksAlike`, by the skeletons of UTS #39).
pub(crate) fn clash(new: &str, other: &str) -> Option<NameFault> {
    let (new, other) = (fold(new), fold(other));
    if new == other {
        Some(NameFault::Taken)
    } else if skeleton(&new).eq(skeleton(&other)) {
        Some(NameFault::LooksAlike)
    } else {
        None
    }
}

fn is_user_part(part: &str) -> bool {
    let chars: Vec<char> = part.chars().collect();
    let has = |range: std::ops::RangeInclusive<char>| chars.iter().any(|c| range.contains(c));
    // Two kinds of Arabic digits in one part are told apart by nobody (RFC 5892, appendix A.8 and A.9).
    let digits_agree = !(has('\u{660}'..='\u{669}') && has('\u{6f0}'..='\u{6f9}'));
    digits_agree && (0..chars.len()).all(|at| is_identifier(&chars, at))
}

/// IdentifierClass: printable ASCII, letters and digits, and the exceptions of RFC 5892, section 2.6.
fn is_identifier(part: &[char], at: usize) -> bool {
    let near = |by: isize| at.checked_add_signed(by).and_then(|i| part.get(i)).copied();
    match part[at] {
        '!'..='~' => true,
        // A middle dot stands between two l (appendix A.3); geresh and gershayim after Hebrew (A.5, A.6).
        '\u{b7}' => [near(-1), near(1)].iter().all(|c| matches!(c, Some('l' | 'L'))),
        '\u{5f3}' | '\u{5f4}' => matches!(near(-1), Some('\u{590}'..='\u{5ff}')),
        // The katakana middle dot, in a part of Japanese (A.7).
        '\u{30fb}' => part
            .iter()
            .any(|c| matches!(c, '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')),
        '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => true,
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => false,
        // Old Hangul jamo (RFC 8264, section 9.9).
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' => false,
        c => matches!(
            c.general_category(),
            Category::LowercaseLetter
                | Category::UppercaseLetter
                | Category::OtherLetter
                | Category::ModifierLetter
                | Category::NonspacingMark
                | Category::SpacingMark
                | Category::DecimalNumber
        ),
    }
}

/// Whether a character may look or be sent otherwise elsewhere: it shows nothing, or this version of Unicode has none.
pub(crate) fn is_unsteady(c: char) -> bool {
    is_unseen(c) || matches!(c.general_category(), Category::Unassigned | Category::PrivateUse)
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
    use super::{NameFault, accept, clash, fold, normalise};

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
    fn names_of_people_are_accepted_and_signs_are_not() {
        for good in [
            "Dr. Adams",
            "o'neil",
            "anna-maria",
            "ada@clinic",
            "J\u{f8}rgen",
            "\u{41e}\u{43b}\u{435}\u{433}",
            "\u{5e9}\u{5f3}",
            "\u{628}\u{627}\u{628} \u{663}",
            "\u{4f0a}\u{85e4}",
            "\u{30b8}\u{30a7}\u{30fb}\u{30a4}",
            "Gal\u{b7}la",
            "\u{1e900}\u{1e922}",
            "Ａｄａ",
        ] {
            assert!(accept(good).is_ok(), "{good}: {:?}", accept(good));
        }
        for bad in [
            "o\u{2019}neil",
            "ada \u{1f600}",
            "a\u{b7}b",
            "\u{20ac}uro",
            "a\u{3002}b",
            "\u{5f3}a",
            "x\u{30fb}y",
            "\u{661}\u{6f2}",
            "\u{640}a",
        ] {
            assert_eq!(accept(bad), Err(NameFault::Symbol), "{bad:?}");
        }
        assert_eq!(accept("a\u{200d}b"), Err(NameFault::Character));
    }

    #[test]
    fn a_name_that_looks_like_another_is_told_from_one_that_is_the_same() {
        for (new, other) in [("ADAMS", "Adams"), ("stra\u{df}er", "STRASSER"), ("\u{130}lker", "i\u{307}lker")] {
            assert_eq!(clash(new, other), Some(NameFault::Taken), "{new} and {other}");
        }
        for (new, other) in
            [("\u{430}dams", "adams"), ("\u{440}\u{430}u1", "paul"), ("arnold", "amold"), ("user1", "userl")]
        {
            assert_eq!(clash(new, other), Some(NameFault::LooksAlike), "{new} and {other}");
        }
        for (new, other) in [("adams", "adam"), ("user0001", "user0002"), ("anna", "hanna")] {
            assert_eq!(clash(new, other), None, "{new} and {other}");
        }
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
