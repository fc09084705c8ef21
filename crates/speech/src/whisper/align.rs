//! Which moment each word has.
//!
//! Before each word the decoder says how likely every time would be in its place. Those beliefs, one for each word,
//! and the usual length of words are put together by dynamic programming: the likeliest boundaries in order of time.

/// Weight of "any time": a belief may be wrong.
const DOUBT: f32 = 0.05;
/// What an unusual word length costs at most, so that pauses remain possible.
const MOST_COST: f32 = 4.0;

/// A word to be placed.
pub(super) struct Word<'a> {
    /// Log-probability that what stands before this word ends at step 0, 1, 2 … (20 ms each).
    pub(super) times: &'a [f32],
    /// Letters and digits.
    pub(super) letters: usize,
}

/// The steps at which the words begin, then the step at which the last one ends; in order, from `start` to `end`.
pub(super) fn boundaries(words: &[Word<'_>], start: usize, end: usize) -> Vec<usize> {
    let steps = end.saturating_sub(start);
    let mut found = vec![start; words.len() + 1];
    found[words.len()] = start + steps;
    if words.len() < 2 {
        return found;
    }
    // best[s]: the score of the likeliest boundaries so far when the last of them is at start + s.
    let mut best = vec![f32::NEG_INFINITY; steps + 1];
    best[0] = 0.0;
    let mut from: Vec<Vec<u16>> = Vec::with_capacity(words.len());
    for pair in words.windows(2) {
        let (scores, origins) = advance(&best, &usual_costs(pair[0].letters));
        let floor = DOUBT / (steps + 1) as f32;
        best = scores;
        for (s, score) in best.iter_mut().enumerate() {
            let belief = pair[1].times.get(start + s).map_or(0.0, |l| l.exp());
            *score += (belief * (1.0 - DOUBT) + floor).ln();
        }
        from.push(origins);
    }
    // The last word's length counts too.
    let costs = usual_costs(words[words.len() - 1].letters);
    let cost = |d: usize| costs.get(d).copied().unwrap_or(MOST_COST);
    let total = |s: &usize| best[*s] - cost(steps - s);
    let mut at = (0..=steps).max_by(|a, b| total(a).total_cmp(&total(b))).unwrap_or(0);
    for k in (1..words.len()).rev() {
        found[k] = start + at;
        at = usize::from(from[k - 1][at]);
    }
    found
}

/// For each boundary, the best score with the boundary before it and where that one was.
fn advance(best: &[f32], costs: &[f32]) -> (Vec<f32>, Vec<u16>) {
    let mut scores = vec![f32::NEG_INFINITY; best.len()];
    let mut origins = vec![0u16; best.len()];
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
        scores[to] = choice.0;
        origins[to] = choice.1 as u16;
    }
    (scores, origins)
}

/// What a word of so many letters costs for each length in steps: about 60 ms a letter and 80 ms for the word.
fn usual_costs(letters: usize) -> Vec<f32> {
    let usual = 4.0 + 3.0 * letters as f32;
    let spread = 0.5 * usual;
    let reach = (usual + spread * (2.0 * MOST_COST).sqrt()).ceil() as usize;
    (0..=reach).map(|d| (0.5 * ((d as f32 - usual) / spread).powi(2)).min(MOST_COST)).collect()
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
        let beliefs = [belief(300, 0, 0.9), belief(300, 40, 0.8), belief(300, 10, 0.05), belief(300, 150, 0.8)];
        let words: Vec<Word<'_>> = beliefs.iter().map(|times| Word { times, letters: 6 }).collect();
        let b = boundaries(&words, 0, 200);
        assert_eq!((b[0], b[1], b[3], b[4]), (0, 40, 150, 200));
        assert!(b[2] > 45 && b[2] < 150, "a belief that would go back in time is not followed: {b:?}");
    }

    #[test]
    fn without_beliefs_length_decides() {
        let flat = vec![(1.0f32 / 100.0).ln(); 100];
        let words = [Word { times: &flat, letters: 2 }, Word { times: &flat, letters: 12 }];
        let b = boundaries(&words, 0, 50);
        assert!((5..=16).contains(&b[1]), "{b:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn boundaries_never_go_back(
            letters in prop::collection::vec(0usize..20, 1..30),
            start in 0usize..500,
            length in 0usize..900,
            seed in any::<u32>(),
        ) {
            let times: Vec<f32> = (0..1500u32).map(|i| -((i.wrapping_mul(seed | 1) >> 20) as f32) / 400.0).collect();
            let words: Vec<Word<'_>> = letters.iter().map(|l| Word { times: &times, letters: *l }).collect();
            let b = boundaries(&words, start, start + length);
            prop_assert_eq!(b.len(), letters.len() + 1);
            prop_assert_eq!((b[0], b[letters.len()]), (start, start + length));
            prop_assert!(b.windows(2).all(|w| w[0] <= w[1]));
        }
    }
}
