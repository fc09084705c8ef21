//! The sound of a take on its way to whoever listens along.
//!
//! The take pushes and never waits. The listener asks when it has time. What it is behind with lies in memory for a
//! while, and after that is read back from the sealed files, so that falling behind costs no memory and no sound.

use super::super::files::RecordingFolder;
use cloister_capture::RATE;
use cloister_engine_client::LiveRead;
use cloister_vault::{ItemKey, SegmentId, SegmentReader};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// So much sound stays in memory, in samples: 90 s, 3 MB.
const HELD: usize = 90 * RATE as usize;

/// A take's end of the line. Dropped, the sound has ended.
pub(crate) struct SoundIn(Arc<Line>);

/// The listener's end.
#[derive(Clone)]
pub(crate) struct SoundOut(Arc<Line>);

struct Line {
    sound: Mutex<Held>,
    more: Condvar,
}

struct Held {
    recent: VecDeque<i16>,
    /// Samples of the take so far; `recent` holds the last of them.
    total: u64,
    parts: Vec<Part>,
    ended: bool,
    forgotten: bool,
}

/// A segment of the take, whose key is held for as long as somebody may read the text.
struct Part {
    id: SegmentId,
    key: Arc<ItemKey>,
    folder: RecordingFolder,
    first: u64,
}

/// A new line.
pub(crate) fn line() -> (SoundIn, SoundOut) {
    let recent = VecDeque::with_capacity(HELD);
    let held = Held { recent, total: 0, parts: Vec::new(), ended: false, forgotten: false };
    let line = Arc::new(Line { sound: Mutex::new(held), more: Condvar::new() });
    (SoundIn(Arc::clone(&line)), SoundOut(line))
}

impl SoundIn {
    pub(crate) fn push(&self, samples: &[i16]) {
        let mut sound = self.0.lock();
        sound.total += samples.len() as u64;
        if !sound.forgotten {
            let kept = &samples[samples.len().saturating_sub(HELD)..];
            let over = (sound.recent.len() + kept.len()).saturating_sub(HELD);
            sound.recent.drain(..over);
            sound.recent.extend(kept);
        }
        drop(sound);
        self.0.more.notify_all();
    }

    /// A segment that begins at sample `first` of the take.
    pub(crate) fn begin_segment(&self, id: SegmentId, key: ItemKey, folder: RecordingFolder, first: u64) {
        let mut sound = self.0.lock();
        if !sound.forgotten {
            sound.parts.push(Part { id, key: Arc::new(key), folder, first });
        }
    }
}

impl Drop for SoundIn {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.more.notify_all();
    }
}

impl SoundOut {
    /// Drops what is held and every key: nobody is there any more who may read the text.
    pub(crate) fn forget(&self) {
        let mut sound = self.0.lock();
        sound.wipe();
        sound.forgotten = true;
        drop(sound);
        self.0.more.notify_all();
    }

