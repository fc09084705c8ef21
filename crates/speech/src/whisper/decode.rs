//! Choosing tokens, one after another (Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision",
//! 2022, section 4.5 and the timestamp rules of its reference decoder).

use super::vocabulary::Vocabulary;

/// The most tokens of terms that are put before a transcript (half the text context, as in training).
pub(crate) const LONGEST_PROMPT: usize = 200;
/// The most tokens of one transcript.
const LONGEST: usize = 220;
/// Below this mean log-probability a transcript is tried again.
const LEAST_MEAN_LOG_P: f32 = -1.0;
/// Above this, and with a low mean log-probability, nobody spoke.
const NO_SPEECH: f32 = 0.6;

/// One chosen token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) id: i32,
    /// Its probability among what was allowed.
    pub(super) probability: f32,
    /// For a text token: how likely each time is to stand in its place (log, one for each 20 ms from 0), that is,
    /// where the text before it ends. Empty for a time.
    pub(super) times: Vec<f32>,
    /// The probability that any time stands in its place: how much `times` is worth.
    pub(super) any_time: f32,
}

/// A transcript of one chunk, and how much it is worth.
#[derive(Debug)]
pub(super) struct Hypothesis {
    /// Text and times as they were chosen; the opening time 0.00 is not among them.
    pub(super) tokens: Vec<Token>,
    /// Mean over the text tokens.
    mean_log_p: f32,
    no_speech: f32,
    looped: bool,
    /// The model ended the text itself.
    pub(super) ended: bool,
}

impl Hypothesis {
    /// Whether the model itself says that nobody speaks.
    pub(super) fn is_silence(&self) -> bool {
        self.tokens.is_empty() || (self.no_speech > NO_SPEECH && self.mean_log_p < LEAST_MEAN_LOG_P)
    }

    /// Good enough to look no further.
    pub(super) fn passes(&self) -> bool {
        !self.looped && self.mean_log_p >= LEAST_MEAN_LOG_P
    }

    pub(super) fn beats(&self, other: &Self) -> bool {
        (!self.looped, self.mean_log_p) > (!other.looped, other.mean_log_p)
    }

    /// Whether it recites the terms it was given: a run of them in their order, longer than chance.
    pub(super) fn echoes(&self, terms: &[i32]) -> bool {
        const RUN: usize = 8;
        let text: Vec<i32> = self.tokens.iter().filter(|t| !t.times.is_empty()).map(|t| t.id).collect();
        !terms.is_empty() && text.windows(RUN).any(|w| terms.windows(RUN).any(|t| t == w))
    }
}

/// One transcript in the making: it says which tokens the network is to read next, and takes the logits after them.
pub(super) struct Attempt<'a> {
    v: &'a Vocabulary,
    rules: Rules<'a>,
    chance: Chance,
    /// 0 takes the likeliest token each time; above, tokens are drawn, the same ones every time.
    temperature: f32,
    pending: Vec<i32>,
    /// What comes after the start token, as long as that is not read yet.
    opening: Vec<i32>,
    no_speech: f32,
    tokens: Vec<Token>,
    sum_log_p: f32,
}

impl<'a> Attempt<'a> {
    /// `steps`: length of the sound in units of 20 ms.
    pub(super) fn new(v: &'a Vocabulary, terms: &[i32], language: Option<i32>, steps: usize, temperature: f32) -> Self {
        let terms = &terms[..terms.len().min(LONGEST_PROMPT)];
        let previous = (!terms.is_empty()).then_some(v.previous);
        let task = language.map(|language| [language, v.transcribe]);
        Self {
            v,
            rules: Rules::new(v, steps),
            chance: Chance::new(),
            temperature,
            pending: previous.into_iter().chain(terms.iter().copied()).chain([v.start]).collect(),
            // Chunks begin where speech begins: the opening time is known.
            opening: task.into_iter().flatten().chain([v.time_zero]).collect(),
            no_speech: 0.0,
            tokens: Vec::new(),
            sum_log_p: 0.0,
        }
    }

    /// The tokens to be read next.
    pub(super) fn pending(&self) -> &[i32] {
        &self.pending
    }

