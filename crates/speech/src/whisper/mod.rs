//! Whisper through whisper.cpp: what it hears in one chunk.
//!
//! whisper.cpp computes spectrogram, encoder and decoder; the choice of tokens is made here. Its own loop
//! (`whisper_full`) leaks through whisper-rs's callbacks, cannot be stopped between tokens, retries at random, and
//! gives token times that do not survive a second segment.

mod align;
mod decode;
mod vocabulary;
mod words;

use crate::SpeechError;
pub(crate) use decode::LONGEST_PROMPT;
use decode::{Decoder, Hypothesis};
use vocabulary::Vocabulary;
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

pub(crate) use words::{SpokenWord, Utterance};

/// Whisper's encoder makes one vector for each 20 ms.
const STEPS_PER_SECOND: f64 = 50.0;
const SAMPLES_PER_STEP: usize = 320;
/// The most steps the encoder is run for, of its 1500. Memory grows with the square.
const MOST_STEPS: usize = 1216;
/// Steps of silence that tell the model that the speech has ended. 0.64 s.
const SILENCE_AFTER: usize = 32;
/// The longest sound that is heard at once, in seconds.
pub(crate) const LONGEST_S: f64 = (MOST_STEPS - SILENCE_AFTER) as f64 / STEPS_PER_SECOND;

/// A loaded model.
pub(crate) struct Whisper {
    context: WhisperContext,
    vocabulary: Vocabulary,
}

/// Working memory of a model: one for each chunk that is heard at the same time. About 90 MB with the base model.
pub(crate) struct Ear {
    state: WhisperState,
    /// Processor cores to use.
    threads: usize,
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
    /// Loads a checked model file.
    pub(crate) fn load(model: &[u8]) -> Result<Self, SpeechError> {
        whisper_rs::install_logging_hooks();
        let mut parameters = WhisperContextParameters::default();
        // On a CPU ggml's flash attention works number by number: half of all the time went there. Plain products take
        // 60 MB more for each ear and a third less time.
        parameters.flash_attn(false);
        let context = WhisperContext::new_from_buffer_with_params(model, parameters)
            .map_err(|_| SpeechError::Engine("loaded the model"))?;
        let vocabulary = Vocabulary::read(&context);
        Ok(Self { context, vocabulary })
    }

    /// Working memory that uses `threads` cores.
    pub(crate) fn ear(&self, threads: usize) -> Result<Ear, SpeechError> {
        let state = self.context.create_state().map_err(|_| SpeechError::Engine("made room to listen"))?;
        Ok(Ear { state, threads: threads.max(1) })
    }

    /// Whisper's token for an ISO 639-1 code.
    pub(crate) fn language_token(&self, code: &str) -> Option<i32> {
        // whisper-rs panics on what C strings cannot hold, and whisper.cpp also takes English names of languages.
        let well_formed = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
        let id = well_formed.then(|| whisper_rs::get_lang_id(code)).flatten()?;
        let token = self.context.token_lang(id);
        (token < self.context.token_translate()).then_some(token)
    }

    /// Text as tokens.
    pub(crate) fn tokens(&self, text: &str) -> Vec<i32> {
        // A text has no more tokens than bytes.
        self.context.tokenize(text, text.len() + 1).unwrap_or_default()
    }

