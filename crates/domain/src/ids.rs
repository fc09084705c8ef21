//! Identifiers as types: a document's id cannot be handed in where a dataset's is asked for.

use crate::{Entropy, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use ulid::Ulid;

/// Why a text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id (it begins with \"{prefix}-\" and 26 letters and digits follow)")]
pub struct IdError {
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $kind:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// Sortable by time of creation (ULID: 48 bits of time, 80 random bits), written with a prefix that names
        /// its kind.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// A fresh identifier.
            ///
            /// # Errors
            /// When there is no randomness to be had.
            pub fn fresh(now: Timestamp, entropy: &dyn Entropy) -> Result<Self, std::io::Error> {
                let mut random = [0u8; 16];
                entropy.fill(&mut random[6..])?;
                let ms = u64::try_from(now.as_millis()).unwrap_or(0);
                Ok(Self(Ulid::from_parts(ms, u128::from_be_bytes(random))))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut buf = [0u8; ulid::ULID_LEN];
                let text: &str = self.0.array_to_str(&mut buf);
                write!(f, concat!($prefix, "-{}"), text.to_ascii_lowercase())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                let err = IdError { kind: $kind, prefix: $prefix };
                let body = s.strip_prefix(concat!($prefix, "-")).ok_or_else(|| err.clone())?;
                Ulid::from_string(body).map(Self).map_err(|_| err)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// One vault: the folder with its keyring, stores and log.
    VaultId "vlt" "vault";
    /// One person's account.
    UserId "usr" "user";
    /// One signed-in session.
    SessionId "ses" "session";
    /// One visit.
    EncounterId "enc" "encounter";
    /// One recording of a visit.
    RecordingId "rec" "recording";
    /// One transcript (a version of what was said).
    TranscriptId "trn" "transcript";
    /// One report.
    DocumentId "doc" "document";
    /// One set of reports.
    DatasetId "dst" "dataset";
    /// One version of an extraction schema.
    SchemaId "sch" "schema";
    /// One run over a dataset.
    BatchId "bat" "batch";
    /// One extraction result.
    ExtractionId "ext" "extraction";
    /// One visit's note, in all its versions.
    NoteId "not" "note";
    /// A line of the operational log, quoted to the user when something went wrong.
    IncidentId "inc" "incident";
}

#[cfg(test)]
mod tests {
    use super::{DocumentId, EncounterId};
    use crate::{Entropy, Timestamp};

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error> {
            out.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn an_id_is_read_back_and_another_kind_is_refused() {
        let id = EncounterId::fresh(Timestamp::from_millis(1_700_000_000_000), &Fixed(7)).unwrap();
        let text = id.to_string();
        assert!(text.starts_with("enc-"), "{text}");
        assert_eq!(text.parse::<EncounterId>().unwrap(), id);
        assert!(text.parse::<DocumentId>().is_err());
        assert_eq!(serde_json::from_str::<EncounterId>(&format!("{text:?}")).unwrap(), id);
    }

    #[test]
    fn later_ids_sort_later() {
        let a = EncounterId::fresh(Timestamp::from_millis(1), &Fixed(255)).unwrap();
        let b = EncounterId::fresh(Timestamp::from_millis(2), &Fixed(0)).unwrap();
        assert!(a < b && a.to_string() < b.to_string());
    }
}
