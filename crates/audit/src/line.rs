//! One line: RFC 8785 canonical JSON, written and read here alone (docs/formats-audit.md).
//!
//! Every value is an integer or a string of printable ASCII without quote or backslash, so the canonical form needs
//! no escapes and no floating point: members in alphabetical order, no spaces. The reader accepts exactly what the
//! writer can write. That makes "canonical" a property of the grammar instead of a second pass, and any other
//! spelling of the same content is not a line.

use crate::hex;
use cloister_domain::{Actor, AuditEvent, Detail, DetailKey, EventType, MAX_COUNT, Sha256Hex, Timestamp};
use std::io::Write;

/// The longest line, its newline included. The longest event of the table stays well below.
pub(crate) const MAX_LINE: usize = 16 * 1024;

/// Everything a line says besides its signature.
pub(crate) struct Draft<'a> {
    pub(crate) seq: u64,
    pub(crate) time: Timestamp,
    pub(crate) boot: &'a str,
    pub(crate) mono_ms: u64,
    pub(crate) host: &'a str,
    pub(crate) event: &'a AuditEvent,
    pub(crate) prev: [u8; 32],
    pub(crate) next_vk: [u8; 32],
}

impl Draft<'_> {
    /// The canonical text in two parts: what comes before the member `sig`, and what comes after. Together, in this
    /// order, they are the canonical form of the line without its signature: the message that is signed.
    pub(crate) fn parts(&self) -> (Vec<u8>, Vec<u8>) {
        let event = self.event;
        let (user_id, role, session) = match event.actor() {
            Actor::User { id, role, session } => (id.to_string(), Some(role.name()), session.map(|s| s.to_string())),
            other => (other.user_id(), None, None),
        };
        let mut before = Vec::with_capacity(1024);
        member(&mut before, b'{', "action", event.action().as_str());
        member(&mut before, b',', "boot", self.boot);
        before.extend_from_slice(b",\"details\":");
        details(&mut before, event);
        member(&mut before, b',', "event_type", event.event_type().name());
        member(&mut before, b',', "host", self.host);
        number(&mut before, "mono_ms", self.mono_ms);
        hex_member(&mut before, "next_vk", &self.next_vk);
        member(&mut before, b',', "outcome", event.outcome().name());
        hex_member(&mut before, "prev", &self.prev);
        nullable(&mut before, "role", role);
        number(&mut before, "seq", self.seq);
        nullable(&mut before, "session", session.as_deref());
        let mut after = Vec::with_capacity(256);
        nullable(&mut after, "target", event.target_ref().map(ToString::to_string).as_deref());
        member(&mut after, b',', "time", &self.time.to_string());
        member(&mut after, b',', "user_id", &user_id);
        after.push(b'}');
        (before, after)
    }
}

/// The whole line, with its newline.
pub(crate) fn assemble(before: &[u8], sig: &[u8; 64], after: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(before.len() + after.len() + 140);
    line.extend_from_slice(before);
    hex_member(&mut line, "sig", sig);
    line.extend_from_slice(after);
    line.push(b'\n');
    line
}

fn member(out: &mut Vec<u8>, lead: u8, key: &str, value: &str) {
    out.push(lead);
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

fn nullable(out: &mut Vec<u8>, key: &str, value: Option<&str>) {
    match value {
        Some(text) => member(out, b',', key, text),
        None => {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\":null");
        }
    }
}

fn number(out: &mut Vec<u8>, key: &str, n: u64) {
    // Writing to a Vec cannot fail.
    let _ = write!(out, ",\"{key}\":{n}");
}

fn hex_member(out: &mut Vec<u8>, key: &str, bytes: &[u8]) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    hex::push(bytes, out);
    out.push(b'"');
}

