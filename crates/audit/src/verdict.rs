//! What the verifier says.

pub use crate::verify::walk::Segment;

use crate::writer::Break;
use cloister_domain::Sha256Hex;
use serde::{Serialize, Serializer};
use std::fmt;

/// The answer to "could anyone have changed this?".
///
/// As JSON, the members that scripts may rely on: `verdict`, `entries`, `first_seq`, `last_seq`, `head`,
/// `rests_on`, `reason`; besides them `fault` (the reason as a code) and `first_bad_seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The answer in one word.
    pub verdict: Finding,
    /// Lines read that hang together, in each segment up to its first fault.
    pub entries: u64,
    /// Number of the first of them.
    pub first_seq: Option<u64>,
    /// Number of the last of them.
    pub last_seq: Option<u64>,
    /// SHA-256 of the last of them; `None` where a signature found wrong came after it was passed.
    pub head: Option<Sha256Hex>,
    /// What speaks for the verdict. A later end than these know of could have been cut off unseen.
    pub rests_on: Vec<Ground>,
    /// The first fault; `None` for an intact log.
    #[serde(rename = "reason")]
    pub fault: Option<Fault>,
    /// The fault as a code.
    #[serde(rename = "fault")]
    pub code: Option<&'static str>,
    /// Number of the first line that is wrong or missing, where one can be named.
    pub first_bad_seq: Option<u64>,
    /// Bytes of an unfinished line at the end, as a crash leaves it: no fault, and put right at the next start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished_bytes: Option<u64>,
    /// Each segment by itself, once a break has made more than one: a later fault must not hide behind an old one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// Every line is as it was written, and the end is where every witness says.
    Intact,
    /// Something was changed, added, removed or put in another's place.
    Tampered,
    /// Lines are missing at the end; those that are left are as they were written.
    Truncated,
    /// Cannot tell: nothing there, unreadable, or of a later format.
    Unknown,
}

impl Finding {
    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Tampered => "tampered",
            Self::Truncated => "truncated",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A witness that agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// Each line's chain and signature.
    Chain,
    /// The signed head beside the lines.
    Head,
    /// The state file, which also knows the end.
    State,
    /// The end that the store remembers.
    StoreHead,
    /// A checkpoint kept elsewhere, at this line.
    Checkpoint(u64),
    /// The first key's fingerprint, from paper.
    Fingerprint,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain => f.write_str("chain"),
            Self::Head => f.write_str("head"),
            Self::State => f.write_str("state"),
            Self::StoreHead => f.write_str("store_head"),
            Self::Checkpoint(seq) => write!(f, "checkpoint:{seq}"),
            Self::Fingerprint => f.write_str("fingerprint"),
        }
    }
}

impl Serialize for Ground {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $(($arg:ident: $ty:ty))? $code:literal $finding:ident $text:literal;)+) => {
        /// Why a log is not intact.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {$($(#[$doc])* $name $(($ty))?,)+}

        impl Fault {
            /// The fault as a code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)+ }
            }

            /// What it makes of the verdict.
            #[must_use]
            pub const fn finding(self) -> Finding {
                match self {
                    Self::Broken(Break::Truncated | Break::RolledBack) => Finding::Truncated,
                    $(Self::$name { .. } => Finding::$finding,)+
                }
            }
        }

        impl fmt::Display for Fault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $(($arg))? => write!(f, $text),)+ }
            }
        }
    };
}

faults! {
    /// Nothing to verify.
    Empty "empty" Unknown "there is no log here";
    /// The operating system refused.
    Unreadable(kind: std::io::ErrorKind) "unreadable" Unknown "a file of the log cannot be read: {kind}";
    /// A line of a later format.
    Version(version: u64) "later_version" Unknown "the line is of format version {version}, which this program does not know";
    /// A link, pipe or folder where a file of lines should be.
    NotAFile "not_a_file" Tampered "something other than a file stands in a file's place";
    /// Bytes that are no line.
    NotALine "not_a_line" Tampered "the line is not one that the log writes";
    /// A line of another number.
    Sequence(found: u64) "sequence" Tampered "line {found} stands in its place";
    /// The line does not follow on the one before.
    Chain "chain" Tampered "the line does not carry the digest of the one before";
    /// The signature is not that of the announced key.
    Signature "signature" Tampered "the signature is not that of the key announced before";
    /// The first line is not the first line of a log.
    Beginning "beginning" Tampered "the log does not begin with its first line";
    /// The log itself found and recorded a break.
    Broken(how: Break) "broken" Tampered "the log recorded a broken chain ({how})";
    /// `head.json` is not there.
    HeadMissing "head_missing" Tampered "the head file is missing";
    /// `head.json` is not a head, or not this log's.
    HeadWrong "head_wrong" Tampered "the head file is not this log's";
    /// `head.json` knows a later end.
    HeadAhead(seq: u64) "head_ahead" Truncated "the head file knows line {seq}, and the lines end before it";
    /// The state file is not there.
    StateMissing "state_missing" Tampered "the state file is missing";
    /// The state file is not one, or not this log's.
    StateWrong "state_wrong" Tampered "the state file is not this log's";
    /// The state file knows a later end.
    StateAhead(seq: u64) "state_ahead" Truncated "the state file knows line {seq}, and the lines end before it";
    /// The store knows another line of that number.
    StoreHeadWrong "store_head_wrong" Tampered "the store remembers another line of this number";
    /// The store knows a later end.
    StoreHeadAhead(seq: u64) "store_head_ahead" Truncated "the store remembers line {seq}, and the lines end before it";
    /// A checkpoint has another line of that number.
    CheckpointWrong "checkpoint_wrong" Tampered "a checkpoint has another line of this number";
    /// A checkpoint knows a later end.
    CheckpointAhead(seq: u64) "checkpoint_ahead" Truncated "a checkpoint has line {seq}, and the lines end before it";
    /// A checkpoint's line is right and its signature is not.
    CheckpointForged(seq: u64) "checkpoint_forged" Unknown "the checkpoint for line {seq} does not carry this log's signature";
    /// The first key is another one.
    FingerprintWrong "fingerprint_wrong" Tampered "this is not the log of that fingerprint";
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code().as_str())
    }
}
