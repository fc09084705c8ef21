//! docs/audit-events.md is printed from the table of events. `UPDATE_DOCS=1 cargo test -p cloister-audit --test
//! reference` prints it anew.
#![allow(clippy::unwrap_used)]

use cloister_domain::{DetailKey, EventType, MAX_FIELDS, Outcome};
use std::{env, fmt::Write, fs, path::Path};

const INTRODUCTION: &str = "\
# What the audit log records

One line of JSON per event, in the canonical form of RFC 8785. The table below is the whole of what a line may say; \
the program refuses anything else before it is written. This page is printed from the program's own table \
(`crates/domain/src/audit_event/catalogue.rs`), and a test keeps the two the same. How lines are chained, signed and \
verified stands in formats-audit.md.

## Nothing in it is free text

People read logs who may not read records, and a log is kept longer than what it speaks of. So a line holds counts, \
codes, digests and identifiers, and nothing that a person typed or a model wrote:

- A *code* is a word of the program's own, fixed when it is built: 1 to 128 of `a-z 0-9 _ . : @ + -`.
- A *hash* is 64 hexadecimal digits: a SHA-256, or 32 other bytes where the table says so.
- A *record* is named by its kind and a pseudonym: sixteen bytes of a keyed hash, the same for the same record, and \
meaningless without the key. Who holds the key and knows a record's number can ask who looked at it.
- A *file* goes by the digest of its content. Earlier designs logged `source_file`: but `smith_john_biopsy.csv` is a \
patient's name and a diagnosis. Whoever has the file can compute its digest and find its line; whoever has not learns \
nothing.
- A *pseudonym* is 32 hexadecimal digits: sixteen bytes of a keyed hash of a record's number.
- A *field name* stands as it is where it is made of a code's letters and at most 64 long, and as the SHA-256 of its \
name otherwise.
- A purpose, a reason in words, a note: kept in the store, where the roles decide who reads it. The log says that \
there was one.
- A name that no account has goes by a salted hash: people type passwords into name fields.

## The fields of every line

| field | what it is |
|---|---|
| `seq` | the line's number, from 1, without gaps |
| `time` | the wall clock, RFC 3339 in UTC with milliseconds; it can be set, so never the only witness |
| `boot`, `mono_ms` | which boot of the machine, and milliseconds since then, sleep included; these cannot be set |
| `event_type` | one of the types below |
| `user_id` | `usr-…`, `system`, or `unknown:` and a salted hash |
| `role`, `session` | the role the person had and their session; `null` where there is none |
| `host` | the machine's name |
| `action` | the command or inner act, a code |
| `target` | `KIND:PSEUDONYM` of a record (`patient`, `encounter`, `recording`, `transcript`, `document`, `dataset`, \
`schema`, `batch`, `extraction`, `file`), `account:usr-…`, `model:SHA256`, `part:CODE`; or `null` |
| `outcome` | see below |
| `details` | what the tables below allow for the type |
| `prev`, `next_vk`, `sig` | the chain: digest of the line before, the next line's public key, the signature |

## Outcomes

An act leaves two lines: one before it begins and one when it is over, which names the first in `details.attempt`. \
What is decided in an instant is one line. An attempt that nothing answers was interrupted.

";

fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("| outcome | when |\n|---|---|\n");
    for outcome in Outcome::ALL {
        let when = match outcome {
            Outcome::Attempt => "admitted and about to begin; durable before it does",
            Outcome::Success => "done",
            Outcome::Denied => "refused by the gate",
            Outcome::Failure => "tried and failed",
            Outcome::Interrupted => "begun, and ended by a crash, a cancel or a lock before it was done",
        };
        writeln!(page, "| `{outcome}` | {when} |").unwrap();
    }
    page.push_str(
        "\n## Events\n\n*Reserve*: may be written into the 16 MiB that are kept for a full disk, because it lets a \
         person in to make room, closes what is open, or speaks of the log itself.\n",
    );
    let mut group = "";
    for event in EventType::ALL {
        if event.group() != group {
            group = event.group();
            write!(page, "\n### {group}\n\n| event | what it says | details | reserve |\n|---|---|---|---|\n").unwrap();
        }
        let details: Vec<_> = event.details().iter().map(|key| format!("`{key}`")).collect();
        let reserve = if event.draws_on_reserve() { "yes" } else { "" };
        let details = if details.is_empty() { "none".to_owned() } else { details.join(", ") };
        writeln!(page, "| `{event}` | {} | {details} | {reserve} |", event.meaning()).unwrap();
    }
    write!(
        page,
        "\n## Details\n\nEvery detail may be left out. Counts are whole numbers up to 2^53 - 1, lists have at most \
         {MAX_FIELDS} entries.\n\n| detail | is a | what it says |\n|---|---|---|\n"
    )
    .unwrap();
    for key in DetailKey::ALL {
        writeln!(page, "| `{key}` | {} | {} |", key.kind(), key.meaning()).unwrap();
    }
    page.push_str(
        "\n## What logs like this are asked to hold\n\nThere is no network, so there are no addresses and no webhook \
         deliveries to record.\n\n| asked for | here |\n|---|---|\n",
    );
    for (asked, events) in ASKED_FOR {
        let events: Vec<_> = events.iter().map(|name| format!("`{}`", name.parse::<EventType>().unwrap())).collect();
        writeln!(page, "| {asked} | {} |", events.join(", ")).unwrap();
    }
    page
}

/// What guides to logging in clinical software ask for, and where it stands here.
const ASKED_FOR: &[(&str, &[&str])] = &[
    ("authentication: who, when, success or failure", &["sign_in", "step_up", "refused"]),
    ("sign-out and session time-outs", &["sign_out", "session_timeout", "session_lock"]),
    ("session creation", &["sign_in"]),
    ("password and second factor changes", &["password_change", "second_factor_change", "account_reset"]),
    (
        "accounts, roles, enrolment",
        &[
            "account_create",
            "account_change",
            "account_disable",
            "enrolment_request",
            "enrolment_decision",
            "directory_role",
        ],
    ),
    ("recording and access to audio", &["recording_start", "recording_pause", "recording_stop", "audio_access"]),
    ("access to clinical data: session, who, when", &["read", "break_glass", "refused"]),
    ("file uploads", &["import"]),
    ("extraction: initiation and end", &["extraction_start", "batch_progress", "extraction_end"]),
    ("transcription", &["transcription_start", "transcription_end"]),
    ("result downloads", &["export"]),
    ("sign-off and changes of records", &["sign", "change"]),
    ("configuration changes", &["configuration", "schema_add", "key_rotation"]),
    ("service starts and stops", &["service_start", "service_stop"]),
    ("error conditions", &["error"]),
    ("performance and use of resources", &["resources", "extraction_end", "transcription_end"]),
    ("alerts and what came of them", &["alert", "alert_acknowledged"]),
    ("retention, deletion, backups", &["retention", "deletion", "backup"]),
    ("models", &["model_import", "model_remove"]),
    ("the log itself: reading, exports, verification", &["log_read", "log_export", "log_verified"]),
];

#[test]
fn the_documentation_lists_exactly_what_the_program_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit-events.md");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, reference()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == reference(), "docs/audit-events.md is not the table's: run with UPDATE_DOCS=1");
}
