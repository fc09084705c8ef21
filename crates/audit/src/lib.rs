//! The append-only sealed log: write, verify, query.
//!
//! One line of canonical JSON per event, each chained to the one before by SHA-256 and signed with an Ed25519 key
//! that is used once: whoever takes the machine today can neither change nor cut what was written yesterday without
//! the verifier seeing it. An act may begin only once its line is on disk ([`AuditLog::append`]). The log knows no
//! clinical type; what it may say is `cloister_domain`'s table of events. The format stands in
//! docs/formats-audit.md, what the design defends against in SECURITY.md.

mod alerts;
mod backwards;
mod chain;
mod copy;
mod error;
mod export;
mod files;
mod follow;
mod forwards;
mod harden;
mod head;
mod hex;
mod index;
mod line;
mod lock;
mod log;
mod query;
mod ratchet;
mod recovery;
mod report;
mod reserve;
mod signatures;
mod state;
mod verdict;
mod verify;
mod writer;

pub use alerts::{Acknowledged, Alert, AlertKind, Alerts, Due, Watch};
pub use copy::LogCopy;
pub use error::AuditError;
pub use export::{ExportFormat, Exported, Seal, SealedExport, fingerprint, seal_export, verify_export, write_export};
pub use harden::{Hardened, harden};
pub use head::{Fingerprint, Head, Receipt};
pub use index::{Index, Overview, Slice, Tally};
pub use log::{AuditLog, Environment};
pub use query::{Filter, LogLine, Page, holds, lines, newest, unanswered};
pub use report::{AdministrativeAct, EventCount, PersonRow, Report};
pub use verdict::{Fault, Finding, Ground, Segment, Verdict};
pub use verify::{Evidence, verify};
pub use writer::{Break, Notice};
