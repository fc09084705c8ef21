//! The fields that remain: the answer without what was refused, in schema order.

use super::Decision;
use super::claim::Joined;
use super::reason::Reason;
use crate::schema::{Format, Node, Property, Schema, Shape, pointer};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The fields, and why they are not whole.
pub(crate) struct Built {
    pub(crate) fields: Value,
    pub(crate) reasons: Vec<String>,
}

/// Builds the fields. What an object or a list had to lose on the way is refused in `decisions` too, so that the
/// fields hold exactly the findings that stand.
pub(crate) fn build(schema: &Schema, joined: &Joined<'_>, decisions: &mut [Decision]) -> Built {
    let mut builder = Builder { joined, standing: HashMap::new(), dropped: Vec::new(), reasons: Vec::new() };
    for (i, claim) in joined.claims.iter().enumerate() {
        if decisions.get(i).is_some_and(Decision::stands) {
            builder.standing.entry(&claim.path).or_insert(i);
        }
    }
    let fields = match builder.node(schema.root(), &joined.answer, "", false) {
        Some(fields) => fields,
        None => Value::Object(Map::new()),
    };
    for (i, claim) in joined.claims.iter().enumerate() {
        let gone = builder.dropped.iter().find(|(p, _)| claim.path == *p || claim.path.starts_with(&format!("{p}/")));
        if let (Some((_, reason)), Some(decision)) = (gone, decisions.get_mut(i))
            && decision.stands()
        {
            decision.refuse(*reason);
        }
    }
    let mut reasons = builder.reasons;
    if let Err(faults) = schema.validate(&fields) {
        for fault in faults {
            let reason = format!("schema-invalid {}", fault.pointer);
            if !reasons.iter().any(|r| r.split_once(' ').map(|(_, p)| p) == Some(fault.pointer.as_str())) {
                reasons.push(reason);
            }
        }
    }
    Built { fields, reasons }
}

struct Builder<'j> {
    joined: &'j Joined<'j>,
    /// The claim that stands at a path.
    standing: HashMap<&'j str, usize>,
    /// Pointers below which nothing stands in the fields, and why.
    dropped: Vec<(String, Reason)>,
    reasons: Vec<String>,
}

impl Builder<'_> {
    /// What stands at `path`; `None` when nothing does. `item` says that the node is an item of a list.
    fn node(&mut self, node: &Node, answer: &Value, path: &str, item: bool) -> Option<Value> {
        match &node.shape {
            Shape::Object(properties) => self.object(node, properties, answer, path, item),
            Shape::Array { items, least, most, .. } => {
                let mut kept = Vec::new();
                for (i, value) in answer.as_array().map_or(&[][..], Vec::as_slice).iter().enumerate() {
                    let at = pointer(path, &i.to_string());
                    let Some(built) = self.node(items, value, &at, true).filter(|v| !v.is_null()) else { continue };
                    if most.is_some_and(|most| kept.len() >= most) {
                        self.dropped.push((at.clone(), Reason::ListLimit));
                        self.reasons.push(format!("{} {at}", Reason::ListLimit.code()));
                    } else {
                        kept.push(built);
                    }
                }
                if kept.len() < *least && kept.is_empty() && node.nullable {
                    return Some(Value::Null);
                }
                // Too short a list is shown as it is where the schema requires it, and left out where it does not.
                (kept.len() >= *least || !kept.is_empty() || path.is_empty()).then_some(Value::Array(kept))
            }
            shape => {
                let standing =
                    self.standing.get(path).and_then(|i| self.joined.claims.get(*i)).map(|c| c.value.clone());
                let empty = answer.as_str().is_some_and(|s| s.trim().is_empty());
                let may_be_empty =
                    matches!(shape, Shape::Text { format: None::<Format>, least: 0, .. }) && !node.nullable && !item;
                standing
                    .or_else(|| node.nullable.then_some(Value::Null))
                    .or_else(|| (empty && may_be_empty).then(|| Value::String(String::new())))
            }
        }
    }

    fn object(
        &mut self,
        node: &Node,
        properties: &[Property],
        answer: &Value,
        path: &str,
        item: bool,
    ) -> Option<Value> {
        let mut map = Map::new();
        let mut missing = Vec::new();
        for p in properties {
            let at = pointer(path, &p.name);
            let inner = answer.get(&p.name).unwrap_or(&Value::Null);
            match self.node(&p.node, inner, &at, false) {
                Some(value) => {
                    map.insert(p.name.clone(), value);
                }
                None if p.required => missing.push(at),
                None => {}
            }
        }
        if path.is_empty() {
            self.reasons.extend(missing.iter().map(|at| format!("required-missing {at}")));
            return Some(Value::Object(map));
        }
        let says_something = self.standing.keys().any(|p| p.starts_with(&format!("{path}/")));
        let headless = item && properties.first().is_some_and(|head| self.head_lost(head, answer, path));
        if says_something && missing.is_empty() && !headless {
            return Some(Value::Object(map));
        }
        self.dropped.push((path.to_owned(), Reason::ObjectDropped));
        if item {
            return None;
        }
        if node.nullable {
            return Some(Value::Null);
        }
        // An object without any value can stay when the schema lets it be empty.
        let mut bare = Map::new();
        for p in properties {
            match &p.node.shape {
                _ if p.node.nullable => bare.insert(p.name.clone(), Value::Null),
                Shape::Array { least: 0, .. } => bare.insert(p.name.clone(), Value::Array(Vec::new())),
                _ if p.required => return None,
                _ => None,
            };
        }
        Some(Value::Object(bare))
    }

    /// Whether an item lost the value it is about: its first property was answered and refused.
    fn head_lost(&self, head: &Property, answer: &Value, path: &str) -> bool {
        let scalar = !matches!(head.node.shape, Shape::Object(_) | Shape::Array { .. });
        let answered = answer.get(&head.name).is_some_and(|v| !v.is_null() && v.as_str() != Some(""));
        scalar && answered && !self.standing.contains_key(pointer(path, &head.name).as_str())
    }
}
