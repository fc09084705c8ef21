//! The verifier: a verdict from the files alone, for any bytes they may hold.
//!
//! It reads each line once, in flat memory, and needs no secret. Three kinds of witness are brought together: the
//! lines themselves (chain and signatures), the ends that stand beside them (head, state), and what the caller has
//! kept elsewhere (the store's head, checkpoints, the fingerprint on paper).

mod snapshot;
pub(crate) mod walk;

use crate::{
    head::{Fingerprint, Head, Receipt},
    ratchet::Seed,
    state::State,
    verdict::{Fault, Finding, Ground, Verdict},
};
use cloister_domain::Sha256Hex;
use snapshot::{Snapshot, StateBytes};
use std::path::Path;
use walk::{Seen, Walk};

/// What the caller knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Evidence<'a> {
    /// The folder is the log's own, not a copy: its state file must be there.
    pub own_folder: bool,
    /// The end that the store remembers.
    pub store_head: Option<&'a Receipt>,
    /// Heads kept outside.
    pub checkpoints: &'a [Head],
    /// The first key's fingerprint, from paper.
    pub fingerprint: Option<&'a Fingerprint>,
}

/// Verifies the log in `dir`. Never panics, whatever the files hold; memory does not grow with their size. Writers
/// may be at work meanwhile: what is judged is the log as it stood at the call.
#[must_use]
pub fn verify(dir: &Path, evidence: &Evidence<'_>) -> Verdict {
    let snapshot = match Snapshot::take(dir) {
        Ok(snapshot) => snapshot,
        Err(e) => return Verdict::of(Walk::default(), Err((Fault::Unreadable(e.kind()), None)), Vec::new()),
    };
    let head = snapshot.head.as_deref().map(Head::parse);
    let watched = [head.as_ref().and_then(|h| h.as_ref().map(Head::seq)), snapshot.state.seq()]
        .into_iter()
        .flatten()
        .chain(evidence.store_head.map(|r| r.seq))
        .chain(evidence.checkpoints.iter().map(Head::seq));
    let mut walk = Walk::watching(watched);
    walk.run(&snapshot);
    let mut grounds = Vec::new();
    let judged = judge(&walk, head.as_ref(), &snapshot, evidence, &mut grounds);
    Verdict::of(walk, judged, grounds)
}

/// The first fault, with the number of the line it concerns.
type Judged = Result<(), (Fault, Option<u64>)>;

fn judge(
    walk: &Walk,
    head: Option<&Option<Head>>,
    snapshot: &Snapshot,
    evidence: &Evidence<'_>,
    grounds: &mut Vec<Ground>,
) -> Judged {
    if snapshot.files.is_empty() && head.is_none() && matches!(snapshot.state, StateBytes::Missing) {
        return Err((Fault::Empty, None));
    }
    if snapshot.files.first().is_some_and(|(name, _)| name.segment != 1) {
        return Err((Fault::Beginning, Some(1)));
    }
    // The end is the newest segment's. Where that is faulty itself, its end proves nothing.
    if let Some(segment) = walk.segments.last()
        && let Some(fault) = segment.fault
    {
        return Err((fault, segment.first_bad_seq));
    }
    let missing = Some(walk.last_seq().unwrap_or(0) + 1);
    // An end that has a witness and is not there was cut off, unless something else stands in its place.
    witnesses(walk, head, snapshot, evidence, grounds, missing).map_err(|(fault, seq)| match walk.unfinished_fault {
        Some(instead) if fault.finding() == Finding::Truncated => (instead, seq),
        _ => (fault, seq),
    })
}

