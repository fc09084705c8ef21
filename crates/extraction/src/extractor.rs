//! The whole way from a text to grounded fields.

use crate::chat::ChatTemplate;
use crate::constrain::{Constrainer, Grammar};
use crate::decoder::{Decoder, ModelBytes, Rows, SharedPrefix, Step};
use crate::generate::{CHUNK, Cut, Generation, Request, Writer, confidences};
use crate::gguf::Header;
use crate::ground::ground_windows;
use crate::orders::Readable;
use crate::prompt;
use crate::schema::Schema;
use crate::sections::sections;
use crate::text::{IndexedText, Span, windows};
use crate::tokenizer::{TokenId, Tokenizer};
use crate::{Accelerator, ExtractError, LoadError};
use cloister_domain::{ExtractionStatus, Finding, Sensitive, Sha256Hex};
use cloister_kernels::CpuPath;
use serde_json::Value;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

mod side_by_side;

/// How to run a model.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// Threads to compute with; every core the process may use when not given.
    pub threads: Option<usize>,
    /// What to compute on.
    pub device: Device,
}

/// What to compute on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Device {
    /// The best there is.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA accelerator, or an error that says why not.
    Cuda,
}

impl Device {
    /// The one of this name: `auto`, `cpu` or `cuda`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda),
            _ => None,
        }
    }

    /// The accelerator, if it is to be one, and what provenance says: `cpu` or `cuda`, with the reason where it was left
    /// to us.
    ///
    /// # Errors
    /// When an accelerator was asked for and there is none.
    pub fn choose(self) -> Result<(Option<Accelerator>, String), LoadError> {
        if self == Self::Cpu {
            return Ok((None, "cpu".to_owned()));
        }
        match Accelerator::open() {
            Ok(accelerator) => Ok((Some(accelerator), "cuda".to_owned())),
            Err(why) if self == Self::Cuda => Err(LoadError::Device { device: "cuda", why }),
            Err(why) => Ok((None, format!("cpu ({why})"))),
        }
    }
}

/// A loaded model and what it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// `qwen2` or `llama`.
    pub architecture: String,
    /// Longest sequence the model was made for, in tokens.
    pub context_length: usize,
    /// Weights, biases included.
    pub parameters: u64,
    /// Arithmetic path, such as `avx512-vnni`.
    pub cpu_path: String,
    /// Threads.
    pub threads: usize,
    /// `cpu`, with the reason when better was asked for.
    pub device: String,
}

/// Limits of one extraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtractOptions {
    /// Tokens the model may write for one window before its answer is cut.
    pub max_output_tokens: usize,
    /// Tokens of instructions, text and answer together for one window; the model's own context if that is shorter.
    /// It bounds memory. A longer text is read in overlapping windows.
    pub max_context_tokens: usize,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self { max_output_tokens: 1024, max_context_tokens: 8192 }
    }
}

/// How far an extraction is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The window at work, from 0.
    pub window: usize,
    /// How many windows the text has; 0 while the schema's instructions are read.
    pub windows: usize,
    /// Tokens of the window's prompt read.
    pub read: usize,
    /// Tokens of the window's prompt.
    pub to_read: usize,
    /// Tokens of its answer written.
    pub written: usize,
}

/// What was found in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How it came out.
    pub status: ExtractionStatus,
    /// The supported values, shaped as the schema says.
    pub fields: Sensitive<Value>,
    /// Every value the model gave, with its evidence or the reason it was refused.
    pub findings: Vec<Finding>,
    /// Of the instructions the model was given.
    pub prompt_sha256: Sha256Hex,
    /// Why the status is not `Ok`, as codes (docs/grounding.md).
    pub reasons: Vec<String>,
    /// What the model wrote for each window, before any of it was looked up in the text.
    pub drafts: Sensitive<Vec<(Span, Value)>>,
    /// What it took.
    pub stats: Stats,
}

/// What an extraction took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Windows the text was read in; 0 for a blank text.
    pub windows: usize,
    /// Tokens of instructions taken over from earlier extractions with the same schema.
    pub shared_tokens: usize,
    /// Tokens read.
    pub prompt_tokens: usize,
    /// Tokens the model chose.
    pub sampled_tokens: usize,
    /// Tokens the grammar gave.
    pub forced_tokens: usize,
    /// Times the model was run to write them.
    pub writing_steps: usize,
    /// Time spent reading prompts.
    pub reading: Duration,
    /// Time spent writing answers.
    pub writing: Duration,
}

/// A language model ready to extract.
pub struct Extractor {
    decoder: Decoder,
    tokenizer: Arc<Tokenizer>,
    chat: ChatTemplate,
    constrainer: Constrainer,
    card: ModelCard,
    prepared: Option<Prepared>,
}

