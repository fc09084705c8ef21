//! Any bytes as an Excel workbook: rows, or what is wrong with it.
#![no_main]

#[allow(dead_code, unused_imports)]
#[path = "../../../crates/engine/src/office/mod.rs"]
mod office;

use libfuzzer_sys::fuzz_target;
use std::{io::Cursor, ops::ControlFlow, panic, process, sync::Once};

static HOOK: Once = Once::new();

/// An overflow in calamine is caught and told as damage; libFuzzer's own hook would end the process before that.
fn panics_of_ours_alone() {
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            if !panic.location().is_some_and(|at| at.file().contains("/calamine-")) {
                eprintln!("{panic}");
                process::abort();
            }
        }));
    });
}

fuzz_target!(|bytes: &[u8]| {
    panics_of_ours_alone();
    let mut rows = 0;
    let mut each = |part| {
        if let office::Part::Rows(more) = part {
            rows += more.len() as u64;
        }
        // A few bytes can name a million empty cells: more than this teaches nothing.
        if rows > 10_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let read = office::read_workbook(Cursor::new(bytes), None, &mut each);
    assert!(read.is_err() || rows > 10_000 || read == Ok(rows));
});
