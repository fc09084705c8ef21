//! Any bytes as the header of a language model file. What is accepted lies inside the file.
#![no_main]

use cloister_extraction::gguf::Header;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(header) = Header::read(bytes) else { return };
    for (_, tensor) in header.tensors() {
        assert!(bytes.get(tensor.range().start as usize..tensor.range().end as usize).is_some());
    }
});
