//! Every line once, from the first to the last.

use super::snapshot::Snapshot;
use crate::{
    backwards::Backwards,
    files::FileName,
    forwards::{Forwards, Piece},
    hex,
    line::{Line, LineFault},
    ratchet::{LINE_DOMAIN, signed_by},
    recovery::MAX_TAIL,
    signatures::Signatures,
    verdict::Fault,
    writer::Break,
};
use cloister_domain::EventType;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, io};

/// One unbroken chain: a log has one, until something breaks it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Its number, from 1.
    pub segment: u32,
    /// Lines that hang together, from its first to its first fault.
    pub entries: u64,
    /// Number of the first of them.
    pub first_seq: Option<u64>,
    /// Number of the last of them.
    pub last_seq: Option<u64>,
    /// The first thing wrong with it.
    #[serde(rename = "reason")]
    pub fault: Option<Fault>,
    /// Number of the first line that is wrong or missing, where one can be named.
    pub first_bad_seq: Option<u64>,
}

/// A line that some witness speaks of.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) hash: [u8; 32],
    pub(super) next_vk: [u8; 32],
}

#[derive(Default)]
pub(super) struct Walk {
    pub(super) segments: Vec<Segment>,
    pub(super) first_vk: Option<[u8; 32]>,
    pub(super) last_hash: Option<[u8; 32]>,
    /// Length of what a crash may have left at the very end.
    pub(super) unfinished: Option<u64>,
    /// What that is, if it is anything but the beginning of a line.
    pub(super) unfinished_fault: Option<Fault>,
    watched: HashMap<u64, Option<Seen>>,
}

/// What the next line must be.
struct Expected {
    seq: u64,
    prev: [u8; 32],
    vk: [u8; 32],
}

/// Bytes that are no line of the chain. A `recovered` line may answer for them.
struct Stray {
    fault: Fault,
    length: u64,
    digest: Sha256,
    /// The last byte, kept out of the digest: the newline that recovery added is not part of what it found.
    last: Option<u8>,
    zeros: bool,
    /// Nothing but the beginning of one line.
    cut: bool,
}

impl Walk {
    pub(super) fn watching(seqs: impl Iterator<Item = u64>) -> Self {
        Self { watched: seqs.map(|seq| (seq, None)).collect(), ..Self::default() }
    }

    /// The watched line `seq`, if it was there.
    pub(super) fn seen(&self, seq: u64) -> Option<Seen> {
        self.watched.get(&seq).copied().flatten()
    }

    pub(super) fn last_seq(&self) -> Option<u64> {
        self.segments.iter().rev().find_map(|s| s.last_seq)
    }

    /// Whether line `seq` would come after the end.
    pub(super) fn is_beyond(&self, seq: u64) -> bool {
        seq > self.last_seq().unwrap_or(0)
    }

    pub(super) fn run(&mut self, snapshot: &Snapshot) {
        let mut rest = snapshot.files.as_slice();
        while let Some((first, _)) = rest.first() {
            let number = first.segment;
            let (files, later) = rest.split_at(rest.partition_point(|(name, _)| name.segment == number));
            rest = later;
            let before = self.segments.len().checked_sub(1);
            self.segments.push(Segment { segment: number, ..Segment::default() });
            let (link, bad) =
                Signatures::check(|signatures| self.segment(snapshot, files, rest.is_empty(), signatures));
            if let (Some(index), Some(segment)) = (bad, self.segments.last_mut()) {
                self.last_hash = None;
                let seq = segment.first_seq.map(|first| first + index);
                segment.fault = Some(Fault::Signature);
                segment.first_bad_seq = seq;
                segment.entries = index;
                segment.last_seq = seq.map(|s| s - 1).filter(|_| index > 0);
            }
            if let Some(before) = before {
                self.link(snapshot, before, link);
            }
        }
    }

