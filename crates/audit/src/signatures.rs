//! Signatures by the hundred, on every core.

use crate::ratchet::{LINE_DOMAIN, signed_by};
use ed25519_dalek::{Signature, VerifyingKey, verify_batch};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// Batch verification gains little beyond this, and a batch is what memory holds.
const BATCH: usize = 256;
/// Verification never needs more threads than the reader can feed.
const MAX_WORKERS: usize = 8;

/// The lines of a batch, in one stretch of memory.
#[derive(Default)]
struct Batch {
    messages: Vec<u8>,
    lines: Vec<Signed>,
}

struct Signed {
    /// Place of the line in the walk, from 0.
    index: u64,
    end: usize,
    key: [u8; 32],
    sig: [u8; 64],
}

/// Takes lines in order and finds the first one whose signature is wrong.
pub(crate) struct Signatures<'a> {
    batch: Batch,
    full: SyncSender<Batch>,
    first_bad: &'a AtomicU64,
}

impl Signatures<'_> {
    /// Runs `walk`, checking what it adds on other threads meanwhile. Returns its result and the index of the first
    /// line with a wrong signature.
    pub(crate) fn check<R>(walk: impl FnOnce(&mut Signatures<'_>) -> R) -> (R, Option<u64>) {
        let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
        let first_bad = AtomicU64::new(u64::MAX);
        let (full, waiting) = sync_channel(workers);
        let waiting = Mutex::new(waiting);
        let result = thread::scope(|scope| {
            let started = (0..workers)
                .filter(|_| thread::Builder::new().spawn_scoped(scope, || work(&waiting, &first_bad)).is_ok())
                .count();
            let mut signatures = Signatures { batch: Batch::default(), full, first_bad: &first_bad };
            let result = walk(&mut signatures);
            signatures.hand_over(started > 0);
            result
        });
        let first_bad = first_bad.into_inner();
        (result, (first_bad != u64::MAX).then_some(first_bad))
    }

    /// Adds a line: its signed message, and the key announced for it.
    pub(crate) fn add(&mut self, index: u64, key: [u8; 32], message: &[&[u8]], sig: [u8; 64]) {
        let batch = &mut self.batch;
        batch.messages.extend_from_slice(LINE_DOMAIN);
        message.iter().for_each(|part| batch.messages.extend_from_slice(part));
        batch.lines.push(Signed { index, end: batch.messages.len(), key, sig });
        if batch.lines.len() == BATCH {
            self.hand_over(true);
        }
    }

    /// Whether some line so far is known to be wrong: reading on is of no use.
    pub(crate) fn failed(&self) -> bool {
        self.first_bad.load(Ordering::Relaxed) != u64::MAX
    }

    fn hand_over(&mut self, to_workers: bool) {
        let batch = std::mem::take(&mut self.batch);
        if !to_workers {
            note(self.first_bad, first_wrong(&batch));
        } else if let Err(unsent) = self.full.send(batch) {
            note(self.first_bad, first_wrong(&unsent.0));
        }
    }
}

fn work(waiting: &Mutex<Receiver<Batch>>, first_bad: &AtomicU64) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        note(first_bad, first_wrong(&batch));
    }
}

fn note(first_bad: &AtomicU64, found: Option<u64>) {
    if let Some(index) = found {
        first_bad.fetch_min(index, Ordering::Relaxed);
    }
}

/// The index of the batch's first wrong line. A batch equation that holds proves all of its signatures; where it
/// fails, each line is checked by itself.
fn first_wrong(batch: &Batch) -> Option<u64> {
    let first = batch.lines.first()?;
    let messages = batch.messages();
    let keys: Option<Vec<_>> =
        batch.lines.iter().map(|line| VerifyingKey::from_bytes(&line.key).ok().filter(|key| !key.is_weak())).collect();
    let all_hold = keys.is_some_and(|keys| {
        let sigs: Vec<_> = batch.lines.iter().map(|line| Signature::from_bytes(&line.sig)).collect();
        verify_batch(&messages, &sigs, &keys).is_ok()
    });
    if all_hold {
        return None;
    }
    let wrong = batch
        .lines
        .iter()
        .zip(&messages)
        .find(|(line, message)| !signed_by(&line.key, b"", &[message], &line.sig))
        .map(|(line, _)| line.index);
    // Signatures made to pass one by one and fail together are not our writer's.
    Some(wrong.unwrap_or(first.index))
}

impl Batch {
    fn messages(&self) -> Vec<&[u8]> {
        let mut from = 0;
        self.lines
            .iter()
            .map(|line| {
                let message = &self.messages[from..line.end];
                from = line.end;
                message
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Signatures;
    use crate::ratchet::{LINE_DOMAIN, sign};
    use ed25519_dalek::SigningKey;

    fn first_bad(total: u64, wrong: &[u64]) -> Option<u64> {
        let key = SigningKey::from_bytes(&[1; 32]);
        let ((), bad) = Signatures::check(|signatures| {
            for i in 0..total {
                let text = i.to_string();
                let sig = sign(&key, LINE_DOMAIN, &[if wrong.contains(&i) { b"other" } else { text.as_bytes() }]);
                signatures.add(i, key.verifying_key().to_bytes(), &[text.as_bytes()], sig);
            }
        });
        bad
    }

    #[test]
    fn the_first_wrong_line_is_named_wherever_it_stands() {
        assert_eq!(first_bad(0, &[]), None);
        assert_eq!(first_bad(700, &[]), None);
        assert_eq!(first_bad(700, &[699]), Some(699));
        assert_eq!(first_bad(700, &[600, 300, 301]), Some(300));
        assert_eq!(first_bad(3, &[0]), Some(0));
    }

    #[test]
    fn a_key_that_is_no_point_or_a_weak_one_is_wrong() {
        for key in [[0xff; 32], [0; 32], {
            let mut one = [0; 32];
            one[0] = 1;
            one
        }] {
            let ((), bad) = Signatures::check(|s| s.add(4, key, &[b"m"], [0; 64]));
            assert_eq!(bad, Some(4), "{key:?}");
        }
    }
}
