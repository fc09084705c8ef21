//! No secret may be committed: private keys, and tokens whose form gives them away.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Finding;

/// Begins a token: this prefix, and then so many characters of its alphabet or more.
const TOKENS: &[(&str, &str, usize, Alphabet)] = &[
    ("an age identity", "AGE-SECRET-KEY-1", 58, Alphabet::UpperDigits),
    ("a GitHub token", "ghp_", 36, Alphabet::Word),
    ("a GitHub token", "gho_", 36, Alphabet::Word),
    ("a GitHub token", "ghs_", 36, Alphabet::Word),
    ("a GitHub token", "github_pat_", 36, Alphabet::Word),
    ("a GitLab token", "glpat-", 20, Alphabet::Url),
    ("an npm token", "npm_", 36, Alphabet::Word),
    ("a crates.io token", "cio", 32, Alphabet::Word),
    ("a PyPI token", "pypi-AgEI", 50, Alphabet::Url),
    ("a Hugging Face token", "hf_", 34, Alphabet::Word),
    ("an AWS key", "AKIA", 16, Alphabet::UpperDigits),
    ("a Google key", "AIza", 35, Alphabet::Url),
    ("a Slack token", "xoxb-", 20, Alphabet::Url),
    ("a Slack token", "xoxp-", 20, Alphabet::Url),
    ("a Stripe key", "sk_live_", 24, Alphabet::Word),
    ("a JSON web token", "eyJhbGciOi", 20, Alphabet::Url),
];

/// How files with secret keys begin: these two, with nothing but letters and spaces between them.
const MARKS: &[(&str, &str, &str)] = &[
    ("a private key", "-----BEGIN ", "PRIVATE KEY-----"),
    ("a secret key of minisign", "untrusted comment: minisign ", "encrypted secret key"),
];

/// Entropy below which what follows a prefix is words or a placeholder: bits a character.
const ENTROPY: f64 = 3.0;

#[derive(Debug, Clone, Copy)]
enum Alphabet {
    UpperDigits,
    Word,
    Url,
}

impl Alphabet {
    fn has(self, c: u8) -> bool {
        match self {
            Self::UpperDigits => c.is_ascii_uppercase() || c.is_ascii_digit(),
            Self::Word => c.is_ascii_alphanumeric() || c == b'_',
            Self::Url => c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'),
        }
    }
}

/// Check every file that git tracks, whatever its kind.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in tracked(root)? {
        // A link, or a file that was deleted and not yet committed, has nothing to read.
        let Ok(bytes) = std::fs::read(root.join(&path)) else { continue };
        findings.extend(of_file(&path, &String::from_utf8_lossy(&bytes)));
    }
    Ok(findings)
}

/// What is committed or about to be.
fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git, which knows the files to search for secrets")?;
    ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim());
    let names = String::from_utf8(listed.stdout).context("a file's name is not UTF-8")?;
    Ok(names.split_terminator('\0').map(PathBuf::from).collect())
}

fn of_file(path: &Path, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let marks = MARKS.iter().filter(|(_, begin, end)| marked(line, begin, end)).map(|(what, ..)| *what);
        let tokens = TOKENS.iter().filter(|(_, prefix, least, alphabet)| holds(line, prefix, *least, *alphabet));
        let found = marks.chain(tokens.map(|(what, ..)| *what)).next();
        // The secret itself is not repeated: this is printed in public places.
        findings.extend(found.map(|what| Finding::error(path, i + 1, format!("{what} must not be committed"))));
    }
    findings
}

fn marked(line: &str, begin: &str, end: &str) -> bool {
    let between = line.split_once(begin).and_then(|(_, after)| after.split_once(end)).map(|(between, _)| between);
    between.is_some_and(|kind| kind.bytes().all(|c| c.is_ascii_alphabetic() || c == b' '))
}

/// Whether a token of this form stands in the line: beginning a word, long enough, and not all words or one letter.
fn holds(line: &str, prefix: &str, least: usize, alphabet: Alphabet) -> bool {
    line.match_indices(prefix).any(|(at, _)| {
        let begins = line[..at].bytes().next_back().is_none_or(|c| !c.is_ascii_alphanumeric() && c != b'_');
        let rest = &line.as_bytes()[at + prefix.len()..];
        let length = rest.iter().take_while(|c| alphabet.has(**c)).count();
        begins && length >= least && entropy(&rest[..length]) >= ENTROPY
    })
}

/// Shannon entropy of the characters, in bits each.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|b| counts[usize::from(*b)] += 1);
    let of = |n: u32| {
        let p = f64::from(n) / bytes.len() as f64;
        -p * p.log2()
    };
    counts.iter().filter(|n| **n > 0).map(|n| of(*n)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> bool {
        !of_file(Path::new("a.txt"), line).is_empty()
    }

    /// As random as such a token, and different in each place: written out it would be found in this file.
    fn random(length: usize, letters: &[u8]) -> String {
        let mut state = 88_172_645_463_325_252_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(letters[state as usize % letters.len()])
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn each_kind_of_token_is_found_and_not_repeated() {
        for (what, prefix, least, _) in TOKENS {
            let token = random(*least, b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789");
            let findings = of_file(Path::new("a.txt"), &format!("x\nkey = \"{prefix}{token}\"\n"));
            assert_eq!(findings.len(), 1, "{what}");
            assert_eq!(findings[0].line, 2);
            assert!(!findings[0].message.contains(&token));
        }
    }

    #[test]
    fn private_keys_are_found_by_their_first_line() {
        for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
            assert!(found(&format!("-----BEGIN {kind}{}-----", "PRIVATE KEY")));
        }
        for kind in ["", "un"] {
            assert!(found(&format!("untrusted comment: minisign {kind}{}", "encrypted secret key")));
        }
        assert!(!found("-----BEGIN PUBLIC KEY-----") && !found("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn prefixes_placeholders_and_words_are_no_secrets() {
        let long = random(60, b"abcdefghij");
        for line in [
            "the prefix ghp_ alone",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AGE-SECRET-KEY-1QQQ",
            "fn precious_and_long_names_of_functions_are_code() {}",
            &format!("dighp_{long}"),
        ] {
            assert!(!found(line), "{line}");
        }
    }

    #[test]
    fn what_git_would_commit_is_searched_and_what_it_ignores_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let git = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().unwrap();
        assert!(git.success());
        let key = format!("-----BEGIN {}-----\n", "PRIVATE KEY");
        for name in ["new.pem", "kept.pem"] {
            std::fs::write(folder.path().join(name), &key).unwrap();
        }
        std::fs::write(folder.path().join(".gitignore"), "kept.pem\n").unwrap();
        let found = check(folder.path()).unwrap();
        assert_eq!(found.iter().map(|f| f.path.clone()).collect::<Vec<_>>(), [PathBuf::from("new.pem")]);
        assert!(check(&folder.path().join("..")).is_err(), "outside of a repository there is no list");
    }
}