    /// A later segment means that the one before was found broken. Its first line says how, and holds on to the last
    /// line that was there then.
    fn link(&mut self, snapshot: &Snapshot, before: usize, link: Option<Link>) {
        let number = self.segments[before].segment;
        let last = last_line_of(snapshot, number);
        let earlier = &mut self.segments[before];
        let Some(link) = link else { return };
        let unchanged = last.is_ok_and(|hash| hash == link.prev);
        if earlier.fault.is_none() {
            earlier.fault = Some(if unchanged { link.how } else { Fault::Chain });
            earlier.first_bad_seq = link.expected_seq;
        }
    }

    fn segment(
        &mut self,
        snapshot: &Snapshot,
        files: &[(FileName, Option<u64>)],
        newest: bool,
        signatures: &mut Signatures<'_>,
    ) -> Option<Link> {
        let mut reading = Reading { walk: self, signatures, expected: None, index: 0, link: None };
        let mut result = Ok(());
        for (i, (name, length)) in files.iter().enumerate() {
            let last = newest && files[i + 1..].iter().all(|(_, length)| *length == Some(0));
            result = match length {
                None => Err(Fault::NotAFile),
                Some(length) => match snapshot.open(*name) {
                    Ok(file) => reading.file(Forwards::new(file, *length), last),
                    Err(e) => Err(Fault::Unreadable(e.kind())),
                },
            };
            if result.is_err() {
                break;
            }
        }
        let expected = reading.expected.as_ref().map(|e| e.seq);
        let link = reading.link.take();
        if let (Err(fault), Some(segment)) = (result, self.segments.last_mut()) {
            segment.fault = Some(fault);
            segment.first_bad_seq = expected.or(Some(1).filter(|_| segment.segment == 1));
        }
        link
    }
}

/// What a segment's first line says of the one before.
struct Link {
    how: Fault,
    prev: [u8; 32],
    expected_seq: Option<u64>,
}

struct Reading<'w, 's, 'b> {
    walk: &'w mut Walk,
    signatures: &'s mut Signatures<'b>,
    expected: Option<Expected>,
    index: u64,
    link: Option<Link>,
}