    /// The language spoken in `samples`, as a code.
    pub(crate) fn detect_language(&self, ear: &mut Ear, samples: &[f32]) -> Result<&'static str, SpeechError> {
        ear.encode(samples)?;
        let mut decoder = Decoder::new(&mut ear.state, &self.vocabulary, ear.threads);
        let logits = decoder.after_start()?;
        let count = whisper_rs::get_lang_max_id() + 1;
        let tokens = (0..count).map(|id| (id, self.context.token_lang(id)));
        let spoken = tokens.filter(|(_, t)| *t < self.context.token_translate());
        let likelihood = |token: i32| logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let best = spoken.max_by(|a, b| likelihood(a.1).total_cmp(&likelihood(b.1)));
        Ok(best.and_then(|(id, _)| whisper_rs::get_lang_str(id)).unwrap_or("en"))
    }

    /// What is said in `samples` (16 kHz, at most [`LONGEST_S`]), in order; times in seconds from their start.
    /// `voiced` tells for each 20 ms whether somebody speaks in them.
    ///
    /// `go_on` is asked between steps of at most about a second of work.
    pub(crate) fn hear(
        &self,
        ear: &mut Ear,
        samples: &[f32],
        voiced: &[bool],
        hints: &Hints,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Utterance>, SpeechError> {
        let mut heard = Vec::new();
        let mut offset = 0;
        // The model may stop in the middle; then it hears what is left.
        while samples.len() - offset > SAMPLES_PER_STEP * MIN_STEPS_LEFT {
            let rest = &samples[offset..];
            ear.encode(rest)?;
            if !go_on() {
                return Err(SpeechError::Cancelled);
            }
            let steps = rest.len().div_ceil(SAMPLES_PER_STEP);
            let Some(hypothesis) = self.decode(ear, steps, hints, go_on)? else { break };
            let start_s = offset as f64 / SAMPLES_PER_STEP as f64 / STEPS_PER_SECOND;
            let (utterances, covered) = words::utterances(
                &hypothesis,
                &self.vocabulary,
                voiced.get(offset / SAMPLES_PER_STEP..).unwrap_or_default(),
                steps,
                hints.unspaced,
            );
            heard.extend(utterances.into_iter().map(|u| u.shifted(start_s)));
            if covered + WORTH_HEARING >= steps || covered < MIN_STEPS_LEFT {
                break;
            }
            offset += covered * SAMPLES_PER_STEP;
        }
        Ok(heard)
    }

    /// Several tries, bounded: greedy first; with the terms left out when they seem to lead astray; then with some
    /// chance. The best that passes, else the best that does not run in circles.
    fn decode(
        &self,
        ear: &mut Ear,
        steps: usize,
        hints: &Hints,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Hypothesis>, SpeechError> {
        let tries = [(0.0, true), (0.0, false), (0.4, false), (0.8, false)];
        let mut best: Option<Hypothesis> = None;
        for (temperature, with_terms) in tries {
            if !with_terms && temperature == 0.0 && hints.terms.is_empty() {
                continue;
            }
            let terms = if with_terms { &hints.terms[..] } else { &[] };
            let mut decoder = Decoder::new(&mut ear.state, &self.vocabulary, ear.threads);
            let hypothesis = decoder.decode(terms, hints.language, steps, temperature, go_on)?;
            if hypothesis.is_silence() {
                return Ok(None);
            }
            let passes = hypothesis.passes() && !hypothesis.echoes(terms);
            if best.as_ref().is_none_or(|b| hypothesis.beats(b)) || passes {
                best = Some(hypothesis);
            }
            if passes || hints.draft {
                break;
            }
        }
        Ok(best)
    }
}

impl Ear {
    /// Uses `threads` cores from now on.
    pub(crate) fn use_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    /// Spectrogram and encoder. The encoder sees no more of the 30 s than the sound fills.
    fn encode(&mut self, samples: &[f32]) -> Result<(), SpeechError> {
        let failed = SpeechError::Engine("listened");
        let mut padded;
        let samples = if samples.len() < SHORTEST {
            padded = samples.to_vec();
            padded.resize(SHORTEST, 0.0);
            &padded[..]
        } else {
            samples
        };
        let steps = samples.len().div_ceil(SAMPLES_PER_STEP);
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(self.threads as i32);
        parameters.set_audio_ctx(encoder_steps(steps) as i32);
        // The only public way to set the encoder's length. A duration of 100 ms is the longest that ends before the
        // first encoder run: this computes the spectrogram and nothing else.
        parameters.set_duration_ms(100);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        if self.state.full(parameters, samples).is_err() {
            return Err(failed);
        }
        self.state.encode(0, self.threads).map_err(|_| failed)
    }
}

/// whisper.cpp mirrors 200 samples at the start: it must get more than that. One second.
const SHORTEST: usize = 16_000;
/// A chunk must be longer than this, and a run must get further. 0.2 s.
const MIN_STEPS_LEFT: usize = 10;
/// Sound left after an early stop that is worth another run: 2 s. Less is the end of the last word.
const WORTH_HEARING: usize = 100;

/// Encoder steps for `steps` steps of sound, a little silence after it included; a whole number of 64, which suits the
/// products. At least 512: with fewer the model loses its bearings.
fn encoder_steps(steps: usize) -> usize {
    (steps + SILENCE_AFTER).next_multiple_of(64).clamp(512, MOST_STEPS)
}

impl std::fmt::Debug for Whisper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Whisper")
    }
}

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ear").field("threads", &self.threads).finish_non_exhaustive()
    }
}
