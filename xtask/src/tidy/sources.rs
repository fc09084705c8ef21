//! Length of files, and what must not be left in them.

use std::path::Path;

use super::rust_code::{RustCode, has_word, split};
use super::{Finding, has_extension};

const LONG: usize = 500;
const TOO_LONG: usize = 600;

/// Marks of unfinished work, in code and comments alike.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX"];
/// Rust that stands for missing code, or for a test that is not run.
const RUST_STUBS: &[&str] = &["todo!", "unimplemented!", "#[ignore]"];
/// Tests that are not run, or keep others from being run, in the window's sources.
const SCRIPT_STUBS: &[&str] = &["it.only(", "it.skip(", "it.todo(", "describe.only(", "describe.skip(", "test.skip("];

/// Check the file `path` with the contents `text`.
pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let mut findings = length(path, text);
    if has_extension(path, &["rs"]) {
        let RustCode { code, comments } = split(text);
        for (i, (code, comment)) in code.iter().zip(&comments).enumerate() {
            let stubs = RUST_STUBS.iter().filter(|stub| code.contains(**stub));
            let marks = UNFINISHED.iter().filter(|mark| has_word(comment, mark));
            findings.extend(stubs.chain(marks).map(|found| unfinished(path, i + 1, found)));
        }
    } else {
        let scripted = has_extension(path, &["ts", "tsx", "js", "mjs"]);
        for (i, line) in text.lines().enumerate() {
            let stubs = SCRIPT_STUBS.iter().filter(|stub| scripted && line.contains(**stub));
            let marks = UNFINISHED.iter().filter(|mark| has_word(line, mark));
            findings.extend(stubs.chain(marks).map(|found| unfinished(path, i + 1, found)));
        }
    }
    findings
}

fn unfinished(path: &Path, line: usize, found: &str) -> Finding {
    Finding::error(path, line, format!("{found} must not be left in the tree"))
}

fn length(path: &Path, text: &str) -> Vec<Finding> {
    let generated = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".gen."));
    let lines = text.lines().count();
    let message = format!("{lines} lines: one idea a file, at most {LONG} lines (never above {TOO_LONG})");
    match lines {
        _ if generated => Vec::new(),
        n if n > TOO_LONG => vec![Finding::error(path, n, message)],
        n if n > LONG => vec![Finding::warning(path, n, message)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Weight;
    use super::*;

    #[test]
    fn a_long_file_warns_before_it_fails() {
        let weights = |name: &str, lines: usize| -> Vec<Weight> {
            check(Path::new(name), &"x\n".repeat(lines)).iter().map(|f| f.weight).collect()
        };
        assert_eq!(weights("a.css", 500), []);
        assert_eq!(weights("a.css", 501), [Weight::Warning]);
        assert_eq!(weights("a.css", 601), [Weight::Error]);
        assert_eq!(weights("bindings.gen.ts", 601), []);
    }

    #[test]
    fn unfinished_rust_is_found_in_code_and_comments_but_not_in_strings() {
        let lines = |text: &str| check(Path::new("a.rs"), text).iter().map(|f| f.line).collect::<Vec<_>>();
        assert_eq!(lines("fn f() {\n    todo!()\n}\n// FIXME later\n#[ignore]\n"), [2, 4, 5]);
        assert!(lines("const MARK: &str = \"TODO\";\nlet s = \"#[ignore]\";\n").is_empty());
    }

    #[test]
    fn a_skipped_test_of_the_window_is_found() {
        assert_eq!(check(Path::new("a.test.tsx"), "it.skip('x', f)\n").len(), 1);
        assert!(check(Path::new("a.test.tsx"), "it('x', f)\n").is_empty());
    }
}