/// What every document of one schema shares.
struct Prepared {
    instructions: String,
    decoding: Value,
    grammar: Grammar,
    /// The prompt up to the document, read.
    prefix: SharedPrefix,
    fixed: Vec<TokenId>,
    /// Tokens of the prompt around an empty document.
    overhead: usize,
}

/// Share of a window's room that the estimate of its tokens may use; text is denser in some places than in others.
const WINDOW_FILL: f64 = 0.9;
/// Windows overlap by this part of their length, so that a finding at the seam stands whole in one of them.
const OVERLAP: usize = 10;
/// A window with less room for text (tokens) is of no use.
const LEAST_WINDOW: usize = 64;

impl std::fmt::Debug for Extractor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extractor").field("card", &self.card).finish_non_exhaustive()
    }
}

impl Extractor {
    /// Prepares the model in `file`, the bytes of a GGUF file. They must not change while the extractor lives.
    ///
    /// # Errors
    /// When the file is damaged, of an unsupported family, or the device cannot be had.
    pub fn load(file: ModelBytes, options: LoadOptions) -> Result<Self, LoadError> {
        let (accelerator, device) = options.device.choose()?;
        let threads =
            options.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), |n| n.max(1));
        let header = Header::read((*file).as_ref())?;
        let path = CpuPath::detect();
        let decoder = Decoder::load_on(accelerator.as_ref(), &header, &file, path, threads)?;
        let tokenizer = Arc::new(Tokenizer::from_gguf(&header)?);
        if tokenizer.vocabulary_len() > decoder.config().vocabulary {
            return Err(LoadError::Config { what: "vocabulary, larger than its embedding," });
        }
        let card = ModelCard {
            architecture: decoder.config().architecture.name().to_owned(),
            context_length: decoder.config().context,
            parameters: header.tensors().map(|(_, t)| t.value_count() as u64).sum(),
            cpu_path: path.name().to_owned(),
            threads,
            device,
        };
        Ok(Self {
            chat: ChatTemplate::from_gguf(&header)?,
            constrainer: Constrainer::new(Arc::clone(&tokenizer))?,
            decoder,
            tokenizer,
            card,
            prepared: None,
        })
    }

    /// The model and what it runs on.
    #[must_use]
    pub const fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Draws the schema's fields from a text. `progress` is told after every step and cancels with `Break`.
    ///
    /// The same text, schema, model and processor path give the same answer, whatever was extracted before.
    ///
    /// # Errors
    /// When cancelled, when the schema cannot be held to or leaves no room for a text, or when the computation fails.
    /// A text that yields nothing or too much is no error: the answer's status says so.
    pub fn extract(
        &mut self,
        schema: &Schema,
        text: &str,
        options: &ExtractOptions,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Answer, ExtractError> {
        let mut answers = Vec::with_capacity(1);
        self.extract_all(schema, &[text], options, progress, &mut |_, answer| answers.push(answer))?;
        answers.pop().ok_or_else(|| ExtractError::Compute("a text without an answer".to_owned()))
    }

    /// Draws the schema's fields from several texts, some of them side by side, which takes a fraction of the time
    /// that one after the other takes. `answered` is told each text's number and answer, in the order in which they
    /// come out. What a text gives does not depend on the others, and an error about one leaves them as they are.
    ///
    /// # Errors
    /// As [`Extractor::extract`], when no text would fare better.
    pub fn extract_all(
        &mut self,
        schema: &Schema,
        texts: &[&str],
        options: &ExtractOptions,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        answered: &mut dyn FnMut(usize, Answer),
    ) -> Result<(), ExtractError> {
        let shared_tokens = if texts.iter().all(|t| t.trim().is_empty()) { 0 } else { self.prepare(schema, progress)? };
        side_by_side::run(self, schema, texts, options, shared_tokens, progress, answered)
    }

    /// Compiles the grammar and reads the instructions, unless the last extraction had the same schema. Gives the
    /// number of tokens that need not be read again.
    fn prepare(
        &mut self,
        schema: &Schema,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<usize, ExtractError> {
        let (instructions, decoding) = (prompt::instructions(schema), schema.for_decoding());
        if let Some(ready) = &self.prepared
            && ready.instructions == instructions
            && ready.decoding == decoding
        {
            return Ok(ready.fixed.len());
        }
        self.prepared = None;
        let grammar = self.constrainer.grammar(&decoding)?;
        let empty = self.chat.encode(&prompt::messages(schema, ""), &self.tokenizer)?;
        let fixed = empty.tokens.get(..empty.fixed).unwrap_or_default().to_vec();
        if fixed.len() + LEAST_WINDOW > self.card.context_length {
            return Err(ExtractError::SchemaTooLong { tokens: fixed.len(), context: self.card.context_length });
        }
        let mut cache = self.decoder.cache(fixed.len());
        for tokens in fixed.chunks(CHUNK) {
            let so_far = Progress { read: cache.len(), to_read: fixed.len(), ..Progress::default() };
            if progress(so_far).is_break() {
                return Err(ExtractError::Cancelled);
            }
            let mut step = [Step { cache: &mut cache, tokens, logits: Rows::None }];
            self.decoder.forward(&mut step)?;
        }
        let prefix = cache.into_prefix().ok_or_else(|| ExtractError::Compute("a fork became a start".to_owned()))?;
        self.prepared = Some(Prepared { instructions, decoding, grammar, prefix, fixed, overhead: empty.tokens.len() });
        Ok(0)
    }

    /// Cuts a text so that each piece fits the context beside the instructions and the answer.
    fn windows(&self, schema: &Schema, text: &str, options: &ExtractOptions) -> Result<Vec<Span>, ExtractError> {
        let overhead = self.prepared.as_ref().map_or(0, |p| p.overhead);
        let context = self.card.context_length.min(options.max_context_tokens);
        let room = context.saturating_sub(overhead + options.max_output_tokens);
        if room < LEAST_WINDOW {
            return Err(ExtractError::SchemaTooLong { tokens: overhead + options.max_output_tokens, context });
        }
        let tokens_of = |text: &str| -> Result<usize, ExtractError> {
            let prompt = self.chat.encode(&prompt::messages(schema, text), &self.tokenizer)?;
            Ok(prompt.tokens.len().saturating_sub(overhead))
        };
        let indexed = IndexedText::new(text);
        let all = tokens_of(text)?;
        if all <= room {
            return Ok(vec![Span::new(0, indexed.len())]);
        }
        let breaks: Vec<usize> = sections(&indexed).iter().map(|s| s.heading.start.min(s.body.start)).collect();
        let mut most = (indexed.len() as f64 * room as f64 / all as f64 * WINDOW_FILL) as usize;
        loop {
            let spans = windows(&indexed, &breaks, most.max(1), most / OVERLAP);
            let mut fit = true;
            for &span in &spans {
                fit &= tokens_of(indexed.slice(span))? <= room;
            }
            if fit || most <= 1 {
                return Ok(spans);
            }
            most = most * 4 / 5;
        }
    }

    /// What is needed to write the answer for one window.
    fn writer<'a>(
        &'a self,
        schema: &Schema,
        text: &'a str,
        options: &ExtractOptions,
    ) -> Result<Writer<'a>, ExtractError> {
        let Some(ready) = &self.prepared else {
            return Err(ExtractError::Compute("no schema was prepared".to_owned()));
        };
        let mut prompt = self.chat.encode(&prompt::messages(schema, text), &self.tokenizer)?.tokens;
        prompt.drain(..ready.fixed.len().min(prompt.len()));
        let room = prompt.len() + options.max_output_tokens;
        let capacity = room.min(self.card.context_length.saturating_sub(ready.fixed.len()));
        let request = Request {
            tokenizer: &self.tokenizer,
            path: self.decoder.path(),
            cache: self.decoder.cache_after(&ready.prefix, capacity),
            prompt,
            document: text,
            most: options.max_output_tokens,
        };
        Writer::new(request, self.constrainer.guide(&ready.grammar))
    }
}

