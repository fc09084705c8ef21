//! Byte-level BPE as GPT-2 and Qwen use it, read from a model file's metadata.
//!
//! A text is split into pieces ([`split`]), each piece's bytes become tokens, and neighbours are merged by rank until
//! no merge applies (Sennrich et al. 2016, over bytes: Radford et al. 2019). Every byte is a token of its own, so any
//! text can be encoded, and decoding gives back exactly its bytes. Control tokens (`<|im_end|>` and the like) are
//! made only by [`Tokenizer::encode_markup`], which is for chat templates: text from outside never becomes one.

mod bytes;
mod merge;
mod split;

use crate::gguf::{GgufError, Header};
use bytes::SymbolTable;
use merge::Merges;
use split::{Splitter, split};
use std::collections::HashMap;

/// A token's number in the vocabulary.
pub type TokenId = u32;

/// Token kinds of `tokenizer.ggml.token_type` that matter here.
const NORMAL: u32 = 1;
const CONTROL: u32 = 3;
const USER_DEFINED: u32 = 4;

/// Why a vocabulary is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// The metadata is incomplete or of the wrong type.
    #[error(transparent)]
    Metadata(#[from] GgufError),
    /// Not byte-level BPE.
    #[error("the tokenizer `{model}` is not supported (only byte-level BPE, `gpt2`)")]
    Model {
        /// `tokenizer.ggml.model`.
        model: String,
    },
    /// A way of splitting text that is not known here: encoding by a wrong one would silently degrade the model.
    #[error("the pre-tokenizer `{pre}` is not supported (only `qwen2` and `llama-bpe`)")]
    PreTokenizer {
        /// `tokenizer.ggml.pre`.
        pre: String,
    },
    /// A byte that no token stands for.
    #[error("no token stands for the byte {byte}")]
    MissingByte {
        /// Which.
        byte: u8,
    },
    /// A token that no byte sequence maps to, or two of one text.
    #[error("token {id} is not a valid or unique byte sequence")]
    BadToken {
        /// Its number.
        id: TokenId,
    },
    /// A merge whose parts or result are not tokens.
    #[error("merge {rank} does not join two tokens into a third")]
    BadMerge {
        /// Its place in the list.
        rank: usize,
    },
    /// A number that is not in the vocabulary, or lists of different length.
    #[error("{what} does not fit the vocabulary")]
    Range {
        /// Which metadata value.
        what: &'static str,
    },
}

/// A vocabulary with its merges.
pub struct Tokenizer {
    splitter: Splitter,
    /// The bytes of each token; empty for control and unused tokens.
    bytes: Vec<Vec<u8>>,
    /// The token of each single byte.
    byte_tokens: [TokenId; 256],
    merges: Merges,
    /// Tokens by their bytes, where whole pieces are looked up.
    whole: HashMap<Vec<u8>, TokenId>,
    /// Control tokens and tokens made by hand, longest text first.
    special: Vec<(String, TokenId)>,
    control: Vec<bool>,
    end_of_turn: TokenId,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokenizer({} tokens)", self.bytes.len())
    }
}

