//! Taking a recording's journal into the store: after it ended, and after a crash or a lock kept it out.

use super::{
    files::{RecordingFolder, waiting},
    take::closed,
};
use crate::{AppError, command::Context, dto::RecoveredDto};
use cloister_access::RecoverRecordings;
use cloister_capture::RATE;
use cloister_domain::{
    AuditEvent, AuditTarget, DetailKey, EventType, Outcome, RecordKind, RecordingId, Timestamp, code,
};
use cloister_store::{RecordingState, StoreError, StoredSegment};
use cloister_vault::{
    Examination, JournalEntry, SealedKey, SegmentEnd, SegmentId, SegmentReader, SegmentSeal, SegmentVerdict,
    VaultError, read_journal,
};
use std::{collections::BTreeMap, io::Read};

/// Takes in every journal that no process holds, and says what was kept.
pub(crate) fn recover(cx: &Context<'_, RecoverRecordings>) -> Result<Vec<RecoveredDto>, AppError> {
    let mut kept = Vec::new();
    for recording in waiting(cx.app.data()) {
        match one(cx, recording) {
            Ok(one) => kept.extend(one),
            // Somebody changed the journal: it is told, left as it is, and the others are taken in.
            Err(AppError::Vault(VaultError::Refused { .. })) => kept.push(RecoveredDto {
                recording_id: recording.to_string(),
                encounter_id: String::new(),
                kept_s: 0.0,
                after_a_crash: true,
                verdict: "journal_refused".to_owned(),
                refused: Vec::new(),
            }),
            Err(e) => return Err(e),
        }
    }
    Ok(kept)
}

/// What a journal says of one segment.
struct Told {
    sealed: SealedKey,
    began: Timestamp,
    seal: Option<SegmentSeal>,
}

fn one(cx: &Context<'_, RecoverRecordings>, recording: RecordingId) -> Result<Option<RecoveredDto>, AppError> {
    let failed = |fault| AppError::Output { file: "the recording".to_owned(), fault };
    let folder = RecordingFolder::of(cx.app.data(), recording);
    let Some(mut journal) = folder.take_journal().map_err(failed)? else { return Ok(None) };
    let stores = &cx.open.stores;
    let key = match stores.journal_key(&cx.grant, recording) {
        Ok(key) => key,
        // The store never heard of it: it is left where it is.
        Err(StoreError::NotFound) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let mut bytes = Vec::new();
    journal.read_to_end(&mut bytes).map_err(failed)?;
    let entries = read_journal(&key, recording, &bytes)?;
    let (mut told, mut marks, mut ended) = (BTreeMap::new(), Vec::new(), false);
    for entry in entries {
        let seal = entry.seal();
        match entry {
            JournalEntry::Opened { segment, key: sealed, at } => {
                told.insert(segment, Told { sealed, began: at, seal: None });
            }
            JournalEntry::Closed { segment, .. } => {
                if let Some(told) = told.get_mut(&segment) {
                    told.seal = seal;
                }
            }
            JournalEntry::Marked { at_ms } => marks.push(at_ms),
            JournalEntry::Ended { .. } => ended = true,
        }
    }
    let mut segments = Vec::new();
    let mut refused = Vec::new();
    let mut verdict = "whole";
    for (number, told) in told {
        let id = SegmentId { recording, number };
        let found = examine(cx, &folder, id, &told.sealed)?;
        let (seal, samples) = match (told.seal, found) {
            // A file that ends elsewhere than its journal says was changed: the store keeps where it ought to end.
            (Some(seal), Some(found)) => {
                let judged = found.against(&seal);
                if judged != SegmentVerdict::Whole {
                    verdict = "damaged";
                }
                refused.extend(found.refused.iter().map(|n| (number, *n)));
                let samples = match judged {
                    // A refused second keeps its place in time.
                    SegmentVerdict::Whole | SegmentVerdict::Damaged => in_time(&found),
                    SegmentVerdict::CutShort | SegmentVerdict::Changed => whole_seconds(&seal),
                };
                (seal, samples)
            }
            (Some(seal), None) => {
                verdict = "damaged";
                (seal, whole_seconds(&seal))
            }
            (None, Some(found)) => {
                ended = false;
                refused.extend(found.refused.iter().map(|n| (number, *n)));
                (found.seal, in_time(&found))
            }
            // The crash came between the journal's line and the file's header.
            (None, None) => {
                ended = false;
                let seal = SegmentSeal { frames: 0, last_tag: [0; 16], end: SegmentEnd::Unterminated };
                (seal, 0)
            }
        };
        segments.push(StoredSegment { number, sealed: told.sealed, began: told.began, seal, samples });
    }
    let state = if ended { RecordingState::Ended } else { RecordingState::Recovered };
    let encounter = stores.keep_recording(&cx.grant, recording, state, &marks, &segments)?;
    let samples: u64 = segments.iter().map(|s| s.samples).sum();
    if !ended {
        note(cx, recording, &segments)?;
    }
    folder.remove_journal().map_err(failed)?;
    Ok(Some(RecoveredDto {
        recording_id: recording.to_string(),
        encounter_id: encounter.to_string(),
        kept_s: samples as f64 / f64::from(RATE),
        after_a_crash: !ended,
        verdict: verdict.to_owned(),
        refused: refused.iter().map(|(segment, n)| format!("{segment}:{n}")).collect(),
    }))
}

/// Samples of a file, with those of refused seconds.
fn in_time(found: &Examination) -> u64 {
    found.samples + found.refused.len() as u64 * u64::from(RATE)
}

/// Samples before the last frame, whose length only the frame itself tells.
fn whole_seconds(seal: &SegmentSeal) -> u64 {
    u64::from(seal.frames.saturating_sub(1)) * u64::from(RATE)
}

fn examine(
    cx: &Context<'_, RecoverRecordings>,
    folder: &RecordingFolder,
    id: SegmentId,
    sealed: &SealedKey,
) -> Result<Option<Examination>, AppError> {
    let role = cx.open.session.keys().visits().ok_or(AppError::Store(StoreError::NotOpen))?;
    let key = role.open_item_key(&id.to_string(), sealed)?;
    let Ok(file) = folder.open_segment(id.number) else { return Ok(None) };
    Ok(SegmentReader::open(&key, id, file).ok().and_then(|mut reader| reader.examine().ok()))
}

/// The log learns where a recording that did not end in order ends.
fn note(
    cx: &Context<'_, RecoverRecordings>,
    recording: RecordingId,
    segments: &[StoredSegment],
) -> Result<(), AppError> {
    let pseudonym =
        cx.open.session.keys().pseudonym_key().pseudonym(RecordKind::Recording.name(), &recording.to_string())?;
    for segment in segments.iter().filter(|s| s.seal.end == SegmentEnd::Unterminated) {
        let event = AuditEvent::new(
            EventType::RecordingStop,
            code!("recover_recordings"),
            cx.open.session.actor(),
            Outcome::Interrupted,
        )
        .target(AuditTarget::Record { kind: RecordKind::Recording, pseudonym })
        .count(DetailKey::AudioMs, segment.samples * 1000 / u64::from(RATE))
        .code(DetailKey::Reason, code!("recovered"));
        cx.app.log()?.append(&closed(event, segment.number, &segment.seal))?;
    }
    Ok(())
}