fn details(out: &mut Vec<u8>, event: &AuditEvent) {
    let mut sorted: Vec<_> = event.details().iter().map(|(key, value)| (key.name(), value)).collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (i, (name, value)) in sorted.into_iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        // Writing to a Vec cannot fail.
        let _ = match value {
            Detail::Count(n) => write!(out, "{comma}\"{name}\":{n}"),
            Detail::Code(code) => write!(out, "{comma}\"{name}\":\"{code}\""),
            Detail::Hash(hash) => write!(out, "{comma}\"{name}\":\"{hash}\""),
            Detail::Incident(id) => write!(out, "{comma}\"{name}\":\"{id}\""),
            Detail::Record(pseudonym) => write!(out, "{comma}\"{name}\":\"{pseudonym}\""),
            Detail::Account(id) => write!(out, "{comma}\"{name}\":\"{id}\""),
            Detail::Fields(names) => {
                let list: Vec<_> = names.iter().map(|n| format!("\"{}\"", n.as_str())).collect();
                write!(out, "{comma}\"{name}\":[{}]", list.join(","))
            }
        };
    }
    out.push(b'}');
}

/// A line as read, borrowing from its bytes. Nothing is verified yet.
pub(crate) struct Line<'a> {
    pub(crate) action: &'a str,
    pub(crate) boot: &'a str,
    /// The details as they stand, `{…}`.
    pub(crate) details: &'a str,
    pub(crate) event_type: &'a str,
    pub(crate) host: &'a str,
    pub(crate) mono_ms: u64,
    pub(crate) next_vk: [u8; 32],
    pub(crate) outcome: &'a str,
    pub(crate) prev: [u8; 32],
    pub(crate) role: Option<&'a str>,
    pub(crate) seq: u64,
    pub(crate) session: Option<&'a str>,
    pub(crate) sig: [u8; 64],
    pub(crate) target: Option<&'a str>,
    pub(crate) time: &'a str,
    pub(crate) user_id: &'a str,
    /// The message that `sig` signs, in two parts.
    pub(crate) signed: [&'a [u8]; 2],
}

/// Why bytes are not a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFault {
    /// They end early, and are right so far: what a crash or a cut leaves.
    Cut,
    /// They are not a line of this format.
    NotALine,
    /// They end in `"v":N}`, N at least 2: the mark that later formats carry.
    Version(u64),
}

impl<'a> Line<'a> {
    /// Reads one line, without its newline.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, LineFault> {
        Self::parse_strictly(bytes).map_err(|fault| match later_version(bytes) {
            Some(version) => LineFault::Version(version),
            None => fault,
        })
    }

    fn parse_strictly(bytes: &'a [u8]) -> Result<Self, LineFault> {
        let mut r = Reader { bytes, at: 0 };
        r.expect(b"{\"action\":")?;
        let action = r.string()?;
        r.expect(b",\"boot\":")?;
        let boot = r.string()?;
        r.expect(b",\"details\":")?;
        let details = r.details(|_, _| {})?;
        r.expect(b",\"event_type\":")?;
        let event_type = r.string()?;
        r.expect(b",\"host\":")?;
        let host = r.string()?;
        r.expect(b",\"mono_ms\":")?;
        let mono_ms = r.number()?;
        r.expect(b",\"next_vk\":")?;
        let next_vk = r.hex()?;
        r.expect(b",\"outcome\":")?;
        let outcome = r.string()?;
        r.expect(b",\"prev\":")?;
        let prev = r.hex()?;
        r.expect(b",\"role\":")?;
        let role = r.nullable()?;
        r.expect(b",\"seq\":")?;
        let seq = r.number()?;
        r.expect(b",\"session\":")?;
        let session = r.nullable()?;
        let before = &bytes[..r.at];
        r.expect(b",\"sig\":")?;
        let sig = r.hex()?;
        let after = &bytes[r.at..];
        r.expect(b",\"target\":")?;
        let target = r.nullable()?;
        r.expect(b",\"time\":")?;
        let time = r.string()?;
        r.expect(b",\"user_id\":")?;
        let user_id = r.string()?;
        r.expect(b"}")?;
        if r.at != bytes.len() {
            return Err(LineFault::NotALine);
        }
        Ok(Self {
            action,
            boot,
            details,
            event_type,
            host,
            mono_ms,
            next_vk,
            outcome,
            prev,
            role,
            seq,
            session,
            sig,
            target,
            time,
            user_id,
            signed: [before, after],
        })
    }

    /// A detail that is a number.
    pub(crate) fn count(&self, key: &str) -> Option<u64> {
        match self.detail(key)? {
            Value::Number(n) => Some(n),
            Value::Text(_) | Value::List => None,
        }
    }

    /// A detail that is a string.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        match self.detail(key)? {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::List => None,
        }
    }

    /// Whether this is the line with which recovery named an unfinished line of this length and digest.
    pub(crate) fn answers_for(&self, length: u64, digest: &[u8; 32]) -> bool {
        self.event_type == EventType::Recovered.name()
            && self.count(DetailKey::Length.name()) == Some(length)
            && self.text(DetailKey::Sha256.name()) == Some(Sha256Hex::from_bytes(digest).as_str())
    }

    fn detail(&self, wanted: &str) -> Option<Value<'a>> {
        let mut found = None;
        Reader { bytes: self.details.as_bytes(), at: 0 }
            .details(|key, value| {
                if key == wanted {
                    found = Some(value);
                }
            })
            .ok()?;
        found
    }
}

