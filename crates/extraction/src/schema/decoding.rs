//! The schema that holds the model's output: the user's, made total and bounded.

use super::{Bounds, Format, Node, Property, Shape, leaf};
use serde_json::{Map, Value, json};

/// Items of a list at most, where the schema sets no limit. A model that loops repeats itself; a report does not
/// list more than this of anything. Longer documents are read in windows, each with its own list.
const MOST_ITEMS: usize = 48;
/// Scalars of a text at most, where the schema sets no limit: a quote is a phrase, not a page.
const LONGEST_TEXT: usize = 400;
/// Scalars of a summary at most.
const LONGEST_SUMMARY: usize = 1_600;

pub(super) fn definition(root: &Node) -> Value {
    node(root)
}

fn node(n: &Node) -> Value {
    let plain = match &n.shape {
        Shape::Object(properties) => object(properties),
        // Not asked of the model: each label is looked up in the text (ground::checklist).
        Shape::Array { items, .. } if n.checklist().is_some() => {
            json!({"type": "array", "items": item(items, n), "minItems": 0, "maxItems": 0})
        }
        Shape::Array { items, least, most, .. } => {
            let own = default_items(items, &n.description);
            let most = most.unwrap_or(own.max(*least));
            json!({"type": "array", "items": item(items, n), "minItems": least, "maxItems": most})
        }
        Shape::Text { format: Some(Format::Date), .. } => json!({"type": "string", "format": "date"}),
        Shape::Text { format: Some(Format::DateTime), .. } => json!({"type": "string", "format": "date-time"}),
        Shape::Text { format: None, least, most } => {
            let summary = leaf::asks_for_summary(&n.description);
            let own = if summary { LONGEST_SUMMARY } else { LONGEST_TEXT };
            json!({"type": "string", "minLength": least, "maxLength": most.unwrap_or(own.max(*least))})
        }
        Shape::Number { integer, bounds } => number(*integer, bounds),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Choice { values, .. } => json!({"enum": values}),
    };
    if n.nullable { or_null(plain) } else { plain }
}

/// A list's item: what the list's description asks for, it asks of each item.
fn item(items: &Node, list: &Node) -> Value {
    let mut own = items.clone();
    if own.description.is_empty() {
        own.description.clone_from(&list.description);
    }
    node(&own)
}

/// How many items a list may have when the schema does not say: one when its description says so, each choice once.
fn default_items(items: &Node, description: &str) -> usize {
    if leaf::asks_for_one(description) {
        return 1;
    }
    match &items.shape {
        Shape::Choice { values, .. } => values.len().min(MOST_ITEMS),
        Shape::Boolean => 2,
        _ => MOST_ITEMS,
    }
}

fn object(properties: &[Property]) -> Value {
    let mut inner = Map::new();
    for p in properties {
        let written = node(&p.node);
        // A value that the schema lets be absent may be declined; a list declines by being empty.
        let declines = match &p.node.shape {
            Shape::Array { least, .. } => *least == 0,
            Shape::Object(_) => true,
            _ => false,
        };
        let optional = !p.required && !p.node.nullable && !declines;
        inner.insert(p.name.clone(), if optional { or_null(written) } else { written });
    }
    let names: Vec<&str> = properties.iter().map(|p| p.name.as_str()).collect();
    json!({"type": "object", "properties": inner, "required": names, "additionalProperties": false})
}

fn number(integer: bool, bounds: &Bounds) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), json!(if integer { "integer" } else { "number" }));
    let limits = [
        ("minimum", &bounds.minimum),
        ("maximum", &bounds.maximum),
        ("exclusiveMinimum", &bounds.above),
        ("exclusiveMaximum", &bounds.below),
    ];
    for (name, limit) in limits {
        if let Some(limit) = limit {
            map.insert(name.into(), Value::Number(limit.clone()));
        }
    }
    Value::Object(map)
}

fn or_null(schema: Value) -> Value {
    match schema {
        Value::Object(mut map) if map.contains_key("enum") => {
            if let Some(list) = map.get_mut("enum").and_then(Value::as_array_mut) {
                list.push(Value::Null);
            }
            Value::Object(map)
        }
        other => json!({"anyOf": [other, {"type": "null"}]}),
    }
}
