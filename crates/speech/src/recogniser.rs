//! The whole way: audio to segments.

use crate::chunk::{Chunk, Chunker, Limits};
use crate::model_file::{ModelShape, read_model};
use crate::parallel::{self, Job};
use crate::whisper::{Ear, Hints, LONGEST_PROMPT, Sound, SpokenWord, Utterance, Whisper, clarity};
use crate::{AudioDecoder, SAMPLE_RATE, SpeechError, Warning};
use cloister_domain::{Segment, Sensitive, Word};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// A pause between words that ends a segment, in seconds of the recording.
const SEGMENT_PAUSE_S: f64 = 1.5;
/// A pause after a full stop that ends a segment.
const SENTENCE_PAUSE_S: f64 = 0.25;
/// A segment this long ends at the next full stop, pause or not.
const LONG_SEGMENT_S: f64 = 10.0;
/// Speech needed to tell the language; shorter beginnings are skipped for it.
const DETECT_FROM_S: f64 = 3.0;
/// Utterances less sure than this (see [`clarity`]) are guesses. Read
/// speech is above 0.55 throughout; odd but true sentences were seen at 0.43, coughs and hums at 0.26.
pub(crate) const LEAST_CLARITY: f32 = 0.35;
/// The same beside clear speech: a chunk that is this clear on the whole was spoken, and a sentence of it that is less so
/// was mumbled. It is written down, its words marked as unsure.
const CLEAR_CHUNK: f32 = 0.55;
const LEAST_CLARITY_AMONG_CLEAR: f32 = 0.2;
/// The same where parts of the audio are missing: what is left of it sounds like other words.
const LEAST_CLARITY_DAMAGED: f32 = 0.55;
/// Workers; each takes some 100 MB.
const MOST_WORKERS: usize = 4;
/// Silence after which progress is told, in seconds.
const SILENT_PROGRESS_S: f64 = 10.0;
/// Languages written without spaces between words.
const UNSPACED: [&str; 6] = ["zh", "ja", "th", "lo", "my", "yue"];

/// What language the speech is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// An ISO 639-1 code that the model knows.
    Fixed(String),
    /// Told once, from the first few seconds of speech.
    Detect,
}

impl Default for Language {
    fn default() -> Self {
        Self::Fixed("en".into())
    }
}

/// How to transcribe.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// English, unless said otherwise.
    pub language: Language,
    /// Names and terms that may occur. They help only where they are spoken; at most some 100 words are used.
    pub vocabulary: Vec<String>,
    /// Leave out what lies before this moment, in seconds: to go on after [`Event::Progress`]'s `done_s`.
    pub from_s: f64,
}

impl Options {
    pub(crate) fn skipped_samples(&self) -> u64 {
        (self.from_s.max(0.0) * f64::from(SAMPLE_RATE)) as u64
    }
}

/// What happens while a recording is transcribed.
#[derive(Debug)]
pub enum Event<'a> {
    /// Work goes on; sent about once a second of work, so that the caller can stop it.
    Working,
    /// Everything before `done_s` is final.
    Progress {
        /// Seconds of the recording.
        done_s: f64,
        /// The recording's length, as far as its header can be believed.
        total_s: Option<f64>,
    },
    /// The next segment, final. What a draft said before it no longer holds.
    Segment(&'a Segment),
    /// All that is heard after the last final segment, as far as it can be told by now; takes the place of the draft
    /// before it. Only from [`Recogniser::listen`].
    Draft(&'a [Segment]),
}

/// A transcribed recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// ISO 639-1 code.
    pub language: String,
    /// Length of the audio that was read, in seconds.
    pub duration_s: f64,
    /// In order of time; empty when nothing was said.
    pub segments: Vec<Segment>,
    /// What is wrong with the audio, or was left out.
    pub warnings: Vec<Warning>,
}

/// A speech model, ready to transcribe one recording after another.
#[derive(Debug)]
pub struct Recogniser {
    whisper: Whisper,
    shape: ModelShape,
    threads: usize,
    /// The first uses all threads when it is used alone; the others are made when they are needed.
    ears: Vec<Ear>,
}