impl Tokenizer {
    /// Reads the vocabulary from a model file's metadata.
    ///
    /// # Errors
    /// When the file's tokenizer is of another family or does not fit together.
    pub fn from_gguf(header: &Header<'_>) -> Result<Self, TokenizerError> {
        let model = header.str("tokenizer.ggml.model")?;
        if model != "gpt2" {
            return Err(TokenizerError::Model { model: model.to_owned() });
        }
        let splitter = Splitter::named(header.str("tokenizer.ggml.pre")?)?;
        let texts = strings(header, "tokenizer.ggml.tokens")?;
        let kinds = header.array("tokenizer.ggml.token_type")?;
        if kinds.len() != texts.len() || u32::try_from(texts.len()).is_err() {
            return Err(TokenizerError::Range { what: "tokenizer.ggml.token_type" });
        }

        let symbols = SymbolTable::new();
        let mut bytes = vec![Vec::new(); texts.len()];
        let mut control = vec![false; texts.len()];
        let mut special = Vec::new();
        let mut by_text = HashMap::with_capacity(texts.len());
        for (id, &text) in (0..).zip(texts) {
            let slot = id as usize;
            match kinds.u32_at(slot).ok_or(TokenizerError::Range { what: "tokenizer.ggml.token_type" })? {
                NORMAL => {
                    let decoded = symbols.decode(text).filter(|b| !b.is_empty());
                    bytes[slot] = decoded.ok_or(TokenizerError::BadToken { id })?;
                    if by_text.insert(text, id).is_some() {
                        return Err(TokenizerError::BadToken { id });
                    }
                }
                CONTROL => {
                    control[slot] = true;
                    special.push((text.to_owned(), id));
                }
                USER_DEFINED => {
                    bytes[slot] = text.as_bytes().to_vec();
                    special.push((text.to_owned(), id));
                }
                _ => {}
            }
        }
        special.retain(|(text, _)| !text.is_empty());
        special.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));

        let mut byte_tokens = [0; 256];
        for byte in 0..=255u8 {
            let symbol = symbols.symbol(byte).to_string();
            byte_tokens[usize::from(byte)] =
                *by_text.get(symbol.as_str()).ok_or(TokenizerError::MissingByte { byte })?;
        }
        let merges = Merges::new(strings(header, "tokenizer.ggml.merges")?, &by_text)?;
        let whole = if splitter.whole_pieces {
            (0..).zip(&bytes).filter(|(_, b)| !b.is_empty()).map(|(id, b)| (b.clone(), id)).collect()
        } else {
            HashMap::new()
        };
        let end_of_turn = header.u32("tokenizer.ggml.eos_token_id")?;
        if end_of_turn as usize >= texts.len() {
            return Err(TokenizerError::Range { what: "tokenizer.ggml.eos_token_id" });
        }
        Ok(Self { splitter, bytes, byte_tokens, merges, whole, special, control, end_of_turn })
    }

    /// Tokens of a text. Text that looks like a control token stays text.
    #[must_use]
    pub fn encode(&self, text: &str) -> Vec<TokenId> {
        let mut tokens = Vec::with_capacity(text.len() / 3);
        for piece in split(self.splitter, text) {
            self.encode_piece(piece.as_bytes(), &mut tokens);
        }
        tokens
    }

    /// Tokens of bytes that need not be UTF-8: runs that are get encoded as text, other bytes one by one.
    #[must_use]
    pub fn encode_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        let mut tokens = Vec::new();
        for chunk in bytes.utf8_chunks() {
            tokens.extend(self.encode(chunk.valid()));
            tokens.extend(chunk.invalid().iter().map(|&b| self.byte_tokens[usize::from(b)]));
        }
        tokens
    }

    /// Tokens of markup that the program itself wrote (a chat template): control tokens are recognised.
    #[must_use]
    pub fn encode_markup(&self, markup: &str) -> Vec<TokenId> {
        let mut tokens = Vec::new();
        let mut rest = markup;
        while !rest.is_empty() {
            let found = self
                .special
                .iter()
                .filter_map(|(text, id)| Some((rest.find(text.as_str())?, text.len(), *id)))
                .min_by_key(|&(at, len, _)| (at, std::cmp::Reverse(len)));
            let Some((at, len, id)) = found else {
                tokens.extend(self.encode(rest));
                break;
            };
            tokens.extend(self.encode(&rest[..at]));
            tokens.push(id);
            rest = &rest[at + len..];
        }
        tokens
    }

    /// The bytes that tokens stand for. Control tokens and numbers outside the vocabulary stand for none.
    #[must_use]
    pub fn decode(&self, tokens: &[TokenId]) -> Vec<u8> {
        tokens.iter().flat_map(|&t| self.token_bytes(t)).copied().collect()
    }

    /// The bytes of one token; empty for a control or unused one.
    #[must_use]
    pub fn token_bytes(&self, token: TokenId) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], Vec::as_slice)
    }

    /// The token that stands for one byte alone.
    #[must_use]
    pub const fn byte_token(&self, byte: u8) -> TokenId {
        self.byte_tokens[byte as usize]
    }

    /// Whether a token steers the model instead of standing for text.
    #[must_use]
    pub fn is_control(&self, token: TokenId) -> bool {
        self.control.get(token as usize).copied().unwrap_or(false)
    }

    /// Tokens in the vocabulary, unused ones included.
    #[must_use]
    pub const fn vocabulary_len(&self) -> usize {
        self.bytes.len()
    }

    /// The token that ends the model's turn.
    #[must_use]
    pub const fn end_of_turn(&self) -> TokenId {
        self.end_of_turn
    }

    fn encode_piece(&self, piece: &[u8], tokens: &mut Vec<TokenId>) {
        if let Some(&token) = self.whole.get(piece) {
            tokens.push(token);
            return;
        }
        let singles = piece.iter().map(|&b| self.byte_tokens[usize::from(b)]);
        self.merges.apply(singles, tokens);
    }
}

fn strings<'h, 'a>(header: &'h Header<'a>, key: &'static str) -> Result<&'h [&'a str], TokenizerError> {
    let array = header.array(key)?;
    array.as_strs().ok_or_else(|| GgufError::WrongType { key: key.to_owned(), expected: "a list of strings" }.into())
}

#[cfg(test)]
mod tests;