    /// Takes the logits after the pending tokens. Gives the transcript when it is complete.
    pub(super) fn take(&mut self, logits: &[f32]) -> Option<Hypothesis> {
        if !self.opening.is_empty() {
            self.no_speech = probability_of(logits, self.v.no_speech);
            self.pending = std::mem::take(&mut self.opening);
            return None;
        }
        let draw = (self.temperature > 0.0).then(|| (self.temperature, self.chance.next()));
        let token = self.rules.choose(logits, draw);
        if !self.v.is_time(token.id) {
            self.sum_log_p += token.probability.max(f32::MIN_POSITIVE).ln();
        }
        if token.id == self.v.end {
            return Some(self.complete(false, true));
        }
        self.rules.chosen(token.id);
        self.pending = vec![token.id];
        self.tokens.push(token);
        if let Some(extra) = loop_at_end(&self.tokens, self.v) {
            self.tokens.truncate(self.tokens.len() - extra);
            return Some(self.complete(true, false));
        }
        (self.tokens.len() == LONGEST).then(|| self.complete(false, false))
    }

    fn complete(&mut self, looped: bool, ended: bool) -> Hypothesis {
        let mut tokens = std::mem::take(&mut self.tokens);
        let said = tokens.iter().filter(|t| !self.v.is_time(t.id)).count();
        if said == 0 {
            tokens.clear();
        }
        let mean_log_p = self.sum_log_p / (said + 1) as f32;
        Hypothesis { tokens, mean_log_p, no_speech: self.no_speech, looped, ended }
    }
}

/// What may follow what: times come in pairs, never go back and end with the sound.
struct Rules<'a> {
    v: &'a Vocabulary,
    /// The last time that may be written.
    latest: i32,
    /// The last time that was written.
    last_time: i32,
    /// Whether the last token, and the one before it, are times.
    last_two: [bool; 2],
}

impl<'a> Rules<'a> {
    const fn new(v: &'a Vocabulary, steps: usize) -> Self {
        let latest = v.time_zero + steps as i32;
        Self { v, latest, last_time: v.time_zero, last_two: [true, true] }
    }

    const fn chosen(&mut self, id: i32) {
        let time = self.v.is_time(id);
        if time {
            self.last_time = id;
        }
        self.last_two = [self.last_two[1], time];
    }

    fn choose(&self, logits: &[f32], draw: Option<(f32, f32)>) -> Token {
        let v = self.v;
        let scale = draw.map_or(1.0, |(temperature, _)| temperature.recip());
        let [before, last] = self.last_two;
        let (text_allowed, end_allowed, times_allowed) = match (before, last) {
            // An utterance has just been opened.
            (true, true) => (true, self.last_time > v.time_zero, false),
            // An utterance has just been closed: the next one opens, or the end.
            (false, true) => (false, true, true),
            _ => (true, true, true),
        };
        // An utterance is not empty; the next one may begin where the last one ended.
        let earliest = if last { self.last_time } else { self.last_time + 1 };
        let times = earliest as usize..(self.latest as usize + 1).min(logits.len());
        let texts = 0..if text_allowed { v.end as usize } else { 0 };
        let text_logits = || texts.clone().filter(|i| !v.suppressed()[*i]).map(|i| (i, logits[i] * scale));
        let end = end_allowed.then(|| (v.end as usize, logits[v.end as usize] * scale));
        let time_logits = || times.clone().filter(|_| times_allowed).map(|i| (i, logits[i] * scale));

        let text_sum = LogSum::over(text_logits().chain(end));
        let time_sum = LogSum::over(time_logits());
        // Times as a whole against the likeliest text token.
        let tell_time = time_sum.total() > text_sum.max;
        let total = if tell_time { time_sum.total() } else { log_add(text_sum.total(), time_sum.total()) };
        let (id, logit) = match draw {
            None if tell_time => time_sum.best,
            None => text_sum.best,
            Some((_, at)) if tell_time => drawn(time_logits(), time_sum.total(), at),
            Some((_, at)) => drawn(text_logits().chain(end), text_sum.total(), at),
        };
        let mut token = Token { id: id as i32, probability: (logit - total).exp(), times: Vec::new(), any_time: 0.0 };
        if !v.is_time(token.id) && token.id != v.end {
            let all = v.time_zero as usize..(self.latest as usize + 1).min(logits.len());
            let sum = LogSum::over(all.clone().map(|i| (i, logits[i]))).total();
            token.times = logits[all].iter().map(|l| l - sum).collect();
            token.any_time = (sum - log_add(text_sum.total(), sum)).exp();
        }
        token
    }
}

