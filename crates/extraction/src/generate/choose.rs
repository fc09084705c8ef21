//! The likeliest allowed token.

use crate::tokenizer::TokenId;
use toktrie::SimpleVob;

/// Scores this far below the best add less than a millionth to the sum over any vocabulary.
const NEGLIGIBLE: f32 = 26.0;

/// The allowed token of the highest score, the lowest number among equals, and the logarithm of its probability
/// among the allowed ones. `None` when none is allowed.
pub(super) fn choose(logits: &[f32], allowed: &SimpleVob) -> Option<(TokenId, f32)> {
    let mut best = None;
    for_each(logits, allowed, |token, logit| {
        if best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((token, logit));
        }
    });
    let (token, highest) = best?;
    let mut sum = 0.0f64;
    for_each(logits, allowed, |_, logit| {
        if logit > highest - NEGLIGIBLE {
            sum += f64::from(logit - highest).exp();
        }
    });
    // The best alone adds 1; less comes only of scores that are no numbers.
    Some((token, -(sum.max(1.0).ln() as f32)))
}

/// Visits the allowed tokens in order of their numbers: 32 of the mask's bits at a time.
fn for_each(logits: &[f32], allowed: &SimpleVob, mut visit: impl FnMut(TokenId, f32)) {
    for (word, (&mask, logits)) in (0u32..).zip(allowed.as_slice().iter().zip(logits.chunks(32))) {
        let mut mask = mask;
        while mask != 0 {
            let bit = mask.trailing_zeros();
            if let Some(&logit) = logits.get(bit as usize) {
                visit(word * 32 + bit, logit);
            }
            mask &= mask - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn mask(len: usize, tokens: &[u32]) -> SimpleVob {
        let mut mask = SimpleVob::alloc(len);
        tokens.iter().for_each(|&t| mask.allow_token(t));
        mask
    }

    #[test]
    fn the_highest_allowed_score_wins_and_the_first_of_equals() {
        let logits = [9.0, 1.0, 3.0, 3.0, -2.0];
        assert_eq!(choose(&logits, &mask(5, &[1, 2, 3, 4])).unwrap().0, 2);
        assert_eq!(choose(&logits, &mask(5, &[4])).unwrap(), (4, 0.0));
        assert_eq!(choose(&logits, &mask(5, &[])), None);
    }

    #[test]
    fn probability_is_among_the_allowed() {
        let mut logits = vec![-50.0; 100];
        logits[3] = 1.0;
        logits[70] = 1.0;
        logits[71] = 20.0;
        let (token, log_prob) = choose(&logits, &mask(100, &[3, 5, 70])).unwrap();
        assert_eq!(token, 3);
        assert!((log_prob - 0.5f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn scores_that_are_no_numbers_still_choose_something() {
        assert_eq!(choose(&[f32::NAN; 4], &mask(4, &[2, 3])).unwrap(), (2, 0.0));
    }

    #[test]
    fn a_mask_longer_than_the_scores_is_no_harm() {
        assert_eq!(choose(&[0.0; 3], &mask(64, &[2, 40])).unwrap().0, 2);
    }
}
