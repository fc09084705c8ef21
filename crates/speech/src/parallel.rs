//! Chunks transcribed by several workers, each on a core of its own: a decoder's steps are too short to be shared out
//! between cores. A worker hears a few chunks and then writes them down side by side, since a step for several takes
//! little longer than a step for one.

use crate::SpeechError;
use crate::chunk::Chunk;
use crate::recogniser::{Event, Run, heard_in};
use crate::whisper::{Ear, Hints, Sound, Whisper};
use cloister_domain::Segment;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Chunks that a worker writes down side by side. Each takes some 15 MB with the base model.
const SIDE_BY_SIDE: usize = 4;

/// A chunk to be transcribed.
pub(crate) struct Job {
    pub(crate) chunk: Chunk,
    pub(crate) least_clarity: f32,
    /// The recording's length, as far as it is known.
    pub(crate) total_s: Option<f64>,
}

/// Consecutive jobs, and the number of the first.
type Batch = (usize, Vec<Job>);

/// What became of the chunk with this number.
struct Done {
    number: usize,
    end_s: f64,
    total_s: Option<f64>,
    segments: Vec<Segment>,
    left_out_s: f64,
}

/// Gives the next chunk. It may tell progress through silence when no chunk is under way (the second argument).
pub(crate) type Next<'a> = &'a mut dyn FnMut(&mut Run<'_>, bool) -> Result<Option<Job>, SpeechError>;

enum News {
    Working,
    Done(Result<Vec<Done>, SpeechError>),
}

/// What the workers share.
struct Bench<'a> {
    whisper: &'a Whisper,
    hints: &'a Hints,
    batches: Mutex<Receiver<Batch>>,
    stop: AtomicBool,
}

/// Transcribes what `next` gives until it gives `None`, with one worker for each ear. Results reach `run` in order.
pub(crate) fn transcribe(
    whisper: &Whisper,
    ears: &mut [Ear],
    hints: &Hints,
    run: &mut Run<'_>,
    next: Next<'_>,
) -> Result<(), SpeechError> {
    let (give, batches) = channel();
    let (tell, news) = channel();
    let workers = ears.len();
    let bench = Bench { whisper, hints, batches: Mutex::new(batches), stop: AtomicBool::new(false) };
    thread::scope(|scope| {
        for ear in ears {
            let (bench, tell) = (&bench, tell.clone());
            scope.spawn(move || work(bench, ear, &tell));
        }
        drop(tell);
        let ended = serve(&give, &news, workers, run, next);
        // Whatever came of it: nobody works on.
        bench.stop.store(true, Ordering::Relaxed);
        drop(give);
        ended
    })
}

/// Hands out chunks and takes in what was heard, in order.
fn serve(
    give: &Sender<Batch>,
    news: &Receiver<News>,
    workers: usize,
    run: &mut Run<'_>,
    next: Next<'_>,
) -> Result<(), SpeechError> {
    let broken = || SpeechError::Engine("shared out the work");
    let mut ready: VecDeque<Job> = VecDeque::new();
    // Chunks handed out, and taken in again.
    let (mut given, mut taken, mut idle, mut more) = (0, 0, workers, true);
    let mut waiting: VecDeque<Option<Done>> = VecDeque::new();
    loop {
        // As many as the workers take next, so that none waits for the decoding of the audio, and the end is seen soon
        // enough to share out evenly.
        while more && ready.len() < workers * SIDE_BY_SIDE {
            match next(run, given == taken && ready.is_empty())? {
                Some(job) => ready.push_back(job),
                None => more = false,
            }
            if idle > 0 && ready.len() >= SIDE_BY_SIDE {
                break;
            }
        }
        while idle > 0 && !ready.is_empty() {
            let count = if more { SIDE_BY_SIDE } else { ready.len().div_ceil(idle).min(SIDE_BY_SIDE) };
            let batch: Vec<Job> = ready.drain(..count.min(ready.len())).collect();
            waiting.extend(batch.iter().map(|_| None));
            let first = given;
            given += batch.len();
            give.send((first, batch)).map_err(|_| broken())?;
            idle -= 1;
            if more {
                break;
            }
        }
        if given == taken {
            if more {
                continue;
            }
            return Ok(());
        }
        if more && idle > 0 {
            // Somebody waits for work: what is done can wait.
            match news.try_recv() {
                Ok(told) => take_in(told, run, &mut waiting, &mut taken, &mut idle)?,
                Err(_) => continue,
            }
        } else {
            take_in(news.recv().map_err(|_| broken())?, run, &mut waiting, &mut taken, &mut idle)?;
        }
    }
}

fn take_in(
    news: News,
    run: &mut Run<'_>,
    waiting: &mut VecDeque<Option<Done>>,
    taken: &mut usize,
    idle: &mut usize,
) -> Result<(), SpeechError> {
    match news {
        News::Working => run.tell(Event::Working)?,
        News::Done(all) => {
            *idle += 1;
            for done in all? {
                let place = done.number - *taken;
                if let Some(slot) = waiting.get_mut(place) {
                    *slot = Some(done);
                }
            }
        }
    }
    while let Some(done) = waiting.front_mut().and_then(Option::take) {
        waiting.pop_front();
        *taken += 1;
        run.take(done.segments, done.left_out_s, done.end_s, done.total_s)?;
    }
    Ok(())
}

fn work(bench: &Bench<'_>, ear: &mut Ear, tell: &Sender<News>) {
    loop {
        let batch = bench.batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((first, jobs)) = batch else { return };
        let mut go_on = || !bench.stop.load(Ordering::Relaxed) && tell.send(News::Working).is_ok();
        let hear = || {
            let sounds: Vec<Sound<'_>> =
                jobs.iter().map(|job| Sound { samples: &job.chunk.samples, voiced: job.chunk.voiced() }).collect();
            let heard = bench.whisper.hear(ear, &sounds, bench.hints, &mut go_on)?;
            let done = |(i, (job, utterances)): (usize, (&Job, _))| {
                let (segments, left_out_s) = heard_in(&job.chunk, utterances, job.least_clarity);
                Done { number: first + i, end_s: job.chunk.end_s(), total_s: job.total_s, segments, left_out_s }
            };
            Ok(jobs.iter().zip(heard).enumerate().map(done).collect())
        };
        // A panic must not leave the others waiting for these chunks.
        let outcome = catch_unwind(AssertUnwindSafe(hear)).unwrap_or(Err(SpeechError::Engine("listened")));
        if tell.send(News::Done(outcome)).is_err() {
            return;
        }
    }
}
