//! Which moment each word has.
//!
//! Before each word the decoder says how likely every time would be in its place, and how likely any time at all.
//! Those beliefs and the usual length of words are put together by dynamic programming over the time in which
//! somebody speaks: the likeliest boundaries in order of time. Pauses thus lie between words, never in them alone.

use std::ops::Range;

/// A belief counts for half when a time is as likely as this: far from the end of a phrase the decoder's guesses fall
/// on the next pause, whatever the word.
const HALF_BELIEF: f32 = 0.02;
/// What an unusual word length costs at most, so that slow words remain possible.
const MOST_COST: f32 = 8.0;

/// A word to be placed.
pub(super) struct Word<'a> {
    /// Log-probability that what stands before this word ends at step 0, 1, 2 … (20 ms each).
    pub(super) times: &'a [f32],
    /// Probability that any time stands before this word.
    pub(super) any_time: f32,
    /// Letters and digits.
    pub(super) letters: usize,
}

/// The steps that each word takes, in order, within `span`. `voiced` tells for each step whether somebody speaks.
pub(super) fn place(words: &[Word<'_>], voiced: &[bool], span: Range<usize>) -> Vec<Range<usize>> {
    let mut steps: Vec<usize> = span.clone().filter(|s| voiced.get(*s).copied().unwrap_or(true)).collect();
    // Without a voiced step for each word the detector and the recogniser disagree: take the span as it is.
    if steps.len() < words.len() {
        steps = span.clone().collect();
    }
    let ends = boundaries(words, &steps);
    let mut places: Vec<Range<usize>> = Vec::with_capacity(words.len());
    for pair in ends.windows(2) {
        let start = steps.get(pair[0]).copied().unwrap_or(span.end);
        let end = if pair[1] > pair[0] { steps.get(pair[1] - 1).map_or(span.end, |s| s + 1) } else { start };
        places.push(start..end.max(start));
    }
    places
}

/// Indices into `steps` at which the words begin, then its length; never going back.
fn boundaries(words: &[Word<'_>], steps: &[usize]) -> Vec<usize> {
    let mut found = vec![0; words.len() + 1];
    found[words.len()] = steps.len();
    if words.len() < 2 {
        return found;
    }
    // Word lengths in proportion to their letters, at the pace of this utterance.
    let weight = |w: &Word<'_>| 1.5 + w.letters as f32;
    let pace = steps.len() as f32 / words.iter().map(weight).sum::<f32>();
    let usual = |w: &Word<'_>| weight(w) * pace;

    // best[i]: the score of the likeliest boundaries so far when the last of them is at i.
    let mut best = vec![f32::NEG_INFINITY; steps.len() + 1];
    best[0] = 0.0;
    let mut from = Vec::with_capacity(words.len());
    for pair in words.windows(2) {
        let (mut scores, origins) = advance(&best, &length_costs(usual(&pair[0])));
        let trust = pair[1].any_time / (pair[1].any_time + HALF_BELIEF);
        let any = (1.0 - trust) / (steps.len() + 1) as f32;
        for (i, score) in scores.iter_mut().enumerate() {
            // The end of the text before: after the step before this one.
            let step = i.checked_sub(1).and_then(|i| steps.get(i)).map_or(0, |s| s + 1);
            let belief = pair[1].times.get(step).map_or(0.0, |l| l.exp());
            *score += trust.mul_add(belief, any + f32::MIN_POSITIVE).ln();
        }
        best = scores;
        from.push(origins);
    }
    let costs = length_costs(usual(&words[words.len() - 1]));
    let total = |i: &usize| best[*i] - costs.get(steps.len() - i).copied().unwrap_or(MOST_COST);
    let mut at = (0..=steps.len()).max_by(|a, b| total(a).total_cmp(&total(b))).unwrap_or(0);
    for k in (1..words.len()).rev() {
        found[k] = at;
        at = from[k - 1][at];
    }
    found
}

/// For each boundary, the best score with the boundary before it, and where that one was.
fn advance(best: &[f32], costs: &[f32]) -> (Vec<f32>, Vec<usize>) {
    let mut scores = vec![f32::NEG_INFINITY; best.len()];
    let mut origins = vec![0; best.len()];
    let mut far = (f32::NEG_INFINITY, 0);
    for to in 0..best.len() {
        // Farther back than the costs reach, all lengths cost the same.
        if let Some(entering) = to.checked_sub(costs.len())
            && best[entering] > far.0
        {
            far = (best[entering], entering);
        }
        let mut choice = (far.0 - MOST_COST, far.1);
        for (d, cost) in costs.iter().enumerate().take(to + 1) {
            let score = best[to - d] - cost;
            if score > choice.0 {
                choice = (score, to - d);
            }
        }
        (scores[to], origins[to]) = choice;
    }
    (scores, origins)
}

/// What a word costs for each length in steps, when `usual` is its usual one. Nothing takes no time.
fn length_costs(usual: f32) -> Vec<f32> {
    let spread = (0.35 * usual).max(2.0);
    let reach = (usual + spread * (2.0 * MOST_COST).sqrt()).ceil() as usize;
    let cost = |d: usize| if d == 0 { MOST_COST } else { 0.5 * ((d as f32 - usual) / spread).powi(2) };
    (0..=reach).map(|d| cost(d).min(MOST_COST)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn belief(steps: usize, at: usize, p: f32) -> Vec<f32> {
        let rest = ((1.0 - p) / steps as f32).ln();
        (0..steps).map(|s| if s == at { p.ln() } else { rest }).collect()
    }

    #[test]
    fn clear_beliefs_decide_and_doubtful_ones_give_way() {
        let beliefs = [belief(300, 0, 0.9), belief(300, 40, 0.8), belief(300, 190, 0.8), belief(300, 150, 0.8)];
        let sure = [0.9, 0.9, 1e-6, 0.9];
        let words: Vec<Word<'_>> =
            beliefs.iter().zip(sure).map(|(times, any_time)| Word { times, any_time, letters: 6 }).collect();
        let b = place(&words, &[], 0..200);
        assert_eq!((b[0].start, b[1].start, b[3].start, b[3].end), (0, 40, 150, 200));
        assert!(b[2].start > 60 && b[2].start < 130, "a belief without weight is not followed: {b:?}");
    }

    #[test]
    fn words_lie_where_somebody_speaks() {
        let words = [2, 2].map(|letters| Word { times: &[], any_time: 0.0, letters });
        let voiced: Vec<bool> = (0..100).map(|s| !(10..90).contains(&s)).collect();
        assert_eq!(place(&words, &voiced, 0..100), [0..10, 90..100]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn words_never_overlap_or_leave_the_span(
            letters in prop::collection::vec(0usize..20, 1..30),
            start in 0usize..500,
            length in 0usize..900,
            seed in any::<u32>(),
            any_time in 0f32..1.0,
        ) {
            let times: Vec<f32> = (0..1500u32).map(|i| -((i.wrapping_mul(seed | 1) >> 20) as f32) / 400.0).collect();
            let voiced: Vec<bool> = (0..1500u32).map(|i| (i.wrapping_mul(seed | 1) >> 24) % 3 > 0).collect();
            let words: Vec<Word<'_>> =
                letters.iter().map(|l| Word { times: &times, any_time, letters: *l }).collect();
            let b = place(&words, &voiced, start..start + length);
            prop_assert_eq!(b.len(), letters.len());
            prop_assert!(b.iter().all(|w| w.start <= w.end && start <= w.start && w.end <= start + length));
            prop_assert!(b.windows(2).all(|w| w[0].end <= w[1].start));
        }
    }
}
