//! What a crash left is put right; what a crash cannot have left breaks the chain, and a new segment begins.
//!
//! Lines reach the disk before the state does. So after a crash the state stands at or behind the last line, and at
//! most one line is unfinished: whole lines are taken over, the unfinished one is ended and named in a `recovered`
//! line, nothing is ever cut off. A state ahead of the lines, or whole lines that the chain does not know, are no
//! crash.

use crate::{
    AuditError,
    backwards::Backwards,
    chain::Chain,
    files::{self, FileName},
    head::Head,
    line::{Line, LineFault, MAX_LINE},
    query,
    state::{State, StateFault},
    writer::{Break, FORMAT_VERSION, Notice, Writer, system},
};
use cloister_domain::{Code, DetailKey, EventType, Sha256Hex, code};
use sha2::{Digest, Sha256};
use std::{fs::File, io, os::unix::fs::FileExt};

/// More than this behind the state is no crash: a group of the longest lines, twice over.
pub(crate) const MAX_TAIL: u64 = 2 * 256 * MAX_LINE as u64;

/// No counter of ours gets this far; a larger one in a damaged file is not believed.
const CREDIBLE_SEQ: u64 = 1 << 52;

impl Writer {
    /// The end to go on from. Called under the lock before every group.
    pub(crate) fn resume(&mut self, state_file: &File) -> Result<State, AuditError> {
        match State::read(state_file) {
            Ok(state) => self.catch_up(state),
            Err(StateFault::Io(e)) => Err(AuditError::io("read the log's state")(e)),
            Err(StateFault::Damaged) => {
                let empty = state_file.metadata().is_ok_and(|m| m.len() == 0);
                self.begin_segment(if empty { Break::StateMissing } else { Break::StateDamaged }, None)
            }
        }
    }

    /// Takes over what the newest file holds beyond the state.
    pub(crate) fn catch_up(&mut self, state: State) -> Result<State, AuditError> {
        let path = self.dir.join(state.file.to_string());
        let held = self.newest.as_ref().is_some_and(|(name, file)| *name == state.file && files::still_at(&path, file));
        if !held {
            match files::open_append(&path) {
                Ok(file) => self.newest = Some((state.file, file)),
                Err(e) if is_gone(&e) => return self.begin_segment(Break::Truncated, Some(&state)),
                Err(e) => return Err(AuditError::io("open the log")(e)),
            }
        }
        let Some((_, file)) = &self.newest else { return Err(AuditError::Failed) };
        let length = file.metadata().map_err(AuditError::io("read the log"))?.len();
        match length.checked_sub(state.length) {
            Some(0) => Ok(state),
            None => self.begin_segment(Break::Truncated, Some(&state)),
            Some(tail) if tail > MAX_TAIL => self.begin_segment(Break::ForeignLines, Some(&state)),
            Some(tail) => {
                let mut bytes = vec![0; usize::try_from(tail).unwrap_or(0)];
                file.read_exact_at(&mut bytes, state.length).map_err(AuditError::io("read the log"))?;
                self.absorb(state, &bytes)
            }
        }
    }

    fn absorb(&mut self, state: State, tail: &[u8]) -> Result<State, AuditError> {
        let (name, length) = (state.file, state.length + tail.len() as u64);
        let known = Known { segment: name.segment, seq: state.seq };
        let mut chain = Chain::new(state.seq, state.hash, state.seed);
        let accepted = accept_from(&mut chain, tail, 0);
        let rest = &tail[accepted..];
        let mut out = Vec::new();
        if !rest.is_empty() {
            out.push(b'\n');
            let ended = [tail, b"\n"].concat();
            if accept_from(&mut chain, &ended, accepted) != ended.len() {
                if !is_unfinished(rest) {
                    return self.begin_segment_after(Break::ForeignLines, Some(known));
                }
                let event = recovered(code!("unfinished_line"))
                    .count(DetailKey::Length, rest.len() as u64)
                    .hash(DetailKey::Sha256, Sha256Hex::from_bytes(&Sha256::digest(rest).into()));
                self.extend_with(&mut chain, event, &mut out);
                self.notices.push(Notice::Recovered { length: rest.len() as u64 });
            }
        }
        self.write_lines(&out, true)?;
        self.settle(name, length + out.len() as u64, chain, 0)
    }

    /// At opening: besides the crash cases, whether the state, the last line, the head and the files of the folder
    /// agree. (The chain before the last line is the verifier's business.)
    pub(crate) fn inspect(&mut self, state_file: &File) -> Result<(), AuditError> {
        let mut state = self.resume(state_file)?;
        for name in files::list(&self.dir).map_err(AuditError::io("read the log's folder"))? {
            if name.segment > state.file.segment {
                self.begin_segment(Break::RolledBack, Some(&state))?;
                return Ok(());
            }
            state = self.turn_month(state, name, true)?;
        }
        let (file, length, seq, hash) = (state.file, state.length, state.seq, state.hash);
        let known = Known { segment: file.segment, seq };
        let mut chain = Chain::new(seq, hash, state.seed);
        let last = self.last_line(file.segment, Some((file, length)))?;
        let announced = last.as_ref().and_then(|l| Line::parse(l.strip_suffix(b"\n")?).ok()).map(|l| l.next_vk);
        if announced != Some(chain.vk()) || last.is_none_or(|l| hash != *Sha256::digest(l)) {
            self.begin_segment_after(Break::LastLineChanged, Some(known))?;
            return Ok(());
        }
        let expected = chain.head();
        let found = Head::read_bytes(&self.dir).unwrap_or_default();
        let reason = match (&found, found.as_deref().and_then(Head::parse)) {
            (Some(bytes), _) if bytes == expected.to_json().as_bytes() => None,
            (_, Some(head)) if head.seq() > seq => {
                self.begin_segment_after(Break::RolledBack, Some(known))?;
                return Ok(());
            }
            // A crash leaves an earlier head, which is as true as ever.
            (_, Some(head)) if head.seq() < seq && self.was_the_end(&head)? => None,
            (Some(_), _) => Some(code!("head_damaged")),
            (None, _) => Some(code!("head_missing")),
        };
        if let Some(reason) = reason {
            let mut out = Vec::new();
            self.extend_with(&mut chain, recovered(reason), &mut out);
            self.write_lines(&out, true)?;
            self.settle(file, length + out.len() as u64, chain, 0)?;
            self.notices.push(Notice::HeadRestored);
        } else {
            self.set_head(expected);
        }
        Ok(())
    }