impl Recogniser {
    /// Loads a Whisper model in ggml form, after checking all of it. `threads`: processor cores to use.
    ///
    /// # Errors
    /// [`SpeechError::Model`] names what is wrong with the file.
    pub fn load(model: &[u8], threads: usize) -> Result<Self, SpeechError> {
        let file = read_model(model)?;
        let shape = file.shape;
        let whisper = Whisper::load(&file)?;
        let ears = vec![whisper.ear(threads)?];
        Ok(Self { whisper, shape, threads: threads.max(1), ears })
    }

    /// What kind of model it is.
    #[must_use]
    pub const fn shape(&self) -> ModelShape {
        self.shape
    }

    /// Transcribes a recording from first to last, in memory that does not grow with its length (but for the text).
    /// Times are seconds from the recording's start. The same audio and model give the same result.
    ///
    /// `on_event` may stop the work with [`ControlFlow::Break`].
    ///
    /// # Errors
    /// [`SpeechError::Cancelled`] when stopped; [`SpeechError::Language`] for a language the model does not have;
    /// reading faults. Damage in the audio becomes a [`Warning`].
    pub fn transcribe(
        &mut self,
        audio: &mut AudioDecoder,
        options: &Options,
        on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Heard, SpeechError> {
        let workers = self.threads.min(MOST_WORKERS);
        while self.ears.len() < workers {
            self.ears.push(self.whisper.ear(1)?);
        }
        let mut source = Source::new(audio, options);
        let mut run = self.begin(options, on_event)?;
        // Until the language is known, one chunk after another.
        while run.hints.is_none()
            && let Some(job) = source.next(&mut run, true)?
        {
            run.transcribe_one(job)?;
        }
        if let Some(hints) = run.hints.clone() {
            let (whisper, ears) = (run.whisper, std::mem::take(&mut run.ears));
            for ear in ears.iter_mut() {
                ear.use_threads(run.threads / workers);
            }
            parallel::transcribe(whisper, ears, &hints, &mut run, &mut |run, idle| source.next(run, idle))?;
        }
        let audio = source.audio;
        run.tell(Event::Progress { done_s: audio.decoded_s(), total_s: Some(audio.decoded_s()) })?;
        Ok(run.end(audio.decoded_s(), audio.warnings()))
    }

    pub(crate) fn begin<'a>(
        &'a mut self,
        options: &Options,
        on_event: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Run<'a>, SpeechError> {
        let language = self.fixed_language(&options.language)?;
        let terms = self.terms(&options.vocabulary);
        self.ears[0].use_threads(self.threads);
        let mut run = Run {
            hints: None,
            language: None,
            terms,
            segments: Vec::new(),
            left_out_s: 0.0,
            told_s: 0.0,
            whisper: &self.whisper,
            multilingual: self.shape.multilingual,
            threads: self.threads,
            ears: &mut self.ears,
            on_event,
        };
        if let Some(code) = language {
            run.hints = Some(run.hints_for(&code));
            run.language = Some(code);
        }
        Ok(run)
    }

    /// The language to begin with; `None` when it is to be detected.
    fn fixed_language(&self, wanted: &Language) -> Result<Option<String>, SpeechError> {
        match wanted {
            Language::Fixed(code) if self.knows(code) => Ok(Some(code.clone())),
            Language::Fixed(code) => Err(SpeechError::Language(code.clone())),
            Language::Detect if self.shape.multilingual => Ok(None),
            Language::Detect => Ok(Some("en".into())),
        }
    }

    fn knows(&self, code: &str) -> bool {
        code == "en" || (self.shape.multilingual && self.whisper.language_token(code).is_some())
    }

    fn terms(&self, vocabulary: &[String]) -> Vec<i32> {
        let mut tokens = Vec::new();
        for (i, term) in vocabulary.iter().enumerate() {
            let more = self.whisper.tokens(&format!("{} {}", if i > 0 { "," } else { "" }, term.trim()));
            if tokens.len() + more.len() > LONGEST_PROMPT {
                break;
            }
            tokens.extend(more);
        }
        tokens
    }
}

/// One recording being transcribed.
pub(crate) struct Run<'a> {
    whisper: &'a Whisper,
    multilingual: bool,
    threads: usize,
    ears: &'a mut [Ear],
    language: Option<String>,
    hints: Option<Hints>,
    terms: Vec<i32>,
    segments: Vec<Segment>,
    /// Speech that was too unclear, in seconds.
    left_out_s: f64,
    /// The progress that was told last.
    told_s: f64,
    on_event: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
}

