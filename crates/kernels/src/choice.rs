//! The likeliest of the tokens that may follow.

use crate::CpuPath;
use crate::elementwise::{exp, pairwise};
use crate::path::compiled_for_each_path;

/// Scores that one word of the mask speaks of.
const WORD: usize = 32;

/// The place of the highest score that `allowed` lets through (bit i of word j: score 32 · j + i), the first among
/// equals, and the logarithm of its share of the sum of all of theirs as exponents (its probability among the
/// allowed). `None` when none is allowed. Scores that are no numbers lose to all others and have no share.
#[must_use]
pub fn likeliest(path: CpuPath, scores: &[f32], allowed: &[u32]) -> Option<(usize, f32)> {
    // A last word that is not full is done with a copy that is.
    let whole = scores.len() / WORD * WORD;
    let mut rest = [f32::NEG_INFINITY; WORD];
    rest[..scores.len() - whole].copy_from_slice(&scores[whole..]);
    let (words, last) = allowed.split_at(allowed.len().min(whole / WORD));
    let last = last.first().map_or(0, |word| word & ((1 << (scores.len() - whole)) - 1));
    let parts = [(&scores[..words.len() * WORD], words), (&rest[..], std::slice::from_ref(&last))];

    let mut highest = f32::NEG_INFINITY;
    for (scores, words) in parts {
        let mut found = f32::NEG_INFINITY;
        highest_of(path, scores, words, &mut found);
        highest = if found > highest { found } else { highest };
    }
    let first = |wanted: &dyn Fn(f32) -> bool| {
        let places = parts.iter().zip([0, whole]).flat_map(|(&(scores, words), start)| {
            scores.chunks_exact(WORD).zip(words).enumerate().map(move |(i, pair)| (start + i * WORD, pair))
        });
        let hits = |(at, (scores, &word)): (usize, (&[f32], &u32))| {
            let hit = (0..WORD).find(|&i| word >> i & 1 != 0 && wanted(scores[i]));
            hit.map(|i| at + i)
        };
        places.filter(|(_, (_, word))| **word != 0).find_map(hits)
    };
    if highest == f32::NEG_INFINITY {
        return first(&|_| true).map(|at| (at, 0.0));
    }
    let mut sum = 0.0f64;
    for (scores, words) in parts {
        let mut part = 0.0;
        share_of(path, scores, words, highest, &mut part);
        sum += f64::from(part);
    }
    // The best alone adds 1.
    Some((first(&|score| score == highest)?, -(sum.max(1.0).ln() as f32)))
}

compiled_for_each_path! {
    fn highest_of(scores: &[f32], words: &[u32], out: &mut f32) = highest_of_body
}
compiled_for_each_path! {
    fn share_of(scores: &[f32], words: &[u32], highest: f32, out: &mut f32) = share_of_body
}

#[inline(always)]
fn highest_of_body(scores: &[f32], words: &[u32], out: &mut f32) {
    let mut highest = [f32::NEG_INFINITY; WORD];
    for (scores, &word) in scores.as_chunks::<WORD>().0.iter().zip(words) {
        for i in 0..WORD {
            let score = if word >> i & 1 != 0 { scores[i] } else { f32::NEG_INFINITY };
            highest[i] = if score > highest[i] { score } else { highest[i] };
        }
    }
    *out = highest.into_iter().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
}

#[inline(always)]
fn share_of_body(scores: &[f32], words: &[u32], highest: f32, out: &mut f32) {
    let mut sums = [0.0f32; WORD];
    for (scores, &word) in scores.as_chunks::<WORD>().0.iter().zip(words) {
        for i in 0..WORD {
            let counts = word >> i & 1 != 0 && scores[i] <= highest;
            let share = exp(scores[i] - highest);
            sums[i] += if counts { share } else { 0.0 };
        }
    }
    *out = pairwise(std::array::from_fn(|i| sums[i] + sums[i + 16]));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn mask(len: usize, places: &[usize]) -> Vec<u32> {
        let mut words = vec![0; len.div_ceil(WORD)];
        places.iter().for_each(|p| words[p / WORD] |= 1 << (p % WORD));
        words
    }

    fn best(scores: &[f32], places: &[usize]) -> Option<(usize, f32)> {
        likeliest(CpuPath::detect(), scores, &mask(scores.len(), places))
    }

    #[test]
    fn the_highest_allowed_score_wins_and_the_first_of_equals() {
        let scores = [9.0, 1.0, 3.0, 3.0, -2.0];
        assert_eq!(best(&scores, &[1, 2, 3, 4]).unwrap().0, 2);
        assert_eq!(best(&scores, &[4]).unwrap(), (4, 0.0));
        assert_eq!(best(&scores, &[]), None);
    }

    #[test]
    fn probability_is_among_the_allowed() {
        let mut scores = vec![-50.0; 100];
        scores[3] = 1.0;
        scores[70] = 1.0;
        scores[71] = 20.0;
        let (at, log_prob) = best(&scores, &[3, 5, 70]).unwrap();
        assert_eq!(at, 3);
        assert!((log_prob - 0.5f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn scores_that_are_no_numbers_still_choose_something() {
        assert_eq!(best(&[f32::NAN; 4], &[2, 3]), Some((2, 0.0)));
        assert_eq!(best(&[f32::NAN, 1.0, f32::NEG_INFINITY, 1.0], &[0, 1, 2, 3]).unwrap(), (1, -(2.0f32.ln())));
    }

    #[test]
    fn a_mask_of_another_length_is_no_harm() {
        assert_eq!(likeliest(CpuPath::detect(), &[0.0; 3], &mask(64, &[2, 3, 40])), Some((2, 0.0)));
        assert_eq!(likeliest(CpuPath::detect(), &[0.0; 70], &mask(32, &[2])), Some((2, 0.0)));
        assert_eq!(likeliest(CpuPath::detect(), &[], &[]), None);
    }

    proptest! {
        #[test]
        fn every_path_gives_the_same_bits_and_they_are_right(
            scores in prop::collection::vec(-30.0f32..30.0, 1..200), words in prop::collection::vec(any::<u32>(), 7),
        ) {
            let allowed: Vec<usize> = (0..scores.len()).filter(|i| words[i / WORD] >> (i % WORD) & 1 != 0).collect();
            let mut expected = None;
            for &i in &allowed {
                if expected.is_none_or(|best: usize| scores[i] > scores[best]) {
                    expected = Some(i);
                }
            }
            let found: Vec<_> =
                CpuPath::available().into_iter().map(|path| likeliest(path, &scores, &words)).collect();
            prop_assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
            prop_assert_eq!(found[0].map(|(at, _)| at), expected);
            if let Some((at, log_prob)) = found[0] {
                let sum: f64 = allowed.iter().map(|&i| f64::from(scores[i] - scores[at]).exp()).sum();
                prop_assert!((f64::from(log_prob) + sum.ln()).abs() < 1e-5);
            }
        }
    }
}
