//! Claims: every leaf of an answer, with the schema's leaf it fills and the part of the text it was read from.

use crate::schema::{Leaf, Node, Place, Shape, pointer};
use crate::text::Span;
use serde_json::{Map, Value};

/// One leaf of the answer, to be found back in the text.
pub(crate) struct Claim<'s> {
    /// JSON Pointer into the answer.
    pub(crate) path: String,
    /// The pointer of the object it belongs to; empty for the answer itself.
    pub(crate) object: String,
    pub(crate) leaf: Leaf,
    pub(crate) node: &'s Node,
    pub(crate) value: Value,
    /// Where it may have been read: the windows whose answers hold it.
    pub(crate) windows: Vec<Span>,
}

/// The answers of all windows as one, and its claims in schema order. Lists are joined in order; of two different
/// scalars at one place both become claims with the same path, and the first stands in the joined answer.
pub(crate) struct Joined<'s> {
    pub(crate) answer: Value,
    pub(crate) claims: Vec<Claim<'s>>,
    /// Pointers at which the answer has another shape than the schema.
    pub(crate) misshapen: Vec<String>,
}

/// Joins the answers of windows.
pub(crate) fn join<'s>(root: &'s Node, answers: &[(Span, Value)]) -> Joined<'s> {
    let parts: Vec<Part<'_>> = answers.iter().map(|(w, v)| Part { value: v, window: *w }).collect();
    let mut walk = Walk { claims: Vec::new(), misshapen: Vec::new() };
    let answer = walk.node(root, &Place::default(), &parts, "", "");
    Joined { answer, claims: walk.claims, misshapen: walk.misshapen }
}

#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Value,
    window: Span,
}

struct Walk<'s> {
    claims: Vec<Claim<'s>>,
    misshapen: Vec<String>,
}

impl<'s> Walk<'s> {
    fn node(&mut self, node: &'s Node, place: &Place, parts: &[Part<'_>], path: &str, object: &str) -> Value {
        let given: Vec<Part<'_>> = parts.iter().copied().filter(|p| !p.value.is_null()).collect();
        if given.is_empty() {
            return Value::Null;
        }
        match &node.shape {
            Shape::Object(properties) => {
                let maps: Vec<(&Map<String, Value>, Span)> =
                    given.iter().filter_map(|p| Some((p.value.as_object()?, p.window))).collect();
                self.shaped(maps.len() == given.len(), path);
                let mut out = Map::new();
                for p in properties {
                    let inner: Vec<Part<'_>> = maps
                        .iter()
                        .filter_map(|(m, window)| Some(Part { value: m.get(&p.name)?, window: *window }))
                        .collect();
                    if inner.is_empty() {
                        continue;
                    }
                    let at = pointer(path, &p.name);
                    let value = self.node(&p.node, &place.property(&p.name, &p.node), &inner, &at, path);
                    out.insert(p.name.clone(), value);
                }
                Value::Object(out)
            }
            Shape::Array { items, .. } => {
                let lists: Vec<(&Vec<Value>, Span)> =
                    given.iter().filter_map(|p| Some((p.value.as_array()?, p.window))).collect();
                self.shaped(lists.len() == given.len(), path);
                let all =
                    lists.iter().flat_map(|(list, window)| list.iter().map(|v| Part { value: v, window: *window }));
                let inner = place.items(items);
                let joined = all
                    .enumerate()
                    .map(|(i, part)| self.node(items, &inner, &[part], &pointer(path, &i.to_string()), object))
                    .collect();
                Value::Array(joined)
            }
            _ => self.scalar(node, place, &given, path, object),
        }
    }

    fn scalar(&mut self, node: &'s Node, place: &Place, given: &[Part<'_>], path: &str, object: &str) -> Value {
        let fits: Vec<Part<'_>> =
            given.iter().copied().filter(|p| !p.value.is_object() && !p.value.is_array()).collect();
        self.shaped(fits.len() == given.len(), path);
        let mut seen: Vec<(Value, Vec<Span>)> = Vec::new();
        for part in &fits {
            // White space around a text is no part of what it says.
            let value = part.value.as_str().map_or_else(|| part.value.clone(), |s| Value::from(s.trim()));
            match seen.iter_mut().find(|(v, _)| *v == value) {
                Some((_, windows)) => windows.push(part.window),
                None => seen.push((value, vec![part.window])),
            }
        }
        // An empty text claims nothing.
        let claims = |v: &Value| v.as_str() != Some("");
        let first = seen.iter().find(|(v, _)| claims(v)).or(seen.first()).map_or(Value::Null, |(v, _)| v.clone());
        for (value, windows) in seen.into_iter().filter(|(v, _)| claims(v)) {
            self.claims.push(Claim {
                path: path.to_owned(),
                object: object.to_owned(),
                leaf: place.leaf(node),
                node,
                value,
                windows,
            });
        }
        first
    }

    fn shaped(&mut self, right: bool, path: &str) {
        if !right {
            self.misshapen.push(path.to_owned());
        }
    }
}
