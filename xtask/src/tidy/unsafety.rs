//! `unsafe` stands only where no safe crate offers what is needed, and says why it is sound.

use std::path::Path;

use super::Finding;
use super::rust_code::{has_word, split};

/// Files (or folders, with a slash at the end) that may hold unsafe code.
const ALLOWED: &[&str] = &[
    // SIMD.
    "crates/kernels/src/",
    // System calls that the kernel is expected to refuse.
    "crates/seal/src/probe.rs",
    // The same, in a program of the tests.
    "crates/seal/examples/sealed.rs",
    // A process for each question to the directory.
    "crates/directory/src/fork.rs",
    // Model files mapped into memory.
    "crates/engine/src/models.rs",
    // The C library's `free`, which overwrites first.
    "crates/seal/src/wipe.rs",
];

/// How many lines above `unsafe` its reason may begin: enough for a paragraph and an attribute.
const REACH: usize = 8;

/// Check the Rust source `text` of the file `path`.
pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let source = split(text);
    let at = path.to_string_lossy();
    let allowed = ALLOWED.iter().any(|a| if a.ends_with('/') { at.starts_with(a) } else { at == *a });
    let mut findings = Vec::new();
    for (i, _) in source.code.iter().enumerate().filter(|(_, line)| has_word(line, "unsafe")) {
        let near = &source.comments[i.saturating_sub(REACH)..=i];
        if !allowed {
            findings.push(Finding::error(path, i + 1, "unsafe code outside the files of xtask/src/tidy/unsafety.rs"));
        } else if !near.iter().any(|c| c.contains("SAFETY:") || c.contains("# Safety")) {
            findings.push(Finding::error(path, i + 1, "unsafe code without a SAFETY comment"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH_REASON: &str = "// SAFETY: x outlives the call.\nunsafe { f(x) }\n";

    #[test]
    fn a_reason_is_asked_for_where_unsafe_code_is_allowed() {
        let path = Path::new("crates/kernels/src/avx2.rs");
        assert!(check(path, WITH_REASON).is_empty());
        assert_eq!(check(path, "unsafe { f(x) }")[0].message, "unsafe code without a SAFETY comment");
        let far = format!("// SAFETY: far away.{}unsafe {{ f(x) }}", "\n".repeat(REACH + 1));
        assert_eq!(check(path, &far).len(), 1);
    }

    #[test]
    fn elsewhere_a_reason_does_not_help() {
        assert_eq!(check(Path::new("crates/app/src/lib.rs"), WITH_REASON).len(), 1);
        assert!(check(Path::new("crates/app/src/lib.rs"), "#![forbid(unsafe_code)] // no unsafe here").is_empty());
    }
}