impl Run<'_> {
    /// Transcribes one chunk on the first ear.
    pub(crate) fn transcribe_one(&mut self, job: Job) -> Result<(), SpeechError> {
        let (segments, left_out_s) = self.hear(&job.chunk, job.least_clarity, false)?;
        self.take(segments, left_out_s, job.chunk.end_s(), job.total_s)
    }

    /// What is said in a chunk so far.
    pub(crate) fn draft(&mut self, chunk: &Chunk) -> Result<Vec<Segment>, SpeechError> {
        Ok(self.hear(chunk, LEAST_CLARITY, true)?.0)
    }

    fn hear(&mut self, chunk: &Chunk, least_clarity: f32, draft: bool) -> Result<(Vec<Segment>, f64), SpeechError> {
        let hints = Hints { draft, ..self.hints(chunk)? };
        let on_event = &mut *self.on_event;
        let mut go_on = || on_event(Event::Working).is_continue();
        let sound = Sound { samples: &chunk.samples, voiced: chunk.voiced() };
        let mut heard = self.whisper.hear(&mut self.ears[0], &[sound], &hints, &mut go_on)?;
        Ok(heard_in(chunk, heard.pop().unwrap_or_default(), least_clarity))
    }

    /// Takes in what was heard in the next chunk, which ends at `end_s`.
    pub(crate) fn take(
        &mut self,
        segments: Vec<Segment>,
        left_out_s: f64,
        end_s: f64,
        total_s: Option<f64>,
    ) -> Result<(), SpeechError> {
        self.left_out_s += left_out_s;
        for segment in segments {
            self.tell(Event::Segment(&segment))?;
            self.segments.push(segment);
        }
        self.told_s = end_s;
        self.tell(Event::Progress { done_s: end_s, total_s })
    }

    /// What came of a recording of this length.
    pub(crate) fn end(self, duration_s: f64, warnings: &[Warning]) -> Heard {
        let mut warnings = warnings.to_vec();
        if self.left_out_s > 0.0 {
            warnings.push(Warning::Unclear { left_out_s: self.left_out_s });
        }
        let language = self.language.unwrap_or_else(|| "en".into());
        Heard { language, duration_s, segments: self.segments, warnings }
    }

    /// Progress through silence, every `step_s` seconds of it.
    pub(crate) fn tell_settled(
        &mut self,
        settled_s: f64,
        step_s: f64,
        total_s: Option<f64>,
    ) -> Result<(), SpeechError> {
        if settled_s < self.told_s + step_s {
            return Ok(());
        }
        self.told_s = settled_s;
        self.tell(Event::Progress { done_s: settled_s, total_s })
    }

    /// Language and terms; detects the language when that is asked for and this chunk is long enough to tell.
    fn hints(&mut self, chunk: &Chunk) -> Result<Hints, SpeechError> {
        if let Some(hints) = &self.hints {
            return Ok(hints.clone());
        }
        let code = self.whisper.detect_language(&mut self.ears[0], &chunk.samples);
        let hints = self.hints_for(code);
        if chunk.speech_s >= DETECT_FROM_S {
            self.hints = Some(hints.clone());
        }
        self.language = Some(code.to_owned());
        Ok(hints)
    }

    fn hints_for(&self, code: &str) -> Hints {
        Hints {
            language: if self.multilingual { self.whisper.language_token(code) } else { None },
            unspaced: UNSPACED.contains(&code),
            terms: self.terms.clone(),
            draft: false,
        }
    }

    pub(crate) fn tell(&mut self, event: Event<'_>) -> Result<(), SpeechError> {
        if (self.on_event)(event).is_break() { Err(SpeechError::Cancelled) } else { Ok(()) }
    }
}

/// Audio that is decoded and cut as chunks are asked for.
struct Source<'a> {
    audio: &'a mut AudioDecoder,
    chunker: Chunker,
    chunks: VecDeque<Chunk>,
    /// Samples to leave out, and samples read.
    skip: u64,
    read: u64,
    ended: bool,
}

