//! For how long data of one kind are kept.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// As a policy says it: `keep`, or so many days (0 to 36,500).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retain {
    /// Until a person erases them.
    #[default]
    Keep,
    /// So many days after what the kind of data counts from.
    Days(u32),
}

impl Retain {
    const MOST: u32 = 36_500;
    /// What it may be, in words.
    pub(crate) const BOUNDS: &'static str = "keep, or whole days from 0 to 36500";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "keep" => Some(Self::Keep),
            days => days.parse().ok().filter(|d| *d <= Self::MOST).map(Self::Days),
        }
    }
}

impl fmt::Display for Retain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("keep"),
            Self::Days(days) => days.fmt(f),
        }
    }
}

impl Serialize for Retain {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => s.serialize_str("keep"),
            Self::Days(days) => s.serialize_u32(*days),
        }
    }
}

impl<'de> Deserialize<'de> for Retain {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Days(u32),
            Word(String),
        }
        let found = match Either::deserialize(d)? {
            Either::Days(days) => Self::parse(&days.to_string()),
            Either::Word(word) => Self::parse(&word),
        };
        found.ok_or_else(|| serde::de::Error::custom(Self::BOUNDS))
    }
}

#[cfg(test)]
mod tests {
    use super::Retain;

    #[test]
    fn it_is_written_and_read_as_people_say_it() {
        for (text, retain) in [("keep", Retain::Keep), ("0", Retain::Days(0)), ("3650", Retain::Days(3650))] {
            assert_eq!(Retain::parse(text), Some(retain));
            assert_eq!(retain.to_string(), text);
            let json = serde_json::to_value(retain).unwrap();
            assert_eq!(serde_json::from_value::<Retain>(json).unwrap(), retain);
        }
        for text in ["", "forever", "-1", "36501", "1.5", "99999999999"] {
            assert_eq!(Retain::parse(text), None, "{text}");
        }
    }
}
