//! Clinical text that does not print itself.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Clinical content. `Debug` shows only that it is there; reading it needs [`Sensitive::expose`] with a reason that
/// stands in the source, so that every place where such content leaves its wrapper can be found by search.
///
/// Serialisation is transparent: a `Sensitive` value is written only to the encrypted stores, to the engine's
/// private pipe, and to faces that passed the gate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps clinical content.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The content. `why` is for the reader of the code; it is not recorded.
    pub const fn expose(&self, why: &'static str) -> &T {
        let _ = why;
        &self.0
    }

    /// The content by value.
    pub fn into_exposed(self, why: &'static str) -> T {
        let _ = why;
        self.0
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[clinical content]")
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Sensitive;

    #[test]
    fn debug_never_shows_the_content() {
        let s = Sensitive::new("metoprolol 25 mg".to_owned());
        assert!(!format!("{s:?}").contains("metoprolol"));
    }
}
