//! How far a transcript is from what was said.

/// Word error rate: substitutions, deletions and insertions over the reference's words, after dropping case and
/// punctuation. Numbers must be written alike in both.
#[must_use]
pub fn error_rate(reference: &str, hypothesis: &str) -> f64 {
    let (reference, hypothesis) = (split(reference), split(hypothesis));
    if reference.is_empty() {
        return if hypothesis.is_empty() { 0.0 } else { 1.0 };
    }
    // Levenshtein distance over words, one row at a time.
    let mut row: Vec<usize> = (0..=hypothesis.len()).collect();
    for (i, said) in reference.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, heard) in hypothesis.iter().enumerate() {
            let substituted = diagonal + usize::from(said != heard);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[hypothesis.len()] as f64 / reference.len() as f64
}

fn split(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::error_rate;

    #[test]
    fn each_kind_of_error_counts_once() {
        let said = "No fever, and no chills.";
        assert_eq!(error_rate(said, "no fever and no chills"), 0.0);
        assert_eq!(error_rate(said, "no fever and no hills"), 0.2);
        assert_eq!(error_rate(said, "no fever no chills"), 0.2);
        assert_eq!(error_rate(said, "no fever and no no chills"), 0.2);
        assert_eq!(error_rate(said, ""), 1.0);
        assert_eq!(error_rate("", "thank you"), 1.0);
    }
}
