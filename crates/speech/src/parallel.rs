//! Chunks transcribed side by side: one core works on one chunk from first to last. A decoder's steps are too short
//! to be shared out between cores; on two cores this is half as fast again.

use crate::SpeechError;
use crate::chunk::Chunk;
use crate::recogniser::{Event, Run, heard_in};
use crate::whisper::{Ear, Hints, Whisper};
use cloister_domain::Segment;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// A chunk to be transcribed.
pub(crate) struct Job {
    pub(crate) chunk: Chunk,
    pub(crate) least_clarity: f32,
    /// The recording's length, as far as it is known.
    pub(crate) total_s: Option<f64>,
}

/// What became of the chunk with this number.
struct Done {
    number: usize,
    end_s: f64,
    total_s: Option<f64>,
    outcome: Result<(Vec<Segment>, f64), SpeechError>,
}

/// Gives the next chunk. It may tell progress through silence when no chunk is under way (the second argument).
pub(crate) type Next<'a> = &'a mut dyn FnMut(&mut Run<'_>, bool) -> Result<Option<Job>, SpeechError>;

enum News {
    Working,
    Done(Done),
}

/// What the workers share.
struct Bench<'a> {
    whisper: &'a Whisper,
    hints: &'a Hints,
    jobs: Mutex<Receiver<(usize, Job)>>,
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
    let (give, jobs) = channel();
    let (tell, news) = channel();
    // One chunk more than workers, so that none waits for the decoding of the audio.
    let most = ears.len() + 1;
    let bench = Bench { whisper, hints, jobs: Mutex::new(jobs), stop: AtomicBool::new(false) };
    thread::scope(|scope| {
        for ear in ears {
            let (bench, tell) = (&bench, tell.clone());
            scope.spawn(move || work(bench, ear, &tell));
        }
        drop(tell);
        let ended = serve(&give, &news, most, run, next);
        // Whatever came of it: nobody works on.
        bench.stop.store(true, Ordering::Relaxed);
        drop(give);
        ended
    })
}

/// Hands out chunks and takes in what was heard, in order.
fn serve(
    give: &Sender<(usize, Job)>,
    news: &Receiver<News>,
    most: usize,
    run: &mut Run<'_>,
    next: Next<'_>,
) -> Result<(), SpeechError> {
    let broken = |_| SpeechError::Engine("shared out the work");
    let (mut given, mut taken, mut more) = (0, 0, true);
    let mut waiting: VecDeque<Option<Done>> = VecDeque::new();
    loop {
        while more && given - taken < most {
            match next(run, given == taken)? {
                Some(job) => {
                    give.send((given, job)).map_err(|_| SpeechError::Engine("shared out the work"))?;
                    given += 1;
                    waiting.push_back(None);
                }
                None => more = false,
            }
        }
        if given == taken {
            return Ok(());
        }
        match news.recv().map_err(broken)? {
            News::Working => run.tell(Event::Working)?,
            News::Done(done) => {
                let place = done.number - taken;
                if let Some(slot) = waiting.get_mut(place) {
                    *slot = Some(done);
                }
            }
        }
        while let Some(done) = waiting.front_mut().and_then(Option::take) {
            waiting.pop_front();
            taken += 1;
            let (segments, left_out_s) = done.outcome?;
            run.take(segments, left_out_s, done.end_s, done.total_s)?;
        }
    }
}

fn work(bench: &Bench<'_>, ear: &mut Ear, tell: &Sender<News>) {
    loop {
        let job = bench.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job)) = job else { return };
        let mut go_on = || !bench.stop.load(Ordering::Relaxed) && tell.send(News::Working).is_ok();
        let hear = || {
            let utterances =
                bench.whisper.hear(ear, &job.chunk.samples, &job.chunk.voiced(), bench.hints, &mut go_on)?;
            Ok(heard_in(&job.chunk, utterances, job.least_clarity))
        };
        // A panic must not leave the others waiting for this chunk.
        let outcome = catch_unwind(AssertUnwindSafe(hear)).unwrap_or(Err(SpeechError::Engine("listened")));
        let done = Done { number, end_s: job.chunk.end_s(), total_s: job.total_s, outcome };
        if tell.send(News::Done(done)).is_err() {
            return;
        }
    }
}
