//! Any bytes as a Word document: its text, or what is wrong with it.
#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../../crates/engine/src/office/mod.rs"]
mod office;

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = office::read_docx(Cursor::new(bytes)) {
        assert!(!text.trim().is_empty());
    }
});
