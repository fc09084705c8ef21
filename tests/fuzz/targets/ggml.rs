//! Any bytes as a speech model file: by themselves, and as the weights behind a head that is as it should be, which is longer
//! than what a fuzzer makes up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// A model 64 wide with one layer each, up to its weights; its words are empty.
static HEAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let numbers = |values: &[i32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
    let shape = numbers(&[51_864, 1500, 64, 1, 1, 448, 64, 1, 1, 80, 2007]);
    [b"lmgg", &shape[..], &numbers(&[80, 201]), &[0; 80 * 201 * 4], &numbers(&[50_257]), &[0; 4 * 50_257]].concat()
});

fuzz_target!(|bytes: &[u8]| {
    let _ = cloister_speech::check_model(bytes);
    let whole = [&HEAD[..], bytes].concat();
    let fault = cloister_speech::check_model(&whole).expect_err("so few bytes are not all weights of a model");
    assert!(!fault.to_string().contains("vocabulary"), "the head is not as it should be: {fault}");
});
