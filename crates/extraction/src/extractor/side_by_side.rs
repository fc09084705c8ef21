//! Several texts at a time: their windows are read and written side by side.

use super::{Answer, ExtractOptions, Extractor, Progress, Stats, answer};
use crate::ExtractError;
use crate::generate::{Batch, Generation, Writer};
use crate::orders::Readable;
use crate::prompt;
use crate::schema::Schema;
use crate::text::{IndexedText, Span};
use cloister_domain::Sha256Hex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::ops::ControlFlow;

/// Windows side by side at most: more gain little (t(m) / t(1) in benches/results) and hold more memory.
const MOST: usize = 8;
/// Tokens that they hold together at most; of the default model's keys and values a token takes 57 KB. A window that
/// is longer by itself goes alone.
const TOKENS: usize = 3600;

/// A text under way.
struct Text<'a> {
    text: &'a Readable<'a>,
    /// Windows of what is read of it, and what stands in each.
    spans: Vec<Span>,
    pieces: Vec<&'a str>,
    generations: Vec<Option<Generation>>,
}

/// What the windows of all texts go through.
struct Work<'a> {
    extractor: &'a Extractor,
    schema: &'a Schema,
    options: &'a ExtractOptions,
    prompt_sha256: Sha256Hex,
    shared_tokens: usize,
    texts: Vec<Text<'a>>,
    /// Windows that wait, by their text and place, in order.
    waiting: VecDeque<(usize, usize)>,
    /// Of the windows taken up, by the number they have in the batch.
    taken: Vec<(usize, usize)>,
}

/// Answers each text; see [`Extractor::extract_all`].
pub(super) fn run(
    extractor: &Extractor,
    schema: &Schema,
    texts: &[&str],
    options: &ExtractOptions,
    shared_tokens: usize,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    answered: &mut dyn FnMut(usize, Answer),
) -> Result<(), ExtractError> {
    let prompt_sha256 = Sha256Hex::from_bytes(&Sha256::digest(prompt::instructions(schema)).into());
    let (waiting, taken) = (VecDeque::new(), Vec::new());
    let mut work = Work { extractor, schema, options, prompt_sha256, shared_tokens, texts: Vec::new(), waiting, taken };
    let names = schema.names();
    let texts: Vec<Readable<'_>> = texts.iter().map(|text| Readable::new(text, &names)).collect();
    for (number, text) in texts.iter().enumerate() {
        work.add(number, text, answered)?;
    }
    let mut batch = Batch::new(&extractor.decoder);
    let mut next = work.next()?;
    loop {
        while let Some(writer) =
            next.take_if(|w| batch.len() == 0 || batch.len() < MOST && batch.tokens() + w.expected_tokens() <= TOKENS)
        {
            batch.add(work.taken.len() - 1, writer);
            next = work.next()?;
        }
        let Some(reached) = batch.reached() else { return Ok(()) };
        let (text, window) = work.taken[reached.number];
        let windows = work.texts[text].spans.len();
        let (read, to_read, written) = (reached.read, reached.to_read, reached.written);
        if progress(Progress { window, windows, read, to_read, written }).is_break() {
            return Err(ExtractError::Cancelled);
        }
        for (number, generation) in batch.step()? {
            let (text, window) = work.taken[number];
            work.texts[text].generations[window] = Some(generation);
            if let Some(answer) = work.answer(text) {
                answered(text, answer);
            }
        }
    }
}

impl<'a> Work<'a> {
    /// Cuts a text into windows, or answers it when it says nothing.
    fn add(
        &mut self,
        number: usize,
        text: &'a Readable<'a>,
        answered: &mut dyn FnMut(usize, Answer),
    ) -> Result<(), ExtractError> {
        let mut spans = Vec::new();
        if text.read.trim().is_empty() {
            let nothing = [(Span::new(0, text.grounds.chars().count()), Value::Object(serde_json::Map::new()))];
            let hash = self.prompt_sha256.clone();
            answered(number, answer(self.schema, text, &nothing, &[], hash, Stats::default()));
        } else {
            spans = self.extractor.windows(self.schema, &text.read, self.options)?;
        }
        self.waiting.extend((0..spans.len()).map(|window| (number, window)));
        let indexed = IndexedText::new(&text.read);
        let pieces = spans.iter().map(|&span| indexed.slice(span)).collect();
        let generations = spans.iter().map(|_| None).collect();
        self.texts.push(Text { text, spans, pieces, generations });
        Ok(())
    }

    /// The next window, ready to be written.
    fn next(&mut self) -> Result<Option<Writer<'a>>, ExtractError> {
        let Some((text, window)) = self.waiting.pop_front() else { return Ok(None) };
        self.taken.push((text, window));
        self.extractor.writer(self.schema, self.texts[text].pieces[window], self.options).map(Some)
    }

    /// A text's answer, once all its windows are written.
    fn answer(&mut self, text: usize) -> Option<Answer> {
        let Text { text, spans, generations, .. } = &mut self.texts[text];
        if generations.iter().any(Option::is_none) {
            return None;
        }
        let generations: Vec<Generation> = std::mem::take(generations).into_iter().flatten().collect();
        let mut stats = Stats { shared_tokens: self.shared_tokens, ..Stats::default() };
        generations.iter().for_each(|g| stats.add(g));
        let value = |g: &Generation| serde_json::from_str(&g.text).unwrap_or(Value::Null);
        let drafts: Vec<(Span, Value)> =
            spans.iter().map(|span| text.in_whole(*span)).zip(generations.iter().map(value)).collect();
        Some(answer(self.schema, text, &drafts, &generations, self.prompt_sha256.clone(), stats))
    }
}
