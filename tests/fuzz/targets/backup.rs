//! Any bytes as a backup: its header in the clear, and what would be inside after decryption.
#![no_main]

use cloister_vault::{BackupFile, BackupKey, read_archive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let _ = read_archive(&mut rest);
    if let Ok(file) = BackupFile::open(bytes)
        && let Some(key) = BackupKey::from_bytes(&[7; 32])
    {
        // Nobody guesses the commitment.
        assert!(file.unlock(&key).is_err());
    }
});
