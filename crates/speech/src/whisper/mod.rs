//! Whisper: what it hears in chunks of sound.
//!
//! Several chunks are written down side by side, so that the weights are read once for all of them. What comes of one
//! chunk does not depend on the others.

mod align;
mod decode;
mod hearing;
mod network;
mod rules;
mod vocabulary;
mod words;

use crate::SpeechError;
use crate::model_file::ModelFile;
use cloister_kernels::CpuPath;
pub(crate) use decode::LONGEST_PROMPT;
use hearing::{Hearing, Next};
use network::{AUDIO_CONTEXT, Network, Page, Reading, SAMPLES_PER_STEP, Workspace};
use vocabulary::Vocabulary;

pub(crate) use words::{SpokenWord, Utterance, clarity};

/// Whisper's encoder makes one vector for each 20 ms.
const STEPS_PER_SECOND: f64 = 50.0;
/// Steps of silence after the longest sound, which tell the model that the speech has ended. 0.64 s.
const SILENCE_AFTER: usize = 32;
/// The longest sound that is heard at once, in seconds.
pub(crate) const LONGEST_S: f64 = (AUDIO_CONTEXT - SILENCE_AFTER) as f64 / STEPS_PER_SECOND;
/// Tokens of each chunk between two questions whether to go on.
const STRIDE: usize = 16;

/// A loaded model.
pub(crate) struct Whisper {
    network: Network,
    vocabulary: Vocabulary,
}

/// Threads and working memory: one for each worker.
pub(crate) struct Ear {
    work: Workspace,
    /// One for each chunk that is heard at the same time.
    pages: Vec<Page>,
}

/// A chunk of sound.
#[derive(Debug, Clone)]
pub(crate) struct Sound<'a> {
    /// 16 kHz, at most [`LONGEST_S`].
    pub(crate) samples: &'a [f32],
    /// For each 20 ms, whether somebody speaks in them.
    pub(crate) voiced: Vec<bool>,
}

/// The language to transcribe, and terms that may occur.
#[derive(Debug, Clone)]
pub(crate) struct Hints {
    /// Whisper's token for the language; `None` with an English-only model.
    pub(crate) language: Option<i32>,
    /// Whether words are written without spaces between them.
    pub(crate) unspaced: bool,
    /// Terms as tokens, at most [`decode::LONGEST_PROMPT`].
    pub(crate) terms: Vec<i32>,
    /// The text is heard again when more was said: one try is enough.
    pub(crate) draft: bool,
}

impl Whisper {
    /// Takes in a checked model file.
    pub(crate) fn load(file: &ModelFile<'_>) -> Result<Self, SpeechError> {
        let network = Network::read(file, CpuPath::detect())?;
        Ok(Self { network, vocabulary: Vocabulary::read(file) })
    }

    /// Working memory that uses `threads` cores.
    pub(crate) fn ear(&self, threads: usize) -> Result<Ear, SpeechError> {
        let work = Workspace::new(threads).ok_or(SpeechError::Engine("made room to listen"))?;
        Ok(Ear { work, pages: Vec::new() })
    }

    /// Whisper's token for an ISO 639-1 code.
    pub(crate) fn language_token(&self, code: &str) -> Option<i32> {
        self.vocabulary.language(code)
    }

    /// Text as tokens.
    pub(crate) fn tokens(&self, text: &str) -> Vec<i32> {
        self.vocabulary.tokens(text)
    }

    /// The language spoken in `samples`, as a code.
    pub(crate) fn detect_language(&self, ear: &mut Ear, samples: &[f32]) -> &'static str {
        ear.pages.resize_with(ear.pages.len().max(1), || self.network.page());
        let Ear { work, pages } = ear;
        self.network.hear(samples, AUDIO_CONTEXT, &mut pages[0], work, &mut || true);
        let start = [self.vocabulary.start];
        let logits = self.network.read_tokens(&mut [pages[0].reading(&start)], work).next().unwrap_or_default();
        let likelihood = |token: i32| logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let best = self.vocabulary.languages().max_by(|a, b| likelihood(a.1).total_cmp(&likelihood(b.1)));
        best.map_or("en", |(code, _)| code)
    }

    /// What is said in each of the sounds, in order; times in seconds from their start.
    ///
    /// `go_on` is asked between steps of at most about a second of work.
    pub(crate) fn hear(
        &self,
        ear: &mut Ear,
        sounds: &[Sound<'_>],
        hints: &Hints,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Vec<Utterance>>, SpeechError> {
        ear.pages.resize_with(ear.pages.len().max(sounds.len()), || self.network.page());
        let Ear { work, pages } = ear;
        let mut hearings: Vec<Hearing<'_>> =
            sounds.iter().map(|sound| Hearing::new(&self.vocabulary, sound, hints)).collect();
        let mut rounds = 0usize;
        loop {
            for (hearing, page) in hearings.iter_mut().zip(pages.iter_mut()) {
                if let Next::Encode(samples) = hearing.next() {
                    let encoder_steps = encoder_steps(steps(samples), hints.draft);
                    if !self.network.hear(samples, encoder_steps, page, work, go_on) {
                        return Err(SpeechError::Cancelled);
                    }
                }
                if hearing.begins_text() {
                    page.begin();
                }
            }
            let mut readings: Vec<Reading<'_>> = Vec::new();
            for (hearing, page) in hearings.iter().zip(pages.iter_mut()) {
                readings.extend(page.readings(hearing.pending()));
            }
            if readings.is_empty() {
                break;
            }
            let mut logits = self.network.read_tokens(&mut readings, work);
            for (hearing, page) in hearings.iter_mut().zip(pages.iter_mut()) {
                hearing.take(&mut logits);
                page.arrange(hearing.origins());
            }
            rounds += 1;
            if rounds.is_multiple_of(STRIDE) && !go_on() {
                return Err(SpeechError::Cancelled);
            }
        }
        Ok(hearings.into_iter().map(Hearing::end).collect())
    }
}

impl Ear {
    /// Uses `threads` cores from now on.
    pub(crate) fn use_threads(&mut self, threads: usize) {
        self.work.use_threads(threads);
    }
}

/// Length of a sound in units of 20 ms.
const fn steps(samples: &[f32]) -> usize {
    samples.len().div_ceil(SAMPLES_PER_STEP)
}

/// Encoder steps for `steps` steps of sound. The model was trained on 30 s with silence where the sound ends, and is at its
/// best there: with fewer steps whole sentences get lost now and then, which only a draft may do for the sake of time.
fn encoder_steps(steps: usize, draft: bool) -> usize {
    const LEAST: usize = 512;
    if draft { (steps + SILENCE_AFTER).clamp(LEAST, AUDIO_CONTEXT) } else { AUDIO_CONTEXT }
}

impl std::fmt::Debug for Whisper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Whisper")
    }
}

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ear")
    }
}