impl<'a> Source<'a> {
    fn new(audio: &'a mut AudioDecoder, options: &Options) -> Self {
        let skip = options.skipped_samples();
        let chunker = Chunker::starting_at(skip, Limits::WHOLE);
        Self { audio, chunker, chunks: VecDeque::new(), skip, read: 0, ended: false }
    }

    /// The next chunk; `idle` when everything before it is done, so that progress through silence can be told.
    fn next(&mut self, run: &mut Run<'_>, idle: bool) -> Result<Option<Job>, SpeechError> {
        loop {
            if let Some(chunk) = self.chunks.pop_front() {
                let least_clarity = if self.audio.is_damaged() { LEAST_CLARITY_DAMAGED } else { LEAST_CLARITY };
                return Ok(Some(Job { chunk, least_clarity, total_s: self.total_s() }));
            }
            if self.ended {
                return Ok(None);
            }
            match self.audio.next_block()? {
                Some(block) => {
                    let left_out = usize::try_from(self.skip.saturating_sub(self.read)).unwrap_or(usize::MAX);
                    self.read += block.len() as u64;
                    self.chunker.push(&block[left_out.min(block.len())..], &mut self.chunks);
                }
                None => {
                    self.ended = true;
                    self.chunker.finish(&mut self.chunks);
                }
            }
            if idle && self.chunks.is_empty() {
                run.tell_settled(self.chunker.settled_s(), SILENT_PROGRESS_S, self.total_s())?;
            }
        }
    }

    fn total_s(&self) -> Option<f64> {
        if self.ended { Some(self.audio.decoded_s()) } else { self.audio.promised_s() }
    }
}

/// The segments of a chunk, and the seconds of it that are too unclear to be written down.
pub(crate) fn heard_in(chunk: &Chunk, utterances: Vec<Utterance>, least_clarity: f32) -> (Vec<Segment>, f64) {
    let (mut words, mut left_out_s) = (Vec::new(), 0.0);
    let among_clear = least_clarity < CLEAR_CHUNK && clarity(utterances.iter().flat_map(|u| &u.words)) >= CLEAR_CHUNK;
    let least_clarity = if among_clear { LEAST_CLARITY_AMONG_CLEAR } else { least_clarity };
    for utterance in utterances {
        let clear = clarity(&utterance.words) >= least_clarity;
        let placed = in_recording(utterance.words, chunk);
        match (clear, placed.first(), placed.last()) {
            (false, Some(first), Some(last)) => left_out_s += last.end_s - first.start_s,
            _ => words.extend(placed),
        }
    }
    (split(words), left_out_s)
}

/// Words of a chunk with the recording's times.
fn in_recording(words: Vec<SpokenWord>, chunk: &Chunk) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        let (start_s, end_s) = chunk.in_recording(word.start_s, word.end_s);
        let start_s = out.last().map_or(start_s, |before| start_s.max(before.end_s));
        out.push(Word {
            start_s,
            end_s: end_s.max(start_s),
            text: Sensitive::new(word.text),
            probability: word.probability,
        });
    }
    out
}

/// Words as segments: one for each sentence, new after each long pause.
fn split(words: Vec<Word>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut current: Vec<Word> = Vec::new();
    for word in words {
        if let (Some(first), Some(last)) = (current.first(), current.last()) {
            let pause_s = word.start_s - last.end_s;
            let sentence = ends_sentence(last.text.expose("finding the end of a sentence"));
            let long = last.end_s - first.start_s >= LONG_SEGMENT_S;
            if pause_s >= SEGMENT_PAUSE_S || (sentence && (pause_s >= SENTENCE_PAUSE_S || long)) {
                segments.extend(segment(std::mem::take(&mut current)));
            }
        }
        current.push(word);
    }
    segments.extend(segment(current));
    segments
}

fn ends_sentence(word: &str) -> bool {
    word.trim_end_matches(['"', '”', '\'']).ends_with(['.', '!', '?', '。', '！', '？', '…'])
}

fn segment(words: Vec<Word>) -> Option<Segment> {
    let (first, last) = (words.first()?, words.last()?);
    let text = words.iter().map(|w| w.text.expose("joining the words").as_str()).collect::<Vec<_>>().join(" ");
    Some(Segment { start_s: first.start_s, end_s: last.end_s, speaker: None, text: Sensitive::new(text), words })
}
