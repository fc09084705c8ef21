//! The tokenizer as llguidance wants to see it.

use crate::tokenizer::{TokenId, Tokenizer};
use std::sync::Arc;
use toktrie::{TokRxInfo, TokTrie, TokenizerEnv};

pub(super) struct Vocabulary {
    trie: TokTrie,
    tokenizer: Arc<Tokenizer>,
}

impl Vocabulary {
    pub(super) fn new(tokenizer: Arc<Tokenizer>) -> Self {
        let words: Vec<Vec<u8>> = (0..tokenizer.vocabulary_len() as TokenId)
            .map(|id| {
                if tokenizer.is_control(id) {
                    // A marker byte that no text holds keeps control tokens out of every grammar.
                    [&[TokTrie::SPECIAL_TOKEN_MARKER], format!("[{id}]").as_bytes()].concat()
                } else {
                    tokenizer.token_bytes(id).to_vec()
                }
            })
            .collect();
        let info = TokRxInfo::new(words.len() as u32, tokenizer.end_of_turn());
        Self { trie: TokTrie::from(&info, &words), tokenizer }
    }
}

impl TokenizerEnv for Vocabulary {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.tokenizer.encode_bytes(bytes)
    }
}
