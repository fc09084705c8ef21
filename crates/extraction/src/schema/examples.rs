//! Worked examples beside a schema (`x-examples`): a text and the answer to it, shown to the model before the report.

use super::{Node, SchemaFault, answer, pointer};
use serde_json::Value;

/// A text of the author's, and what is to be drawn from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Of the author's own writing: it leaves the vault with every export of the schema.
    pub text: String,
    /// Valid against the schema.
    pub answer: Value,
}

/// The keyword, at the root of a schema.
const KEYWORD: &str = "x-examples";
/// Examples at most: each is read with every schema, and takes room from the report.
const MOST: usize = 4;
/// Scalars of one text at most.
const LONGEST: usize = 4_000;

/// Reads the examples of a schema whose shape is `root`.
pub(super) fn read(definition: &Value, root: &Node) -> Result<Vec<Example>, Vec<SchemaFault>> {
    let Some(given) = definition.get(KEYWORD) else { return Ok(Vec::new()) };
    let at = pointer("", KEYWORD);
    let fault = |pointer: &str, message: &str| SchemaFault { pointer: pointer.to_owned(), message: message.to_owned() };
    let Some(list) = given.as_array().filter(|l| l.len() <= MOST) else {
        return Err(vec![fault(&at, "a list of at most 4 objects with \"text\" and \"answer\"")]);
    };
    let mut examples = Vec::new();
    let mut faults = Vec::new();
    for (i, example) in list.iter().enumerate() {
        let at = pointer(&at, &i.to_string());
        let text = example.get("text").and_then(Value::as_str).filter(|t| t.chars().count() <= LONGEST);
        let (Some(text), Some(value)) = (text, example.get("answer")) else {
            faults.push(fault(&at, "an example is an object with \"text\", at most 4000 characters, and \"answer\""));
            continue;
        };
        let here = pointer(&at, "answer");
        match answer::validate(root, value) {
            Ok(()) => examples.push(Example { text: text.to_owned(), answer: value.clone() }),
            Err(found) => faults.extend(found.iter().map(|f| fault(&here, &format!("breaks the schema: {f}")))),
        }
    }
    if faults.is_empty() { Ok(examples) } else { Err(faults) }
}
