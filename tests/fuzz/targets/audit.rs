//! Any bytes as a log's lines, head and state: a verdict, a page and alerts, and no panic, hang or growing memory.
#![no_main]

use cloister_audit::{Evidence, Filter, Finding, Head, Watch, lines, verify};
use libfuzzer_sys::fuzz_target;
use std::fs;

fuzz_target!(|bytes: &[u8]| {
    // The first two bytes divide the rest among the files.
    let [a, b, rest @ ..] = bytes else { return };
    let (head, rest) = rest.split_at(rest.len() * usize::from(*a) / 1024);
    let (state, written) = rest.split_at(rest.len() * usize::from(*b) / 1024);
    let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
    for (name, bytes) in [("2026-11.jsonl", written), ("head.json", head), ("state", state)] {
        if !bytes.is_empty() && fs::write(folder.path().join(name), bytes).is_err() {
            return;
        }
    }
    let _ = Head::parse(head);
    let verdict = verify(folder.path(), &Evidence { own_folder: true, ..Evidence::default() });
    // Nobody forges a signature by chance: what the fuzzer makes up is never found intact with its own state.
    assert!(verdict.verdict != Finding::Intact || verdict.entries > 0);
    let _ = lines(folder.path(), &Filter { limit: 50, ..Filter::default() });
    let _ = Watch::since(folder.path(), None).and_then(|mut watch| watch.look(folder.path()));
});