fn later_version(bytes: &[u8]) -> Option<u64> {
    let body = bytes.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let digits = body.iter().rev().take(9).take_while(|b| b.is_ascii_digit()).count();
    let (rest, number) = body.split_at(body.len() - digits);
    let version = std::str::from_utf8(number).ok()?.parse().ok()?;
    (rest.ends_with(b",\"v\":") && version >= 2).then_some(version)
}

#[derive(Clone, Copy)]
enum Value<'a> {
    Number(u64),
    Text(&'a str),
    List,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Result<u8, LineFault> {
        self.bytes.get(self.at).copied().ok_or(LineFault::Cut)
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), LineFault> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(text) {
            self.at += text.len();
            Ok(())
        } else if text.starts_with(rest) {
            Err(LineFault::Cut)
        } else {
            Err(LineFault::NotALine)
        }
    }

    fn string(&mut self) -> Result<&'a str, LineFault> {
        self.expect(b"\"")?;
        let from = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => return Err(LineFault::NotALine),
                b' '..=b'~' => self.at += 1,
                _ => return Err(LineFault::NotALine),
            }
        }
        let text = std::str::from_utf8(&self.bytes[from..self.at]).map_err(|_| LineFault::NotALine)?;
        self.at += 1;
        Ok(text)
    }

    fn nullable(&mut self) -> Result<Option<&'a str>, LineFault> {
        if self.peek()? == b'n' { self.expect(b"null").map(|()| None) } else { self.string().map(Some) }
    }

    fn hex<const N: usize>(&mut self) -> Result<[u8; N], LineFault> {
        hex::read(self.string()?.as_bytes()).ok_or(LineFault::NotALine)
    }

    fn number(&mut self) -> Result<u64, LineFault> {
        let from = self.at;
        let mut n = 0_u64;
        while let digit @ b'0'..=b'9' = self.peek()? {
            // One spelling per number: no leading zero, nothing beyond what a double holds exactly.
            if self.at > from && n == 0 {
                return Err(LineFault::NotALine);
            }
            n = n * 10 + u64::from(digit - b'0');
            if n > MAX_COUNT {
                return Err(LineFault::NotALine);
            }
            self.at += 1;
        }
        if self.at == from { Err(LineFault::NotALine) } else { Ok(n) }
    }

    /// An object whose values are numbers, strings or lists of strings, its keys in strictly rising order.
    fn details(&mut self, mut visit: impl FnMut(&'a str, Value<'a>)) -> Result<&'a str, LineFault> {
        let from = self.at;
        self.expect(b"{")?;
        let mut last: Option<&str> = None;
        while self.peek()? != b'}' {
            if last.is_some() {
                self.expect(b",")?;
            }
            let key = self.string()?;
            if last.is_some_and(|l| l >= key) {
                return Err(LineFault::NotALine);
            }
            last = Some(key);
            self.expect(b":")?;
            let value = match self.peek()? {
                b'"' => Value::Text(self.string()?),
                b'[' => self.list()?,
                _ => Value::Number(self.number()?),
            };
            visit(key, value);
        }
        self.at += 1;
        std::str::from_utf8(&self.bytes[from..self.at]).map_err(|_| LineFault::NotALine)
    }

    fn list(&mut self) -> Result<Value<'a>, LineFault> {
        self.expect(b"[")?;
        let mut first = true;
        while self.peek()? != b']' {
            if !first {
                self.expect(b",")?;
            }
            first = false;
            self.string()?;
        }
        self.at += 1;
        Ok(Value::List)
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, Line, LineFault, assemble};
    use cloister_domain::{
        Actor, AuditEvent, AuditTarget, Detail, DetailKey, EventType, FieldName, Outcome, Pseudonym, RecordKind, Role,
        Sha256Hex, Timestamp, code,
    };

    fn line() -> Vec<u8> {
        let event = AuditEvent::new(
            EventType::Export,
            code!("batch.export"),
            Actor::User {
                id: "usr-01arz3ndektsv4rrffq69g5fav".parse().unwrap(),
                role: Role::Researcher,
                session: None,
            },
            Outcome::Success,
        )
        .target(AuditTarget::Record { kind: RecordKind::Batch, pseudonym: Pseudonym::from_bytes([7; 16]) })
        .count(DetailKey::Documents, 20)
        .code(DetailKey::Format, code!("csv"))
        .hash(DetailKey::FileSha256, Sha256Hex::from_bytes(&[9; 32]))
        .detail(
            DetailKey::FieldNames,
            Detail::Fields(vec![FieldName::plain("dose").unwrap(), FieldName::plain("route").unwrap()]),
        );
        let draft = Draft {
            seq: 12,
            time: Timestamp::from_millis(1_795_446_000_120),
            boot: "b0",
            mono_ms: 7,
            host: "ward-3",
            event: &event,
            prev: [1; 32],
            next_vk: [2; 32],
        };
        let (before, after) = draft.parts();
        assemble(&before, &[3; 64], &after)
    }

    #[test]
    fn a_line_is_rfc_8785_canonical_and_so_is_what_is_signed() {
        let bytes = line();
        let text = &bytes[..bytes.len() - 1];
        let mut value: serde_json::Value = serde_json::from_slice(text).unwrap();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), text);
        value.as_object_mut().unwrap().remove("sig");
        let signed = Line::parse(text).unwrap().signed.concat();
        assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), signed);
    }

    #[test]
    fn a_line_is_read_back() {
        let bytes = line();
        let line = Line::parse(&bytes[..bytes.len() - 1]).unwrap();
        assert_eq!((line.seq, line.mono_ms, line.prev, line.next_vk, line.sig), (12, 7, [1; 32], [2; 32], [3; 64]));
        assert_eq!((line.event_type, line.outcome, line.role), ("export", "success", Some("researcher")));
        assert_eq!(line.target, Some("batch:07070707070707070707070707070707"));
        assert_eq!((line.count("documents"), line.text("format"), line.count("format")), (Some(20), Some("csv"), None));
    }

    #[test]
    fn every_prefix_is_cut_and_every_addition_is_not_a_line() {
        let bytes = line();
        let text = &bytes[..bytes.len() - 1];
        for n in 0..text.len() {
            assert_eq!(Line::parse(&text[..n]).err(), Some(LineFault::Cut), "{n}");
        }
        assert_eq!(Line::parse(&[text, b" "].concat()).err(), Some(LineFault::NotALine));
    }

    #[test]
    fn other_spellings_of_the_same_content_are_not_lines() {
        let text = String::from_utf8(line()).unwrap();
        let text = text.trim_end();
        for (from, to) in [
            (":20,", ":20.0,"),
            (":20,", ":020,"),
            (":20,", ":2e1,"),
            ("\"csv\"", "\"\\u0063sv\""),
            ("\"documents\":20,", "\"documents\":20, "),
            ("0202", "0A02"),
            ("\"seq\":12", "\"seq\":9007199254740992"),
            ("{\"documents\":20,\"fields\":", "{\"fields\":[],\"documents\":20,\"x\":"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text, "{from} does not occur");
            assert_eq!(Line::parse(other.as_bytes()).err(), Some(LineFault::NotALine), "{to}");
        }
    }

    #[test]
    fn a_later_format_is_named() {
        assert_eq!(Line::parse(br#"{"a":1,"v":2}"#).err(), Some(LineFault::Version(2)));
        assert_eq!(Line::parse(br#"{"a":1,"v":1}"#).err(), Some(LineFault::NotALine));
        assert_eq!(Line::parse(b"").err(), Some(LineFault::Cut));
    }
}
