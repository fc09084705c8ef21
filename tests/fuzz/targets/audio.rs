//! Any bytes as a sound file: blocks of samples or a fault by name.
#![no_main]

use cloister_speech::AudioDecoder;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut audio) = AudioDecoder::open(Cursor::new(bytes.to_vec()), None) else { return };
    // A few kilobytes hold minutes of silence in some formats; more than this teaches nothing.
    for _ in 0..200 {
        match audio.next_block() {
            Ok(Some(block)) => assert!(block.iter().all(|sample| sample.is_finite())),
            Ok(None) | Err(_) => break,
        }
    }
    assert!(audio.decoded_s() >= 0.0);
});
