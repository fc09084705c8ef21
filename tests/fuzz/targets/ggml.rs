//! Any bytes as a speech model file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = cloister_speech::check_model(bytes);
});