/// The largest of some logits, and the logarithm of the sum of their exponentials.
struct LogSum {
    max: f32,
    sum: f32,
    best: (usize, f32),
}

impl LogSum {
    fn over(logits: impl Iterator<Item = (usize, f32)> + Clone) -> Self {
        let best = logits.clone().fold((0, f32::NEG_INFINITY), |best, l| if l.1 > best.1 { l } else { best });
        // Far below the largest an exponential adds nothing that an f32 would show.
        let sum = logits.filter(|(_, l)| l - best.1 > -20.0).map(|(_, l)| (l - best.1).exp()).sum();
        Self { max: best.1, sum, best }
    }

    fn total(&self) -> f32 {
        if self.max == f32::NEG_INFINITY { self.max } else { self.max + self.sum.ln() }
    }
}

fn log_add(a: f32, b: f32) -> f32 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The token at the fraction `at` of the probability mass.
fn drawn(logits: impl Iterator<Item = (usize, f32)>, total: f32, at: f32) -> (usize, f32) {
    let mut left = at;
    let mut last = (0, f32::NEG_INFINITY);
    for (i, l) in logits {
        if l > f32::NEG_INFINITY {
            last = (i, l);
            left -= (l - total).exp();
            if left <= 0.0 {
                break;
            }
        }
    }
    last
}

fn probability_of(logits: &[f32], token: i32) -> f32 {
    let total = LogSum::over(logits.iter().copied().enumerate()).total();
    logits.get(token as usize).map_or(0.0, |l| (l - total).exp())
}

/// How many tokens at the end only repeat what stands before them, when the text runs in circles: a phrase of `n`
/// tokens over and over. Times do not count. Returns the tokens to drop so that the phrase stands once.
fn loop_at_end(tokens: &[Token], v: &Vocabulary) -> Option<usize> {
    let text: Vec<(usize, i32)> =
        tokens.iter().enumerate().rev().filter(|(_, t)| !v.is_time(t.id)).take(128).map(|(i, t)| (i, t.id)).collect();
    repeated(&text.iter().map(|(_, id)| *id).collect::<Vec<_>>()).map(|keep| {
        // `text` runs backwards: entry `extra - 1` is the first token of the repetitions.
        tokens.len() - text[keep - 1].0
    })
}

/// For a text that runs backwards: how many of its first entries are repetitions of a phrase, when they are too many
/// to have been said.
fn repeated(backwards: &[i32]) -> Option<usize> {
    (1..=backwards.len() / 3).find_map(|n| {
        let times = 1 + backwards.chunks_exact(n).skip(1).take_while(|c| *c == &backwards[..n]).count();
        // People do say "no, no, no, no"; nobody says a sentence four times.
        let most = match n {
            1 => 7,
            2 => 5,
            3..=5 => 4,
            _ => 3,
        };
        (times > most).then(|| (times - 1) * n)
    })
}

/// A fixed sequence of numbers from 0 to 1 (xorshift64*): the same recording gives the same text.
struct Chance(u64);

impl Chance {
    const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / (1u64 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn circles_are_found_and_speech_is_not() {
        let backwards =
            |text: &str| text.split(' ').rev().map(|w| w.len() as i32 * 31 + w.as_bytes()[0] as i32).collect();
        let check = |text: &str| repeated(&Vec::<i32>::from_iter::<Vec<i32>>(backwards(text)));
        assert_eq!(check("and then no no no no no"), None);
        assert_eq!(check(&"thank ".repeat(9)[..53]), Some(8));
        assert_eq!(check(&["he went home", "he went home"].join(" ")), None);
        let sentence = "the pain comes and goes at night";
        assert_eq!(check(&[sentence; 5].join(" ")), Some(28));
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(logits in prop::collection::vec(-30f32..30.0, 2..500)) {
            let sum: f32 = (0..logits.len()).map(|i| probability_of(&logits, i as i32)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        }

        #[test]
        fn drawing_never_takes_what_is_forbidden(logits in prop::collection::vec(-5f32..5.0, 2..50), at in 0f32..1.0) {
            let allowed = || logits.iter().copied().enumerate().filter(|(i, _)| i % 2 == 1);
            let total = LogSum::over(allowed()).total();
            let (i, l) = drawn(allowed(), total, at);
            prop_assert!(i % 2 == 1 && l > f32::NEG_INFINITY);
        }
    }
}
