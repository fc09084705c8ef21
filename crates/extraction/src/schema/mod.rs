//! What to extract: a documented subset of JSON Schema 2020-12 (docs/schema.md), read once and then only walked.
//!
//! [`Schema::parse`] accepts a user's schema or names every fault in it; [`Schema::for_decoding`] is what holds the
//! model's output; [`Schema::validate`] checks an answer; [`Schema::leaves`] lists the fields with how they are
//! grounded.

mod answer;
mod date;
mod decoding;
mod examples;
mod keywords;
mod leaf;
mod read;

pub use answer::AnswerFault;
pub(crate) use answer::fits as answer_fits;
pub use date::{Date, is_date, is_date_time};
pub use examples::Example;
pub use leaf::{Leaf, LeafKind, Polarity};
pub(crate) use leaf::{Place, asks_for_summary, sorts_the_whole, words};
pub use read::SchemaFault;

use serde_json::{Number, Value};

/// A schema that can be extracted with.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    definition: Value,
    root: Node,
    examples: Vec<Example>,
}

/// One place in an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) shape: Shape,
    /// `null` is allowed too.
    pub(crate) nullable: bool,
    /// What the schema's author says about it.
    pub(crate) description: String,
    /// `x-assertion`, when given.
    pub(crate) asserts: Option<Polarity>,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Object(Vec<Property>),
    Array {
        items: Box<Node>,
        least: usize,
        most: Option<usize>,
        unique: bool,
    },
    Text {
        format: Option<Format>,
        least: usize,
        most: Option<usize>,
    },
    Number {
        integer: bool,
        bounds: Bounds,
    },
    Boolean,
    /// `enum` or `const`: one of these scalars.
    Choice {
        values: Vec<Value>,
        constant: bool,
    },
}

/// A declared property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) node: Node,
}

/// The formats that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Date,
    DateTime,
}

/// The range of a number, as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Bounds {
    pub(crate) minimum: Option<Number>,
    pub(crate) maximum: Option<Number>,
    pub(crate) above: Option<Number>,
    pub(crate) below: Option<Number>,
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// Every fault found, each with its JSON Pointer: keywords outside the subset, contradictions, limits.
    pub fn parse(definition: &Value) -> Result<Self, Vec<SchemaFault>> {
        let root = read::read(definition)?;
        let examples = examples::read(definition, &root)?;
        Ok(Self { definition: definition.clone(), root, examples })
    }

    /// The schema as the user wrote it.
    #[must_use]
    pub const fn definition(&self) -> &Value {
        &self.definition
    }

    /// The names of the outermost fields.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let properties = self.definition.get("properties").and_then(Value::as_object);
        properties.into_iter().flat_map(|p| p.keys()).map(String::as_str).collect()
    }

    /// Worked examples, shown to the model before the report.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// What the schema as a whole is about; empty when it does not say.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.root.description
    }

    /// The schema for constrained decoding: every declared property, in order, no other; optional values may be
    /// `null`; list and text lengths have limits, so that an answer always ends.
    #[must_use]
    pub fn for_decoding(&self) -> Value {
        decoding::definition(&self.root)
    }

    /// Checks an answer.
    ///
    /// # Errors
    /// Every place where it breaks the schema. The faults hold no value of the answer.
    pub fn validate(&self, answer: &Value) -> Result<(), Vec<AnswerFault>> {
        answer::validate(&self.root, answer)
    }

    /// The leaves in schema order, with how each is grounded.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        leaf::leaves(&self.root)
    }

    /// Names of the fields that are not asked of a model: their labels are looked up in the text one by one.
    #[must_use]
    pub fn checklists(&self) -> Vec<&str> {
        let Shape::Object(properties) = &self.root.shape else { return Vec::new() };
        properties.iter().filter(|p| p.node.checklist().is_some()).map(|p| p.name.as_str()).collect()
    }

    pub(crate) const fn root(&self) -> &Node {
        &self.root
    }
}

/// One step of a JSON Pointer (RFC 6901) appended: `~` and `/` are escaped.
#[must_use]
pub(crate) fn pointer(parent: &str, step: &str) -> String {
    format!("{parent}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// Whether two JSON scalars are the same value; `1` and `1.0` are (JSON Schema, 4.2.2).
#[must_use]
pub(crate) fn same_scalar(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || (x.as_f64().is_some() && x.as_f64() == y.as_f64()),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