impl Reading<'_, '_, '_> {
    fn file(&mut self, mut lines: Forwards, last: bool) -> Result<(), Fault> {
        let mut piece = Vec::new();
        let mut stray: Option<Stray> = None;
        loop {
            let kind = lines.next(&mut piece).map_err(|e: io::Error| Fault::Unreadable(e.kind()))?;
            match kind {
                Piece::End => break,
                Piece::Line => {
                    let line = Line::parse(&piece[..piece.len() - 1]);
                    match (&mut stray, self.place(&line)) {
                        (None, Ok(())) => self.accept(line, &piece)?,
                        (None, Err(fault)) => {
                            stray = Some(Stray::begin(fault, &piece, matches!(line, Err(LineFault::Cut))));
                        }
                        (Some(found), Ok(())) if self.answers_for(&line, found) => {
                            stray = None;
                            self.accept(line, &piece)?;
                        }
                        (Some(found), _) => found.extend(&piece),
                    }
                }
                Piece::Part | Piece::Unfinished => match &mut stray {
                    Some(found) => found.extend(&piece),
                    None => {
                        let line = Line::parse(&piece);
                        let fault = self.place(&line).err().unwrap_or(Fault::NotALine);
                        let cut = kind == Piece::Unfinished && matches!(line, Err(LineFault::Cut));
                        stray = Some(Stray::begin(fault, &piece, cut));
                    }
                },
            }
            if let Some(found) = &stray
                && found.length > MAX_TAIL
            {
                return Err(found.fault);
            }
            if self.signatures.failed() {
                return Ok(());
            }
        }
        match stray {
            None => Ok(()),
            Some(found) if last && found.may_be_a_crash() && self.expected.is_some() => {
                self.walk.unfinished = Some(found.length);
                let cut_off = found.cut && found.last != Some(b'\n');
                self.walk.unfinished_fault = Some(found.fault).filter(|_| !cut_off);
                Ok(())
            }
            Some(found) => Err(found.fault),
        }
    }

    /// Whether a line is the next one, its signature apart.
    fn place(&self, line: &Result<Line<'_>, LineFault>) -> Result<(), Fault> {
        let line = match line {
            Ok(line) => line,
            Err(LineFault::Version(version)) => return Err(Fault::Version(*version)),
            Err(LineFault::Cut | LineFault::NotALine) => return Err(Fault::NotALine),
        };
        match &self.expected {
            None => Ok(()),
            Some(expected) if line.seq != expected.seq => Err(Fault::Sequence(line.seq)),
            Some(expected) if line.prev != expected.prev => Err(Fault::Chain),
            Some(_) => Ok(()),
        }
    }

    /// Whether a line says of exactly these bytes that a crash left them, and is signed.
    fn answers_for(&self, line: &Result<Line<'_>, LineFault>, found: &Stray) -> bool {
        let (Ok(line), Some(expected)) = (line, &self.expected) else { return false };
        found.last == Some(b'\n')
            && line.answers_for(found.length - 1, &found.digest.clone().finalize().into())
            && signed_by(&expected.vk, LINE_DOMAIN, &line.signed, &line.sig)
    }

    fn accept(&mut self, line: Result<Line<'_>, LineFault>, bytes: &[u8]) -> Result<(), Fault> {
        let Ok(line) = line else { return Err(Fault::NotALine) };
        let vk = match &self.expected {
            Some(expected) => expected.vk,
            None => self.first(&line)?,
        };
        self.signatures.add(self.index, vk, &line.signed, line.sig);
        self.index += 1;
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        if let Some(seen @ None) = self.walk.watched.get_mut(&line.seq) {
            *seen = Some(Seen { hash, next_vk: line.next_vk });
        }
        self.walk.last_hash = Some(hash);
        if let Some(segment) = self.walk.segments.last_mut() {
            segment.entries += 1;
            segment.first_seq.get_or_insert(line.seq);
            segment.last_seq = Some(line.seq);
        }
        self.expected = Some(Expected { seq: line.seq + 1, prev: hash, vk: line.next_vk });
        Ok(())
    }

    /// A chain's first line carries its own key: what vouches for it is the fingerprint.
    fn first(&mut self, line: &Line<'_>) -> Result<[u8; 32], Fault> {
        let segment = self.walk.segments.last().map_or(1, |s| s.segment);
        let vk = line.text("first_vk").and_then(|text| hex::read(text.as_bytes())).ok_or(Fault::Beginning)?;
        if segment == 1 {
            if line.event_type != EventType::LogCreated.name() || line.seq != 1 || line.prev != [0; 32] {
                return Err(Fault::Beginning);
            }
            self.walk.first_vk = Some(vk);
        } else {
            let how = line.text("reason").and_then(|code| Break::ALL.into_iter().find(|b| b.code().as_str() == code));
            let how = how.filter(|_| line.event_type == EventType::IntegrityBreak.name()).ok_or(Fault::Beginning)?;
            let expected_seq = line.count("expected_seq");
            self.link = Some(Link { how: Fault::Broken(how), prev: line.prev, expected_seq });
        }
        Ok(vk)
    }
}

impl Stray {
    fn begin(fault: Fault, piece: &[u8], cut: bool) -> Self {
        let mut stray = Self { fault, length: 0, digest: Sha256::new(), last: None, zeros: false, cut };
        stray.extend(piece);
        stray.cut = cut;
        stray
    }

    fn extend(&mut self, piece: &[u8]) {
        let Some((last, body)) = piece.split_last() else { return };
        self.digest.update(self.last.as_slice());
        self.digest.update(body);
        self.last = Some(*last);
        self.length += piece.len() as u64;
        self.zeros |= piece.contains(&0);
        self.cut = false;
    }

    /// The same question as recovery asks.
    fn may_be_a_crash(&self) -> bool {
        self.cut || self.zeros || self.last != Some(b'\n')
    }
}

/// Digest of the last whole line of a segment; zeros when it has none.
fn last_line_of(snapshot: &Snapshot, segment: u32) -> io::Result<[u8; 32]> {
    for (name, length) in snapshot.files.iter().rev().filter(|(name, _)| name.segment == segment) {
        let Some(length) = length else { continue };
        if let Some(line) = Backwards::new(&snapshot.open(*name)?, *length).last_line()? {
            return Ok(Sha256::digest(line).into());
        }
    }
    Ok([0; 32])
}
