//! Holding the model's output to a JSON Schema.
//!
//! llguidance turns the schema into a grammar and says at each step which tokens may follow, and which must. The
//! output is JSON on one line; what the grammar forces (keys, punctuation, spaces) costs no decision. An
//! answer always ends: loops are cut where they begin, and an answer that runs out of budget is closed by the
//! shortest text the grammar accepts that adds nothing to it.

mod closing;
mod cursor;
mod guide;
mod vocabulary;

pub(crate) use guide::{Guide, Origin};

use crate::tokenizer::Tokenizer;
use crate::{ExtractError, LoadError};
use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::earley::SlicedBiasComputer;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use std::sync::Arc;
use toktrie::{InferenceCapabilities, TokEnv};
use vocabulary::Vocabulary;

/// Between items and behind keys. A model that writes `["a","b"]` does not end its lists as it does where it may write
/// `["a", "b"]`, the form it has read most (benches/results); the spaces are forced and cost no decision.
const ITEM_SEPARATOR: &str = ", ";
const KEY_SEPARATOR: &str = ": ";

/// What constraining needs of a model: its vocabulary, prepared once.
pub(crate) struct Constrainer {
    factory: ParserFactory,
    tokenizer: Arc<Tokenizer>,
}

/// A schema made ready to hold answers to it.
pub(crate) struct Grammar {
    start: Matcher,
}

impl Constrainer {
    pub(crate) fn new(tokenizer: Arc<Tokenizer>) -> Result<Self, LoadError> {
        let environment: TokEnv = Arc::new(Vocabulary::new(Arc::clone(&tokenizer)));
        let capabilities = InferenceCapabilities { ff_tokens: true, ..InferenceCapabilities::default() };
        let mut factory = ParserFactory::new(&environment, capabilities, &SlicedBiasComputer::general_slices())
            .map_err(|e| LoadError::Compute(e.to_string()))?;
        // Its messages and its error texts hold what was generated: the one goes nowhere, the other names the kind.
        factory.quiet();
        *factory.limits_mut() = ParserLimits { verbose_errors: false, ..ParserLimits::default() };
        Ok(Self { factory, tokenizer })
    }

    /// The grammar of a schema as [`crate::schema::Schema::for_decoding`] gives it.
    pub(crate) fn grammar(&self, schema: &Value) -> Result<Grammar, ExtractError> {
        let mut schema = schema.clone();
        if let Value::Object(map) = &mut schema {
            // Text is copied as it stands, so the only escapes are those JSON needs.
            let compact = json!({
                "whitespace_flexible": false, "item_separator": ITEM_SEPARATOR, "key_separator": KEY_SEPARATOR,
                "json_allowed_escapes": "nrbtf\\\"",
            });
            map.insert("x-guidance".to_owned(), compact);
        }
        let parser = self
            .factory
            .create_parser(TopLevelGrammar::from_json_schema(schema))
            .map_err(|e| ExtractError::Grammar { reason: e.to_string() })?;
        Ok(Grammar { start: Matcher::new(Ok(parser)) })
    }

    /// A fresh answer to hold to the grammar.
    pub(crate) fn guide(&self, grammar: &Grammar) -> Guide<'_> {
        Guide::new(grammar.start.clone(), &self.tokenizer)
    }
}

#[cfg(test)]
mod tests;