impl Stats {
    fn add(&mut self, generation: &Generation) {
        self.windows += 1;
        self.prompt_tokens += generation.counts.prompt;
        self.sampled_tokens += generation.counts.sampled;
        self.forced_tokens += generation.counts.forced;
        self.writing_steps += generation.counts.steps;
        self.reading += generation.times.reading;
        self.writing += generation.times.writing;
    }
}

fn answer(
    schema: &Schema,
    text: &Readable<'_>,
    drafts: &[(Span, Value)],
    generations: &[Generation],
    prompt_sha256: Sha256Hex,
    stats: Stats,
) -> Answer {
    let mut grounding = ground_windows(schema, &text.grounds, drafts);
    // A finding's path points into one answer; joined answers have no text of their own to look probabilities up in.
    if let [only] = generations {
        let confidences = confidences(&only.text, &only.tokens);
        for finding in &mut grounding.findings {
            finding.confidence = confidences.get(&finding.path).copied();
        }
    }
    let mut note = |code: &str| {
        grounding.reasons.push(format!("{code} /"));
        if grounding.status == ExtractionStatus::Ok {
            grounding.status = ExtractionStatus::Partial;
        }
    };
    if text.has_orders() {
        note("orders-left-out");
    }
    let cut = |of: Cut| generations.iter().any(|g| g.cuts.contains(&of));
    for (of, code) in
        [(Cut::Budget, "cut-at-budget"), (Cut::Repetition, "repetition-ended"), (Cut::Unfinished, "unfinished")]
    {
        if cut(of) {
            note(code);
        }
    }
    Answer {
        status: grounding.status,
        fields: grounding.fields,
        findings: grounding.findings,
        prompt_sha256,
        reasons: grounding.reasons,
        drafts: Sensitive::new(drafts.to_vec()),
        stats,
    }
}

#[cfg(test)]
mod tests;
