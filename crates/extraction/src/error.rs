//! What can go wrong, without a word of the text.

use crate::chat::ChatError;
use crate::gguf::GgufError;
use crate::tokenizer::TokenizerError;

/// Why a model file is refused. Texts hold names from the file's header only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file's header.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// Its tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Its chat template.
    #[error(transparent)]
    Chat(#[from] ChatError),
    /// A family of models that is not known here.
    #[error("the architecture `{name}` is not supported (only qwen2 and llama)")]
    Architecture {
        /// `general.architecture`.
        name: String,
    },
    /// A variant of a known family that would run wrongly.
    #[error("the model uses {feature}, which is not supported")]
    Feature {
        /// Such as `rope scaling yarn`.
        feature: String,
    },
    /// Sizes that contradict each other or are beyond any real model.
    #[error("the model's {what} is impossible")]
    Config {
        /// Which size.
        what: &'static str,
    },
    /// A tensor that the architecture needs.
    #[error("the tensor {name} is missing")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor of another shape than the metadata says.
    #[error("the tensor {name} has the shape {found:?} instead of {expected:?}")]
    TensorShape {
        /// Its name.
        name: String,
        /// As described in the file.
        found: Vec<usize>,
        /// As the metadata implies.
        expected: Vec<usize>,
    },
    /// A number type that this build cannot compute with.
    #[error("the tensor {name} is stored as {kind}, which is not supported")]
    TensorType {
        /// Its name.
        name: String,
        /// The type's name.
        kind: String,
    },
    /// The processor or accelerator asked for is not there.
    #[error("{device} cannot be used: {why}")]
    Device {
        /// As asked for.
        device: &'static str,
        /// In words.
        why: &'static str,
    },
    /// The tensor library failed.
    #[error("the model could not be prepared: {0}")]
    Compute(String),
}

/// Why there is no answer. Bad documents and cut answers are no errors: they have a status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The schema does not become a grammar.
    #[error("the schema cannot be decoded with: {reason}")]
    Grammar {
        /// The grammar compiler's reason; it names schema keywords.
        reason: String,
    },
    /// The instructions alone leave no room for a document.
    #[error("the schema's instructions take {tokens} of {context} tokens and leave no room for a document")]
    SchemaTooLong {
        /// Tokens of the fixed part.
        tokens: usize,
        /// Tokens the model can attend to.
        context: usize,
    },
    /// The chat template failed on this prompt.
    #[error(transparent)]
    Chat(#[from] ChatError),
    /// The tensor library failed.
    #[error("the model failed: {0}")]
    Compute(String),
}

impl From<candle_core::Error> for LoadError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(error.to_string())
    }
}

impl From<candle_core::Error> for ExtractError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(error.to_string())
    }
}