    /// Fills `out` from sample `from` on with what there is, waiting at most `wait` for `least` of it.
    ///
    /// # Errors
    /// Once it is forgotten.
    pub(crate) fn give(&self, from: u64, least: usize, out: &mut [i16], wait: Duration) -> io::Result<LiveRead> {
        let enough = from + least.min(out.len()) as u64;
        let waits = |s: &mut Held| !s.ended && !s.forgotten && s.total < enough;
        let waited = self.0.more.wait_timeout_while(self.0.lock(), wait, waits);
        let (sound, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if sound.forgotten {
            return Err(io::Error::other("the session ended"));
        }
        let ends_at = |to: u64| sound.ended && to >= sound.total;
        let Ok(behind) = usize::try_from(sound.total.saturating_sub(from)) else {
            return Err(io::Error::other("too far behind"));
        };
        if behind <= sound.recent.len() {
            let recent = sound.recent.range(sound.recent.len() - behind..);
            let samples = out.iter_mut().zip(recent).map(|(to, sample)| *to = *sample).count();
            return Ok(LiveRead { samples, ended: ends_at(from + samples as u64) });
        }
        let after = sound.parts.partition_point(|p| p.first <= from);
        let Some(part) = after.checked_sub(1).and_then(|i| sound.parts.get(i)) else {
            return Err(io::Error::other("no segment holds this"));
        };
        let end = sound.parts.get(after).map_or(sound.total, |next| next.first);
        let most = usize::try_from(end - from).unwrap_or(usize::MAX).min(out.len());
        let (id, key, folder, at) = (part.id, Arc::clone(&part.key), part.folder.clone(), from - part.first);
        // The file is read without the lock: the microphone does not wait for the disk.
        drop(sound);
        Ok(LiveRead { samples: read_back(id, &key, &folder, at, &mut out[..most]), ended: false })
    }
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.sound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn wipe(&mut self) {
        self.parts.clear();
        // Over the whole of the buffer, what was drained from it as well.
        self.recent.clear();
        self.recent.resize(self.recent.capacity(), 0);
        self.recent.clear();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The rest of the second that holds sample `at` of a segment. What cannot be read is silence: the text goes on behind
/// it, and the recording itself says what is wrong with it.
fn read_back(id: SegmentId, key: &ItemKey, folder: &RecordingFolder, at: u64, out: &mut [i16]) -> usize {
    let second = u32::try_from(at / u64::from(RATE)).unwrap_or(u32::MAX);
    let within = usize::try_from(at % u64::from(RATE)).unwrap_or(0);
    let read = || -> Option<Zeroizing<Vec<i16>>> {
        let file = folder.open_segment(id.number).ok()?;
        SegmentReader::open(key, id, file).ok()?.frame(second).ok()?
    };
    let frame = read().unwrap_or_default();
    let rest = frame.get(within..).unwrap_or_default();
    let samples = out.len().min(RATE as usize - within);
    for (i, to) in out[..samples].iter_mut().enumerate() {
        *to = rest.get(i).copied().unwrap_or(0);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::{HELD, line};
    use std::{thread, time::Duration};

    #[test]
    fn it_gives_what_there_is_waits_no_longer_than_it_said_and_tells_the_end() {
        let (to, from) = line();
        let mut out = [0; 8];
        let nothing = from.give(0, 4, &mut out, Duration::from_millis(5)).unwrap();
        assert_eq!((nothing.samples, nothing.ended), (0, false));
        to.push(&[1, 2, 3]);
        assert_eq!(from.give(1, 1, &mut out, Duration::ZERO).unwrap().samples, 2);
        assert_eq!(out[..2], [2, 3]);
        let waiting = thread::spawn({
            let from = from.clone();
            move || from.give(2, 4, &mut [0; 8], Duration::from_secs(60)).unwrap()
        });
        drop(to);
        let last = waiting.join().unwrap();
        assert_eq!((last.samples, last.ended), (1, true));
        assert!(from.give(3, 1, &mut out, Duration::from_secs(60)).unwrap().ended);
    }

    #[test]
    fn it_holds_a_minute_and_a_half_however_long_the_take_and_nothing_once_forgotten() {
        let (to, from) = line();
        (0..100).for_each(|n| to.push(&[n; 16_000 * 3]));
        let held = to.0.lock().recent.len();
        assert_eq!(held, HELD);
        let mut out = [0; 2];
        assert_eq!(from.give(300 * 16_000 - 1, 1, &mut out, Duration::ZERO).unwrap().samples, 1);
        assert_eq!(out[0], 99);
        // Older sound is in no segment here.
        assert!(from.give(0, 1, &mut out, Duration::ZERO).is_err());
        from.forget();
        to.push(&[5; 16]);
        assert!(to.0.lock().recent.is_empty());
        assert!(from.give(300 * 16_000, 1, &mut out, Duration::from_secs(60)).is_err());
    }
}
