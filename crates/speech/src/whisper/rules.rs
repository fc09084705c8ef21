//! Which tokens may follow, and how likely each of them is (the timestamp rules of Whisper's reference decoder).

use super::vocabulary::Vocabulary;
use std::ops::Range;

/// What may follow what: times come in pairs, never go back and end with the sound.
#[derive(Clone)]
pub(super) struct Rules<'a> {
    v: &'a Vocabulary,
    /// The last time that may be written.
    latest: i32,
    /// The last time that was written.
    last_time: i32,
    /// Whether the last token, and the one before it, are times.
    last_two: [bool; 2],
}

impl<'a> Rules<'a> {
    /// `steps`: length of the sound in units of 20 ms.
    pub(super) const fn new(v: &'a Vocabulary, steps: usize) -> Self {
        let latest = v.time_zero + steps as i32;
        Self { v, latest, last_time: v.time_zero, last_two: [true, true] }
    }

    pub(super) const fn chosen(&mut self, id: i32) {
        let time = self.v.is_time(id);
        if time {
            self.last_time = id;
        }
        self.last_two = [self.last_two[1], time];
    }

    /// What may come next. `temperature` above 0 evens out the likelihoods.
    pub(super) fn next<'l>(&self, logits: &'l [f32], temperature: f32) -> Next<'a, 'l> {
        let v = self.v;
        let [before, last] = self.last_two;
        let (text, end, time) = match (before, last) {
            // An utterance has just been opened.
            (true, true) => (true, self.last_time > v.time_zero, false),
            // An utterance has just been closed: the next one opens, or the end.
            (false, true) => (false, true, true),
            _ => (true, true, true),
        };
        // An utterance is not empty; the next one may begin where the last one ended.
        let earliest = if last { self.last_time } else { self.last_time + 1 };
        let times_end = (self.latest as usize + 1).min(logits.len());
        let mut next = Next {
            v,
            logits,
            scale: if temperature > 0.0 { temperature.recip() } else { 1.0 },
            texts: 0..if text { v.end as usize } else { 0 },
            end,
            times: if time { earliest as usize..times_end } else { 0..0 },
            all_times: v.time_zero as usize..times_end,
            text_total: 0.0,
            total: 0.0,
        };
        let (texts, times) = (LogSum::over(next.text_logits()), LogSum::over(next.time_logits()));
        next.text_total = texts.total();
        // Times as a whole against the likeliest text token.
        if times.total() > texts.max {
            (next.texts, next.end, next.total) = (0..0, false, times.total());
        } else {
            next.total = log_add(texts.total(), times.total());
        }
        next
    }
}

/// The tokens that may come next.
pub(super) struct Next<'a, 'l> {
    v: &'a Vocabulary,
    logits: &'l [f32],
    scale: f32,
    texts: Range<usize>,
    end: bool,
    times: Range<usize>,
    /// All times of the sound, whether they may come here or not.
    all_times: Range<usize>,
    /// Logarithm of the weight of all texts that the rules allow.
    text_total: f32,
    /// The same of everything that may come.
    total: f32,
}

impl Next<'_, '_> {
    /// The likeliest tokens with the logarithms of their probabilities, the likeliest first. Of the times the likeliest
    /// alone, as probable as all of them together: a text is no other for ending 20 ms later, and no worse for being
    /// divided where that is hard to tell.
    pub(super) fn likeliest(&self, count: usize) -> Vec<(i32, f32)> {
        let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
        let mut least = f32::NEG_INFINITY;
        let times = LogSum::over(self.time_logits()).total();
        let time = self.time_logits().reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(i, _)| (i, times));
        for (i, l) in self.text_logits().chain(time) {
            if l > least {
                let at = best.partition_point(|b| b.1 >= l);
                best.insert(at, (i, l));
                best.truncate(count);
                least = if best.len() == count { best[count - 1].1 } else { least };
            }
        }
        best.into_iter().map(|(i, l)| (i as i32, l - self.total)).collect()
    }

    /// The token at the fraction `at` of the probability mass.
    pub(super) fn drawn(&self, at: f32) -> (i32, f32) {
        let (i, l) = drawn(self.text_logits().chain(self.time_logits()), self.total, at);
        (i as i32, l - self.total)
    }

    /// How likely each time is to stand here instead of text.
    pub(super) fn moments(&self) -> Moments {
        let times = &self.logits[self.all_times.clone()];
        let sum = LogSum::over(times.iter().copied().enumerate()).total();
        let any = (sum - log_add(self.text_total, sum)).exp();
        Moments { each: times.iter().map(|l| l - sum).collect(), any }
    }

    fn text_logits(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        let end = self.end.then(|| (self.v.end as usize, self.logits[self.v.end as usize] * self.scale));
        let allowed = self.texts.clone().filter(|i| !self.v.suppressed()[*i]);
        allowed.map(|i| (i, self.logits[i] * self.scale)).chain(end)
    }

    fn time_logits(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        self.times.clone().map(|i| (i, self.logits[i] * self.scale))
    }
}

/// How likely each time is to stand in a token's place, that is, where the text before it ends.
#[derive(Debug)]
pub(super) struct Moments {
    /// Logarithms, one for each 20 ms from 0.
    pub(super) each: Vec<f32>,
    /// The probability that any time stands there: how much `each` is worth.
    pub(super) any: f32,
}

/// The probability of one token when nothing is forbidden.
pub(super) fn probability_of(logits: &[f32], token: i32) -> f32 {
    let total = LogSum::over(logits.iter().copied().enumerate()).total();
    logits.get(token as usize).map_or(0.0, |l| (l - total).exp())
}

/// The largest of some logits, and the sum of their exponentials beside it.
struct LogSum {
    max: f32,
    sum: f32,
}

impl LogSum {
    fn over(logits: impl Iterator<Item = (usize, f32)> + Clone) -> Self {
        let max = logits.clone().fold(f32::NEG_INFINITY, |max, (_, l)| if l > max { l } else { max });
        // Far below the largest an exponential adds nothing that an f32 would show.
        let sum = logits.filter(|(_, l)| l - max > -20.0).map(|(_, l)| (l - max).exp()).sum();
        Self { max, sum }
    }

    fn total(&self) -> f32 {
        if self.max == f32::NEG_INFINITY { self.max } else { self.max + self.sum.ln() }
    }
}

fn log_add(a: f32, b: f32) -> f32 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_likeliest_time_stands_for_all_of_them() {
        let v = Vocabulary::of_letters(b"ab");
        let mut rules = Rules::new(&v, 10);
        rules.chosen(0);
        let mut logits = vec![f32::NEG_INFINITY; v.time_zero as usize + 11];
        logits[1] = 0.6f32.ln();
        // Less than the letter each, and as a whole.
        for (step, p) in [(4, 0.1), (5, 0.2), (6, 0.1)] {
            logits[v.time_zero as usize + step] = f32::ln(p);
        }
        let likeliest = rules.next(&logits, 0.0).likeliest(6);
        let found: Vec<_> = likeliest.iter().filter(|(_, l)| l.is_finite()).map(|(id, l)| (*id, l.exp())).collect();
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [1, v.time_zero + 5]);
        assert!((found[0].1 - 0.6).abs() < 1e-5 && (found[1].1 - 0.4).abs() < 1e-5, "{found:?}");
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
