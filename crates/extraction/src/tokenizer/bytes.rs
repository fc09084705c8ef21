//! GPT-2's printable stand-ins for the 256 bytes: vocabularies are written in them.

use std::collections::HashMap;

pub(super) struct SymbolTable {
    symbols: [char; 256],
    bytes: HashMap<char, u8>,
}

impl SymbolTable {
    /// A byte that prints in Latin-1 stands for itself; the others, in order, are the characters from U+0100 on.
    pub(super) fn new() -> Self {
        let mut symbols = ['\0'; 256];
        let mut spare = '\u{100}'..;
        for byte in 0..=255u8 {
            let prints = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
            symbols[usize::from(byte)] =
                if prints { char::from(byte) } else { spare.next().unwrap_or(char::REPLACEMENT_CHARACTER) };
        }
        let bytes = (0..=255u8).map(|b| (symbols[usize::from(b)], b)).collect();
        Self { symbols, bytes }
    }

    pub(super) const fn symbol(&self, byte: u8) -> char {
        self.symbols[byte as usize]
    }

    /// The bytes a vocabulary entry stands for, if it is written in these symbols only.
    pub(super) fn decode(&self, text: &str) -> Option<Vec<u8>> {
        text.chars().map(|c| self.bytes.get(&c).copied()).collect()
    }
}
