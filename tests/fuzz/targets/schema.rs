//! Any JSON as an extraction schema: every fault by its place, or a schema whose own examples it accepts.
#![no_main]

use cloister_extraction::schema::Schema;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(definition) = serde_json::from_slice(bytes) else { return };
    match Schema::parse(&definition) {
        Ok(schema) => {
            let _ = (schema.names(), schema.leaves(), schema.for_decoding());
            let _ = schema.validate(&definition);
        }
        Err(faults) => assert!(!faults.is_empty()),
    }
});
