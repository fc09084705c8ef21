//! Every command that the documents show is one that this program takes, and every link in them leads somewhere.
//! `make docs`.

use crate::args::Arguments;
use clap::{CommandFactory, Parser, error::ErrorKind};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                found.push(path);
            }
        }
    }
    let top = ["README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    found.extend(top.map(|name| root().join(name)));
    found.sort();
    found.into_iter().map(|p| (p.clone(), fs::read_to_string(p).unwrap())).collect()
}

/// The words of a line as a shell splits them, up to a comment, a pipe or the next command. `None` where it is not one
/// simple command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (None, '|' | ';' | '&' | '>') => break,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Each `cloister …` of the shell blocks, with its line.
fn commands(text: &str) -> Vec<(usize, Vec<String>)> {
    let (mut found, mut in_block, mut kept) = (Vec::new(), false, String::new());
    for (n, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(language) = trimmed.strip_prefix("```") {
            in_block = !in_block && matches!(language.trim(), "sh" | "bash" | "console");
            continue;
        }
        if !in_block {
            continue;
        }
        if let Some(part) = trimmed.strip_suffix('\\') {
            kept.push_str(part);
            continue;
        }
        let whole = std::mem::take(&mut kept) + trimmed;
        for piece in whole.split("&&").map(|p| p.trim_start().trim_start_matches("$ ")) {
            let words = words(piece);
            let name = words.first().map(|w| w.rsplit('/').next().unwrap_or_default().to_owned());
            if name.as_deref() == Some("cloister") {
                found.push((n + 1, words));
            }
        }
    }
    found
}

/// Each `cloister …` within a sentence: its subcommands have to be there.
fn mentions(text: &str) -> Vec<Vec<String>> {
    let spans = text.split('`').skip(1).step_by(2).filter(|span| !span.contains('\n'));
    spans.map(words).filter(|w| w.first().is_some_and(|w| w == "cloister")).collect()
}

#[test]
fn every_command_that_the_documents_show_is_taken() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in documents() {
        for (line, words) in commands(&text) {
            seen += 1;
            if let Err(e) = Arguments::try_parse_from(&words)
                && !matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
            {
                wrong.push(format!("{}:{line}: {}: {e}", path.display(), words.join(" ")));
            }
        }
        // Descriptions of formats hold labels that begin with the program's name.
        let formats = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("formats"));
        for words in mentions(&text).into_iter().filter(|_| !formats) {
            let mut at = &Arguments::command();
            for word in words.iter().skip(1) {
                let lower = word.starts_with(|c: char| c.is_ascii_lowercase());
                let Some(next) = at.find_subcommand(word) else {
                    if at.has_subcommands() && lower {
                        wrong.push(format!("{}: there is no {}", path.display(), words.join(" ")));
                    }
                    break;
                };
                at = next;
                seen += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} commands were found");
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in documents() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            if !path.parent().unwrap().join(file).exists() {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_are_split_as_a_shell_does() {
    assert_eq!(
        words(r#"cloister batch run --purpose "quality 2026" # why"#),
        ["cloister", "batch", "run", "--purpose", "quality 2026"]
    );
    assert_eq!(words("cloister audit verify | jq ."), ["cloister", "audit", "verify"]);
    assert_eq!(commands("```sh\na && cloister doctor \\\n  --probe\n```\n").len(), 1);
}
