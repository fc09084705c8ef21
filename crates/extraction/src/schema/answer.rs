//! The validator of the subset: an answer against its schema.

use super::{Bounds, Format, Node, Shape, is_date, is_date_time, pointer, read::is_integer, same_scalar};
use serde_json::{Number, Value};

/// One place where an answer breaks its schema. It holds no value of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{}: {message}", if pointer.is_empty() { "the answer" } else { pointer })]
pub struct AnswerFault {
    /// Where, as a JSON Pointer into the answer; empty for the whole.
    pub pointer: String,
    /// Which rule.
    pub message: String,
}

pub(super) fn validate(root: &Node, answer: &Value) -> Result<(), Vec<AnswerFault>> {
    let mut faults = Vec::new();
    check(root, answer, "", &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Whether `value` is right at `node`.
pub(crate) fn fits(node: &Node, value: &Value) -> bool {
    validate(node, value).is_ok()
}

fn check(node: &Node, value: &Value, at: &str, faults: &mut Vec<AnswerFault>) {
    let mut fault = |message: &str| faults.push(AnswerFault { pointer: at.to_owned(), message: message.to_owned() });
    if value.is_null() {
        if !node.nullable {
            fault("null is not allowed here");
        }
        return;
    }
    match (&node.shape, value) {
        (Shape::Object(properties), Value::Object(map)) => {
            for p in properties {
                match map.get(&p.name) {
                    Some(inner) => check(&p.node, inner, &pointer(at, &p.name), faults),
                    None if p.required => {
                        faults
                            .push(AnswerFault { pointer: pointer(at, &p.name), message: "required and absent".into() });
                    }
                    None => {}
                }
            }
            if map.keys().any(|k| !properties.iter().any(|p| p.name == *k)) {
                faults.push(AnswerFault { pointer: at.to_owned(), message: "a property that is not declared".into() });
            }
        }
        (Shape::Array { items, least, most, unique }, Value::Array(list)) => {
            if list.len() < *least {
                fault("fewer items than `minItems`");
            }
            if most.is_some_and(|most| list.len() > most) {
                fault("more items than `maxItems`");
            }
            if *unique && list.iter().enumerate().any(|(i, a)| list.iter().take(i).any(|b| same_scalar(a, b))) {
                fault("two items are equal under `uniqueItems`");
            }
            for (i, item) in list.iter().enumerate() {
                check(items, item, &pointer(at, &i.to_string()), faults);
            }
        }
        (Shape::Text { format, least, most }, Value::String(text)) => {
            let length = text.chars().count();
            if length < *least {
                fault("shorter than `minLength`");
            }
            if most.is_some_and(|most| length > most) {
                fault("longer than `maxLength`");
            }
            match format {
                Some(Format::Date) if !is_date(text) => fault("not a date (RFC 3339 full-date)"),
                Some(Format::DateTime) if !is_date_time(text) => fault("not a date-time (RFC 3339)"),
                _ => {}
            }
        }
        (Shape::Number { integer, bounds }, Value::Number(n)) => {
            if *integer && !is_integer(n) {
                fault("not a whole number");
            }
            if let Some(message) = out_of_range(bounds, n) {
                fault(message);
            }
        }
        (Shape::Boolean, Value::Bool(_)) => {}
        (Shape::Choice { values, .. }, _) => {
            if !values.iter().any(|v| same_scalar(v, value)) {
                fault("not one of the allowed values");
            }
        }
        _ => fault("another type than the schema's"),
    }
}

fn out_of_range(bounds: &Bounds, n: &Number) -> Option<&'static str> {
    let n = n.as_f64()?;
    let limit = |b: &Option<Number>| b.as_ref().and_then(Number::as_f64);
    if limit(&bounds.minimum).is_some_and(|low| n < low) {
        Some("below `minimum`")
    } else if limit(&bounds.maximum).is_some_and(|high| n > high) {
        Some("above `maximum`")
    } else if limit(&bounds.above).is_some_and(|low| n <= low) {
        Some("not above `exclusiveMinimum`")
    } else if limit(&bounds.below).is_some_and(|high| n >= high) {
        Some("not below `exclusiveMaximum`")
    } else {
        None
    }
}
