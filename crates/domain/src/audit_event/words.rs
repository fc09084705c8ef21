//! The words of an event: the program's own, and the names of a schema's fields.

use crate::Sha256Hex;
use std::fmt;

/// A word of the program's own: one to 128 of `a-z 0-9 _ . : @ + -`. Only a string literal can become one, so that
/// nothing a person typed or a model wrote can stand where a code stands. Made with [`code!`](crate::code).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// `None` for a literal that is not a code. [`code!`](crate::code) asks at compile time.
    #[must_use]
    pub const fn new(literal: &'static str) -> Option<Self> {
        if is_code(literal.as_bytes()) { Some(Self(literal)) } else { None }
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A [`Code`] from a literal or constant; one that is not a code does not compile.
///
/// ```
/// let action = cloister_domain::code!("transcript.read");
/// assert_eq!(action.as_str(), "transcript.read");
/// ```
/// ```compile_fail
/// let name = cloister_domain::code!("John Smith");
/// ```
#[macro_export]
macro_rules! code {
    ($literal:expr) => {
        const {
            match $crate::Code::new($literal) {
                Some(code) => code,
                None => panic!("a code is 1 to 128 of a-z 0-9 _ . : @ + -"),
            }
        }
    };
}

const fn is_code(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > 128 {
        return false;
    }
    let mut i = 0;
    while i < text.len() {
        if !matches!(text[i], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'@' | b'+' | b'-') {
            return false;
        }
        i += 1;
    }
    true
}

/// The name of a schema's field, for "which fields left the house". A name in the alphabet of codes stands as it
/// is; any other (spaces, capitals, other scripts, over 64 characters) is given by its caller's SHA-256.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(String);

impl FieldName {
    /// `None` when the name does not fit: use [`FieldName::hashed`].
    #[must_use]
    pub fn plain(name: &str) -> Option<Self> {
        (name.len() <= 64 && is_code(name.as_bytes())).then(|| Self(name.to_owned()))
    }

    /// `sha256:` and the digest of the name in UTF-8.
    #[must_use]
    pub fn hashed(digest: &Sha256Hex) -> Self {
        Self(format!("sha256:{digest}"))
    }

    /// As it stands in the log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
