//! Lines that leave the house, and the seal that goes with them.
//!
//! An export is a file of lines (JSON Lines: each as it stands in the log; CSV: one row each) and, beside it, a seal: a
//! small JSON document that says what the file holds and is signed with the exporter's own key. It is checked with
//! nothing but the two files; what says whose key it is stands on paper, or in the vault's list of people.

use crate::{
    AuditError, Filter, Receipt,
    follow::Followed,
    forwards::{Forwards, Piece},
    head::Fingerprint,
    hex,
    line::Line,
    ratchet::signed_by,
    verdict::Finding,
};
use cloister_domain::{DetailKey, EventType, MAX_COUNT, Sha256Hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read, Seek, Write},
    ops::ControlFlow,
    path::Path,
};

/// What the exporter's key signs the seal for; the signed message follows after a zero byte.
const PURPOSE: &str = "cloister audit export v1";
const DOMAIN: &[u8] = b"cloister audit export v1\0";
/// No seal is longer.
const MAX_SEAL: u64 = 8192;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One row a line.
    Csv,
    /// The lines as they stand.
    Jsonl,
}

impl ExportFormat {
    /// The word, and the file's ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines.
    pub lines: u64,
    /// Number of the first.
    pub first_seq: Option<u64>,
    /// Number of the last.
    pub last_seq: Option<u64>,
}

/// Writes `filter`'s lines, oldest first. Read from the log's files, never from an index.
///
/// # Errors
/// When the log cannot be read, or `out` not be written.
pub fn write_export(
    dir: &Path,
    filter: &Filter,
    format: ExportFormat,
    out: &mut impl Write,
) -> Result<Exported, AuditError> {
    let cannot_read = AuditError::io("read the log");
    let mut place = Followed::before(dir, filter.from).map_err(AuditError::io("read the log"))?;
    let mut exported = Exported::default();
    let mut failed = None;
    if format == ExportFormat::Csv {
        out.write_all(CSV_HEADING).map_err(AuditError::io("write the export"))?;
    }
    place
        .read(dir, |line, bytes, _| {
            if !filter.wants(line) {
                return ControlFlow::Continue(());
            }
            let written = match format {
                ExportFormat::Jsonl => out.write_all(bytes),
                ExportFormat::Csv => out.write_all(csv_row(line, bytes).as_bytes()),
            };
            if let Err(e) = written {
                failed = Some(e);
                return ControlFlow::Break(());
            }
            exported.lines += 1;
            exported.first_seq.get_or_insert(line.seq);
            exported.last_seq = Some(line.seq);
            ControlFlow::Continue(())
        })
        .map_err(cannot_read)?;
    match failed {
        Some(e) => Err(AuditError::io("write the export")(e)),
        None => Ok(exported),
    }
}

const CSV_HEADING: &[u8] =
    b"seq,time,event_type,user_id,role,session,host,action,target,outcome,details,boot,mono_ms,line_sha256\r\n";

/// RFC 4180. No value begins with what a spreadsheet takes for a formula: the log's grammar has no such words.
fn csv_row(line: &Line<'_>, bytes: &[u8]) -> String {
    let details = line.details.replace('"', "\"\"");
    let or_nothing = |text: Option<&'_ str>| text.unwrap_or_default().to_owned();
    format!(
        "{},{},{},{},{},{},\"{}\",{},{},{},\"{details}\",\"{}\",{},{}\r\n",
        line.seq,
        line.time,
        line.event_type,
        line.user_id,
        or_nothing(line.role),
        or_nothing(line.session),
        line.host,
        line.action,
        or_nothing(line.target),
        line.outcome,
        line.boot,
        line.mono_ms,
        Sha256Hex::from_bytes(&Sha256::digest(bytes).into()),
    )
}

/// The fingerprint of the log's first key, as its first line states it.
///
/// # Errors
/// When the log cannot be read.
pub fn fingerprint(dir: &Path) -> Result<Option<Fingerprint>, AuditError> {
    let mut found = None;
    Followed::default()
        .read(dir, |line, _, _| {
            let vk = line.text(DetailKey::FirstVk.name()).and_then(|text| hex::read(text.as_bytes()));
            found = vk.map(|vk| Fingerprint::of(&vk));
            ControlFlow::Break(())
        })
        .map_err(AuditError::io("read the log"))?;
    Ok(found)
}

