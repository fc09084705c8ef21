//! What is written about the program agrees with it, as far as a machine can tell.

use cloister_testkit::repository;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn documents() -> Vec<PathBuf> {
    let root = repository();
    let at_the_top = fs::read_dir(&root).unwrap().map(|e| e.unwrap().path());
    let in_docs = cloister_testkit::traces::files(&root.join("docs")).unwrap();
    at_the_top.chain(in_docs).filter(|p| p.extension().is_some_and(|e| e == "md")).collect()
}

/// The targets of `[words](target)` and `![words](target)`.
fn links(markdown: &str) -> Vec<&str> {
    markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut followed = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in links(&text).into_iter().filter(|t| !t.contains("://") && !t.starts_with('#')) {
            let file = target.split('#').next().unwrap();
            let path = document.parent().unwrap_or(Path::new(".")).join(file);
            assert!(path.exists(), "{}: {target} leads nowhere", document.display());
            followed += 1;
        }
    }
    assert!(followed > 5, "no links were found");
}

#[test]
fn every_error_code_is_explained() {
    let source = fs::read_to_string(repository().join("crates/app/src/error.rs")).unwrap();
    let body = source.split("fn code(&self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let codes: Vec<&str> = body.split('"').skip(1).step_by(2).collect();
    assert!(codes.len() > 15, "{codes:?}");
    let explained = fs::read_to_string(repository().join("docs/errors.md")).unwrap();
    for code in codes {
        assert!(explained.contains(&format!("| `{code}` |")), "docs/errors.md does not explain {code}");
    }
}
