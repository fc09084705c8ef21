//! How many tests passed and failed, read from what each runner prints or writes.

use std::ops::AddAssign;

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// nextest's closing line: `Summary [ 0.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped`. A run
/// that stopped before its end says `3/5 tests run`; the two that are missing count as failed.
pub(super) fn nextest(lines: &[String]) -> Option<Counts> {
    let summary = lines.iter().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
    let (run, outcomes) = summary.split_once(']')?.1.split_once(':')?;
    let planned: u64 = run.split_whitespace().next()?.rsplit('/').next()?.parse().ok()?;
    let passed = number_before(outcomes, "passed")?;
    Some(Counts { passed, failed: planned.saturating_sub(passed) })
}

/// The lines `test result: ok. 2 passed; 0 failed; …` of cargo's own runner, one for each crate.
pub(super) fn cargo_test(lines: &[String]) -> Option<Counts> {
    let mut total = None;
    for line in lines.iter().filter_map(|line| line.strip_prefix("test result: ")) {
        let counts = Counts { passed: number_before(line, "passed")?, failed: number_before(line, "failed")? };
        *total.get_or_insert(Counts::default()) += counts;
    }
    total
}

/// The last line that is `2 passed, 0 failed` and nothing else.
pub(super) fn closing_line(lines: &[String]) -> Option<Counts> {
    lines.iter().rev().find_map(|line| {
        let (passed, failed) = line.trim().strip_suffix(" failed")?.split_once(" passed, ")?;
        Some(Counts { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
    })
}

/// Vitest's JSON report. A file that cannot be loaded has no tests of its own: it counts as one failure.
pub(super) fn vitest(report: &str) -> Result<Counts> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Report {
        num_passed_tests: u64,
        num_failed_tests: u64,
        test_results: Vec<File>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        status: String,
        assertion_results: Vec<serde_json::Value>,
    }
    let report: Report = serde_json::from_str(report).context("vitest's report is not as expected")?;
    let broken = report.test_results.iter().filter(|f| f.status == "failed" && f.assertion_results.is_empty()).count();
    Ok(Counts { passed: report.num_passed_tests, failed: report.num_failed_tests + broken as u64 })
}

/// What the runners say of a failure in a line of its own, each once and cut short; the first of them.
pub(super) fn failures(lines: &[String]) -> Vec<String> {
    const SIGNS: [&str; 7] = ["FAIL ", "TIMEOUT ", "SIG", "× ", "error", "failed ", "test result: FAILED"];
    let mut told: Vec<String> = Vec::new();
    for line in lines.iter().map(|line| line.trim()).filter(|line| SIGNS.iter().any(|sign| line.starts_with(sign))) {
        let line: String = line.chars().take(240).collect();
        if !told.contains(&line) {
            told.push(line);
        }
    }
    told.truncate(10);
    told
}

/// The number that stands before `word`, as in `3 passed`; 0 where the word is missing.
fn number_before(text: &str, word: &str) -> Option<u64> {
    let mut last = "";
    for part in text.split([' ', ',', ';', '.', '(', ')']).filter(|part| !part.is_empty()) {
        if part == word {
            return last.parse().ok();
        }
        last = part;
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64) -> Counts {
        Counts { passed, failed }
    }

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn nextest_counts_every_outcome_that_is_not_a_pass_as_a_failure() {
        let read = |text: &str| nextest(&lines(text));
        assert_eq!(read("     Summary [   0.006s] 5 tests run: 5 passed, 2 skipped"), Some(counts(5, 0)));
        assert_eq!(
            read("     Summary [   1.2s] 6 tests run: 3 passed (1 slow), 2 failed, 1 timed out, 0 skipped\n FAIL x"),
            Some(counts(3, 3))
        );
        assert_eq!(read("  Summary [   1.2s] 3/7 tests run: 2 passed, 1 failed, 0 skipped"), Some(counts(2, 5)));
        assert_eq!(read("  Summary [   1.2s] 1 test run: 0 passed, 1 failed, 0 skipped"), Some(counts(0, 1)));
        assert_eq!(read("error: could not compile"), None);
    }

    #[test]
    fn doc_tests_are_summed_over_the_crates() {
        let text =
            "test result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: FAILED. 1 passed; 3 failed; 0 ignored";
        assert_eq!(cargo_test(&lines(text)), Some(counts(3, 3)));
        assert_eq!(cargo_test(&[]), None);
    }

    #[test]
    fn a_closing_line_stands_alone() {
        assert_eq!(closing_line(&lines("1 passed, 1 failed\n12 passed, 3 failed\nbye")), Some(counts(12, 3)));
        assert_eq!(closing_line(&lines("about 12 passed, 3 failed")), None);
    }

    #[test]
    fn a_failure_is_told_once_and_in_short() {
        let text = "ok   a door opens\nFAIL a door closes: it is stuck\n     FAIL [ 1.2s] crate::it door\n\
                    FAIL a door closes: it is stuck\nFAILURE is not one";
        assert_eq!(failures(&lines(text)), ["FAIL a door closes: it is stuck", "FAIL [ 1.2s] crate::it door"]);
        assert_eq!(failures(&vec![format!("error {}", "x".repeat(500)); 30]).concat().len(), 240);
        assert_eq!(failures(&(0..30).map(|n| format!("error {n}")).collect::<Vec<_>>()).len(), 10);
    }

    #[test]
    fn a_file_that_vitest_cannot_load_is_a_failure() {
        let report = r#"{"numPassedTests":4,"numFailedTests":1,"success":false,"testResults":[
            {"status":"failed","assertionResults":[{}]},
            {"status":"failed","assertionResults":[]},
            {"status":"passed","assertionResults":[{},{}]}]}"#;
        assert_eq!(vitest(report).unwrap(), counts(4, 2));
        assert!(vitest("{}").is_err());
    }
}
