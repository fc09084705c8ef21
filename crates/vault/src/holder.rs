//! Who can hold keys.

use cloister_domain::UserId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A holder of a key slot: a user, or the recovery key, which is an administrator without a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyHolder {
    /// One account.
    User(UserId),
    /// The recovery key; written `recovery`.
    Recovery,
}

impl fmt::Display for KeyHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Recovery => f.write_str("recovery"),
        }
    }
}

impl FromStr for KeyHolder {
    type Err = cloister_domain::IdError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s == "recovery" { Ok(Self::Recovery) } else { s.parse().map(Self::User) }
    }
}

impl Serialize for KeyHolder {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyHolder {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