/// What the file beside an export says. As JSON: these members in this order, then `sig`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Who exported.
    pub by: String,
    /// The file's length.
    pub bytes: u64,
    /// Which lines were asked for, in words of the filter; empty for all.
    pub filter: BTreeMap<String, String>,
    /// Number of the first line.
    pub first_seq: Option<u64>,
    /// `csv` or `jsonl`.
    pub format: String,
    /// The end of the log when the export was made: the line that records it.
    pub head: Receipt,
    /// The exporter's public key, 64 hexadecimal digits.
    pub key: Sha256Hex,
    /// Number of the last line.
    pub last_seq: Option<u64>,
    /// How many lines.
    pub lines: u64,
    /// The fingerprint of the log's first key.
    pub log: String,
    /// When (RFC 3339).
    pub made: String,
    /// The file's digest.
    pub sha256: Sha256Hex,
    /// Version of this document: 1.
    pub v: u64,
}

impl Seal {
    fn message(&self) -> String {
        // Every member is ASCII without quotes, so serde's form is the canonical one but for the order, which is fixed.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Signs a seal. `sign` gets the purpose and the message and answers with the Ed25519 signature over the purpose, a
/// zero byte and the message. Returns the file's content.
///
/// # Errors
/// What `sign` says.
pub fn seal_export<E>(seal: &Seal, sign: impl FnOnce(&'static str, &[u8]) -> Result<[u8; 64], E>) -> Result<String, E> {
    let message = seal.message();
    let sig = sign(PURPOSE, message.as_bytes())?;
    let mut text = Vec::with_capacity(128);
    hex::push(&sig, &mut text);
    let body = message.strip_suffix('}').unwrap_or(&message);
    Ok(format!("{body},\"sig\":\"{}\"}}\n", String::from_utf8_lossy(&text)))
}

/// What an export and its seal prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedExport {
    /// `intact`, `tampered`, or `unknown` where there is no seal to go by.
    pub verdict: Finding,
    /// Lines read.
    pub entries: u64,
    /// Number of the first.
    pub first_seq: Option<u64>,
    /// Number of the last.
    pub last_seq: Option<u64>,
    /// Digest of the log's last line when the export was made.
    pub head: Option<Sha256Hex>,
    /// What speaks for it: `file` (length and digest), `signature:usr-…`, `chain:N` (so many lines carry the signature
    /// of the key that the line before them announces), `key` (the signing key is the one from paper).
    pub rests_on: Vec<String>,
    /// What is wrong.
    pub reason: Option<String>,
    /// The fingerprint of the key that signed, to be compared with paper.
    pub key: Option<String>,
    /// When it was made.
    pub made: Option<String>,
}

/// Checks an export against its seal, with nothing else at hand; memory stays flat. `key` is the fingerprint of the
/// exporter's key, from paper.
///
/// # Errors
/// When the export cannot be read.
pub fn verify_export(file: &mut File, seal: &mut impl Read, key: Option<&Fingerprint>) -> io::Result<SealedExport> {
    let mut bytes = Vec::new();
    seal.take(MAX_SEAL).read_to_end(&mut bytes)?;
    let mut found = SealedExport {
        verdict: Finding::Unknown,
        entries: 0,
        first_seq: None,
        last_seq: None,
        head: None,
        rests_on: Vec::new(),
        reason: None,
        key: None,
        made: None,
    };
    let Some((seal, sig)) = parse(&bytes) else {
        found.reason = Some("the seal is not one that this program writes".to_owned());
        return Ok(found);
    };
    found.verdict = Finding::Tampered;
    found.made = Some(seal.made.clone());
    let public: Option<[u8; 32]> = hex::read(seal.key.as_str().as_bytes());
    let signed = public.is_some_and(|vk| signed_by(&vk, DOMAIN, &[seal.message().as_bytes()], &sig));
    let Some(public) = public.filter(|_| signed) else {
        found.reason = Some("the seal does not carry the signature of its key".to_owned());
        return Ok(found);
    };
    let print = Fingerprint::of_exporter(&public);
    found.key = Some(print.to_string());
    let read = Reading::of(file, seal.format == ExportFormat::Jsonl.name())?;
    (found.entries, found.first_seq, found.last_seq) = (read.lines, read.first, read.last);
    let same_file = read.bytes == seal.bytes && read.digest.as_ref() == Some(&seal.sha256);
    let fault = if !same_file {
        Some("the file is not the one that was sealed")
    } else if read.lines != seal.lines || (read.first, read.last) != (seal.first_seq, seal.last_seq) {
        Some("the file does not hold the lines that its seal names")
    } else if let Some(fault) = read.fault {
        Some(fault)
    } else if key.is_some_and(|expected| *expected != print) {
        Some("the seal was signed with another key than the one given")
    } else {
        None
    };
    if let Some(fault) = fault {
        found.reason = Some(fault.to_owned());
        return Ok(found);
    }
    found.verdict = Finding::Intact;
    found.head = Some(seal.head.hash.clone());
    found.rests_on = vec!["file".to_owned(), format!("signature:{}", seal.by)];
    if read.chained > 0 {
        found.rests_on.push(format!("chain:{}", read.chained));
    }
    if key.is_some() {
        found.rests_on.push("key".to_owned());
    }
    Ok(found)
}

fn parse(bytes: &[u8]) -> Option<(Seal, [u8; 64])> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix("\"}\n")?;
    let (body, sig) = text.split_at_checked(text.len().checked_sub(128)?)?;
    let message = format!("{}}}", body.strip_suffix(",\"sig\":\"")?);
    let seal: Seal = serde_json::from_str(&message).ok()?;
    // One seal has one spelling.
    (seal.v == 1 && seal.lines <= MAX_COUNT && seal.message() == message).then_some((seal, hex::read(sig.as_bytes())?))
}

/// What a pass over the file found.
#[derive(Default)]
struct Reading {
    bytes: u64,
    digest: Option<Sha256Hex>,
    lines: u64,
    first: Option<u64>,
    last: Option<u64>,
    /// Lines whose signature the line before them vouches for.
    chained: u64,
    fault: Option<&'static str>,
}

impl Reading {
    fn of(file: &mut File, lines: bool) -> io::Result<Self> {
        file.rewind()?;
        let length = file.metadata()?.len();
        let mut pieces = Forwards::new(file.try_clone()?, length);
        let (mut piece, mut hash) = (Vec::new(), Sha256::new());
        let mut reading = Self::default();
        let mut before: Option<(u64, [u8; 32], [u8; 32])> = None;
        let mut heading = !lines;
        loop {
            let kind = pieces.next(&mut piece)?;
            if kind == Piece::End {
                break;
            }
            hash.update(&piece);
            reading.bytes += piece.len() as u64;
            if kind != Piece::Line {
                reading.fault.get_or_insert("something in the file is not a line");
                continue;
            }
            if std::mem::take(&mut heading) {
                continue;
            }
            let seq = if lines {
                let Ok(line) = Line::parse(&piece[..piece.len() - 1]) else {
                    reading.fault.get_or_insert("something in the file is not a line");
                    continue;
                };
                reading.judge(&line, before);
                before = Some((line.seq, Sha256::digest(&piece).into(), line.next_vk));
                Some(line.seq)
            } else {
                std::str::from_utf8(&piece).ok().and_then(|row| row.split(',').next()?.parse().ok())
            };
            reading.lines += 1;
            reading.first = reading.first.or(seq);
            reading.last = seq;
        }
        reading.digest = Some(Sha256Hex::from_bytes(&hash.finalize().into()));
        Ok(reading)
    }

    /// A line right after the one before must hang on to it; one further on must at least come later.
    fn judge(&mut self, line: &Line<'_>, before: Option<(u64, [u8; 32], [u8; 32])>) {
        let Some((seq, hash, vk)) = before else { return };
        if line.seq <= seq {
            self.fault.get_or_insert("the lines are not in their order");
        } else if line.seq == seq + 1 && line.event_type != EventType::IntegrityBreak.name() {
            if line.prev != hash {
                self.fault.get_or_insert("a line does not follow on the one before");
            } else if signed_by(&vk, crate::ratchet::LINE_DOMAIN, &line.signed, &line.sig) {
                self.chained += 1;
            } else {
                self.fault.get_or_insert("a line does not carry the signature of the key announced before");
            }
        }
    }
}