fn witnesses(
    walk: &Walk,
    head: Option<&Option<Head>>,
    snapshot: &Snapshot,
    evidence: &Evidence<'_>,
    grounds: &mut Vec<Ground>,
    missing: Option<u64>,
) -> Judged {
    grounds.push(Ground::Chain);
    check_head(walk, head, missing)?;
    grounds.push(Ground::Head);
    match &snapshot.state {
        StateBytes::Missing if evidence.own_folder => return Err((Fault::StateMissing, None)),
        StateBytes::Damaged => return Err((Fault::StateWrong, None)),
        StateBytes::Known(state) => {
            check_state(walk, state, missing)?;
            grounds.push(Ground::State);
        }
        StateBytes::Missing | StateBytes::Hidden => {}
    }
    if let Some(known) = evidence.store_head {
        match walk.seen(known.seq) {
            None => return Err((Fault::StoreHeadAhead(known.seq), missing)),
            Some(line) if !line.is(&known.hash) => return Err((Fault::StoreHeadWrong, Some(known.seq))),
            Some(_) => grounds.push(Ground::StoreHead),
        }
    }
    for checkpoint in evidence.checkpoints {
        let seq = checkpoint.seq();
        match walk.seen(seq) {
            None => return Err((Fault::CheckpointAhead(seq), missing)),
            Some(line) if !line.is(checkpoint.hash()) => return Err((Fault::CheckpointWrong, Some(seq))),
            Some(line) if !checkpoint.signed_by(&line.next_vk) => return Err((Fault::CheckpointForged(seq), None)),
            Some(_) => grounds.push(Ground::Checkpoint(seq)),
        }
    }
    if let Some(expected) = evidence.fingerprint {
        if walk.first_vk.map(|vk| Fingerprint::of(&vk)).as_ref() != Some(expected) {
            return Err((Fault::FingerprintWrong, Some(1)));
        }
        grounds.push(Ground::Fingerprint);
    }
    Ok(())
}

fn check_head(walk: &Walk, head: Option<&Option<Head>>, missing: Option<u64>) -> Judged {
    let head = match head {
        None => return Err((Fault::HeadMissing, None)),
        Some(None) => return Err((Fault::HeadWrong, None)),
        Some(Some(head)) => head,
    };
    match walk.seen(head.seq()) {
        Some(line) if line.is(head.hash()) && head.signed_by(&line.next_vk) => Ok(()),
        Some(_) => Err((Fault::HeadWrong, Some(head.seq()))),
        None if walk.is_beyond(head.seq()) => Err((Fault::HeadAhead(head.seq()), missing)),
        None => Err((Fault::HeadWrong, None)),
    }
}

fn check_state(walk: &Walk, state: &State, missing: Option<u64>) -> Judged {
    let vk = |seed: &Seed| seed.key().verifying_key().to_bytes();
    match walk.seen(state.seq) {
        Some(line) if line.hash == state.hash && line.next_vk == vk(&state.seed) => Ok(()),
        Some(_) => Err((Fault::StateWrong, Some(state.seq))),
        None if walk.is_beyond(state.seq) => Err((Fault::StateAhead(state.seq), missing)),
        None => Err((Fault::StateWrong, None)),
    }
}

impl Seen {
    fn is(&self, hash: &Sha256Hex) -> bool {
        Sha256Hex::from_bytes(&self.hash) == *hash
    }
}

impl Verdict {
    fn of(walk: Walk, judged: Judged, rests_on: Vec<Ground>) -> Self {
        let last_seq = walk.last_seq();
        let mut segments = walk.segments;
        let mut first = judged.err();
        if let (Some((fault, seq)), Some(segment)) = (first, segments.last_mut()) {
            (segment.fault, segment.first_bad_seq) = (Some(fault), seq);
        }
        first = segments.iter().find_map(|s| s.fault.map(|fault| (fault, s.first_bad_seq))).or(first);
        let fault = first.map(|(fault, _)| fault);
        Self {
            verdict: fault.map_or(Finding::Intact, Fault::finding),
            entries: segments.iter().map(|s| s.entries).sum(),
            first_seq: segments.iter().find_map(|s| s.first_seq),
            last_seq,
            head: walk.last_hash.as_ref().map(Sha256Hex::from_bytes),
            rests_on,
            fault,
            code: fault.map(Fault::code),
            first_bad_seq: first.and_then(|(_, seq)| seq),
            unfinished_bytes: walk.unfinished,
            segments: if segments.len() > 1 { segments } else { Vec::new() },
        }
    }
}