    fn begin_segment(&mut self, why: Break, state: Option<&State>) -> Result<State, AuditError> {
        self.begin_segment_after(why, state.map(|s| Known { segment: s.file.segment, seq: s.seq }))
    }

    /// Goes on in a new segment, whose first line names the break, carries its own first key, and is chained to the
    /// last whole line there is.
    fn begin_segment_after(&mut self, why: Break, known: Option<Known>) -> Result<State, AuditError> {
        let files = files::list(&self.dir).map_err(AuditError::io("read the log's folder"))?;
        let newest = files.last().map_or(0, |name| name.segment);
        let last = self.last_line(newest, None)?;
        let last_seq = last.as_ref().and_then(|l| Line::parse(l.strip_suffix(b"\n")?).ok()).map_or(0, |line| line.seq);
        let known_seq = known.as_ref().map_or(0, |k| k.seq);
        let seq = [last_seq, known_seq].into_iter().filter(|seq| *seq < CREDIBLE_SEQ).max().unwrap_or(0);
        let expected = if known.is_some() { known_seq.min(last_seq) } else { last_seq } + 1;
        let seed = self.fresh_seed()?;
        let event = system(EventType::IntegrityBreak, code!("log.break"))
            .code(DetailKey::Reason, why.code())
            .count(DetailKey::ExpectedSeq, expected.min(CREDIBLE_SEQ))
            .hash(DetailKey::FirstVk, Sha256Hex::from_bytes(&seed.key().verifying_key().to_bytes()))
            .count(DetailKey::FormatVersion, FORMAT_VERSION);
        let prev = last.map_or([0; 32], |line| Sha256::digest(line).into());
        let segment = newest.max(known.map_or(0, |k| k.segment)).saturating_add(1).max(2);
        let state = self.begin_file(segment, Chain::new(seq, prev, seed), event)?;
        self.notices.push(Notice::Broken(why));
        Ok(state)
    }

    /// Whether the log once ended where `head` says.
    fn was_the_end(&self, head: &Head) -> Result<bool, AuditError> {
        let found = query::line(&self.dir, head.seq()).map_err(AuditError::io("read the log"))?;
        Ok(found
            .is_some_and(|(hash, next_vk)| Sha256Hex::from_bytes(&hash) == *head.hash() && head.signed_by(&next_vk)))
    }

    /// The last whole line of a segment, read no further than `end` says for the file it names.
    fn last_line(&self, segment: u32, end: Option<(FileName, u64)>) -> Result<Option<Vec<u8>>, AuditError> {
        let doing = "read the log";
        let files = files::list(&self.dir).map_err(AuditError::io(doing))?;
        for name in files.into_iter().rev().filter(|name| name.segment == segment) {
            let file = match files::open_plain(&self.dir.join(name.to_string())) {
                Ok(file) => file,
                Err(e) if is_gone(&e) => continue,
                Err(e) => return Err(AuditError::io(doing)(e)),
            };
            let length = match end {
                Some((bounded, length)) if bounded == name => length,
                _ => file.metadata().map_err(AuditError::io(doing))?.len(),
            };
            if let Some(line) = Backwards::new(&file, length).last_line().map_err(AuditError::io(doing))? {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

struct Known {
    segment: u32,
    seq: u64,
}

/// Moves the chain over the lines in `tail` from byte `from` on, a line that answers for what lies before it
/// included. Returns the end of the last one.
fn accept_from(chain: &mut Chain, tail: &[u8], from: usize) -> usize {
    let mut accepted = from;
    let mut begin = from;
    while let Some(newline) = tail[begin..].iter().position(|b| *b == b'\n') {
        let end = begin + newline + 1;
        let (stray, line) = (&tail[accepted..begin], &tail[begin..end]);
        if (stray.is_empty() || answers_for(line, stray)) && chain.accept(line) {
            accepted = end;
        }
        begin = end;
    }
    accepted
}

/// Whether `line` says of exactly these bytes that a crash left them (and that recovery ended them with a newline).
fn answers_for(line: &[u8], stray: &[u8]) -> bool {
    let Some(Ok(line)) = line.strip_suffix(b"\n").map(Line::parse) else { return false };
    stray.strip_suffix(b"\n").is_some_and(|body| line.answers_for(body.len() as u64, &Sha256::digest(body).into()))
}

/// What a crash can leave behind the last whole line: something that does not end in a newline; the beginning of a
/// line that recovery had just ended with one when it died itself; or zeros, where a file system had set the length
/// before the content.
fn is_unfinished(tail: &[u8]) -> bool {
    match tail.strip_suffix(b"\n") {
        Some(body) => matches!(Line::parse(body), Err(LineFault::Cut)) || tail.contains(&0),
        None => true,
    }
}

fn recovered(reason: Code) -> cloister_domain::AuditEvent {
    system(EventType::Recovered, code!("log.recover")).code(DetailKey::Reason, reason)
}

/// The file is not there, or something else stands in its place.
fn is_gone(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory)
        || e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
