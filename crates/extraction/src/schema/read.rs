//! From a user's JSON to a [`Node`], or to the list of what is wrong with it.

use super::{Bounds, Format, Node, Polarity, Property, Shape, keywords as k, pointer, same_scalar};
use serde_json::{Map, Number, Value};

/// One thing that is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{}: {message}", if pointer.is_empty() { "the schema" } else { pointer })]
pub struct SchemaFault {
    /// Where, as a JSON Pointer (RFC 6901) into the schema; empty for the whole.
    pub pointer: String,
    /// What, and what to do about it.
    pub message: String,
}

pub(super) fn read(definition: &Value) -> Result<Node, Vec<SchemaFault>> {
    let mut reader = Reader::default();
    let node = reader.node("", definition, 1);
    if let Some(node) = &node
        && (!matches!(node.shape, Shape::Object(_)) || node.nullable)
    {
        reader.fault("", "the schema must describe an object: \"type\": \"object\" with \"properties\"");
    }
    match node {
        Some(node) if reader.faults.is_empty() => Ok(node),
        _ => Err(reader.faults),
    }
}

#[derive(Default)]
struct Reader {
    faults: Vec<SchemaFault>,
    properties: usize,
}

/// The types of the subset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Object,
    Array,
    Text,
    Number,
    Integer,
    Boolean,
}

impl Type {
    const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::Text => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
        }
    }

    const fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Object => k::OBJECT,
            Self::Array => k::ARRAY,
            Self::Text => k::TEXT,
            Self::Number | Self::Integer => k::NUMBER,
            Self::Boolean => &[],
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Object, Self::Array, Self::Text, Self::Number, Self::Integer, Self::Boolean]
            .into_iter()
            .find(|t| t.name() == name)
    }
}

impl Reader {
    fn fault(&mut self, at: &str, message: impl Into<String>) {
        if self.faults.len() < k::MOST_FAULTS {
            self.faults.push(SchemaFault { pointer: at.to_owned(), message: message.into() });
        }
    }

    /// The node at `at`; `None` when no shape can be read, which is then among the faults.
    fn node(&mut self, at: &str, definition: &Value, depth: usize) -> Option<Node> {
        let Value::Object(map) = definition else {
            self.fault(at, "a schema is a JSON object");
            return None;
        };
        if depth > k::DEEPEST {
            self.fault(at, format!("nested deeper than {} levels", k::DEEPEST));
            return None;
        }
        if let Some(branches) = map.get("anyOf") {
            return self.nullable_branch(at, map, branches, depth);
        }
        let (kind, nullable) = self.kind(at, map);
        self.keywords(at, map, kind);
        let description = self.description(at, map);
        let asserts = self.asserts(at, map);
        let choice = self.choice(at, map, kind, nullable);
        let (shape, null_chosen) = match (choice, kind) {
            (Some((values, constant, null)), _) => (Shape::Choice { values, constant }, null),
            (None, Some(Type::Object)) => (Shape::Object(self.object(at, map, depth)), false),
            (None, Some(Type::Array)) => (self.array(at, map, depth)?, false),
            (None, Some(Type::Text)) => (self.text(at, map), false),
            (None, Some(t @ (Type::Number | Type::Integer))) => {
                (Shape::Number { integer: t == Type::Integer, bounds: self.bounds(at, map) }, false)
            }
            (None, Some(Type::Boolean)) => (Shape::Boolean, false),
            (None, None) => return None,
        };
        Some(Node { shape, nullable: nullable || null_chosen, description, asserts })
    }

    /// `anyOf` with one schema and `{"type": "null"}`.
    fn nullable_branch(&mut self, at: &str, map: &Map<String, Value>, branches: &Value, depth: usize) -> Option<Node> {
        let here = pointer(at, "anyOf");
        let is_null = |v: &Value| v.get("type") == Some(&Value::from("null"));
        let list = branches.as_array().map_or(&[][..], Vec::as_slice);
        let plain: Vec<_> = list.iter().enumerate().filter(|(_, v)| !is_null(v)).collect();
        let [(index, inner)] = plain.as_slice() else {
            self.fault(&here, "only one schema beside {\"type\": \"null\"} is supported here");
            return None;
        };
        for name in map.keys().filter(|n| *n != "anyOf" && !is_annotation(n)) {
            self.fault(&pointer(at, name), "beside `anyOf` only annotations are supported; move this into its schema");
        }
        let description = self.description(at, map);
        let asserts = self.asserts(at, map);
        let mut node = self.node(&pointer(&here, &index.to_string()), inner, depth)?;
        node.nullable |= list.len() > plain.len();
        if !description.is_empty() {
            node.description = description;
        }
        node.asserts = asserts.or(node.asserts);
        Some(node)
    }

    /// The type and whether null is allowed beside it.
    fn kind(&mut self, at: &str, map: &Map<String, Value>) -> (Option<Type>, bool) {
        let here = pointer(at, "type");
        let names: Vec<&str> = match map.get("type") {
            None => return (self.implied(at, map), false),
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
                list.iter().filter_map(Value::as_str).collect()
            }
            Some(_) => {
                self.fault(&here, "`type` is a name, or a list of one name and \"null\"");
                return (None, false);
            }
        };
        let null = names.contains(&"null");
        let others: Vec<&str> = names.iter().copied().filter(|n| *n != "null").collect();
        let [name] = others.as_slice() else {
            self.fault(&here, "exactly one type beside \"null\" is supported");
            return (None, null);
        };
        let kind = Type::named(name);
        if kind.is_none() {
            self.fault(
                &here,
                format!("there is no type {name:?}; there are object, array, string, number, integer, boolean, null"),
            );
        }
        (kind, null)
    }

    /// The type that the keywords imply when none is named.
    fn implied(&mut self, at: &str, map: &Map<String, Value>) -> Option<Type> {
        if map.contains_key("properties") {
            Some(Type::Object)
        } else if map.contains_key("items") {
            Some(Type::Array)
        } else {
            if !map.contains_key("enum") && !map.contains_key("const") {
                self.fault(at, "`type` is missing");
            }
            None
        }
    }

    fn keywords(&mut self, at: &str, map: &Map<String, Value>, kind: Option<Type>) {
        let known = [k::OBJECT, k::ARRAY, k::TEXT, k::NUMBER].concat();
        for name in map.keys() {
            let own = kind.is_none_or(|t| t.keywords().contains(&name.as_str()));
            if is_annotation(name)
                || matches!(name.as_str(), "type" | "enum" | "const")
                || (own && known.contains(&name.as_str()))
            {
                continue;
            }
            let here = pointer(at, name);
            if let Some(kind) = kind.filter(|_| known.contains(&name.as_str())) {
                self.fault(&here, format!("`{name}` says nothing about a value of type {}", kind.name()));
            } else if let Some(why) = k::unsupported(name) {
                self.fault(&here, format!("`{name}` is not supported: {why}"));
            } else {
                self.fault(
                    &here,
                    format!("`{}` is not a keyword of JSON Schema; names of your own begin with x-", clip(name)),
                );
            }
        }
    }

    fn description(&mut self, at: &str, map: &Map<String, Value>) -> String {
        match map.get("description") {
            None => String::new(),
            Some(Value::String(text)) if text.chars().count() <= k::LONGEST_DESCRIPTION => text.clone(),
            Some(Value::String(_)) => {
                self.fault(&pointer(at, "description"), format!("longer than {} characters", k::LONGEST_DESCRIPTION));
                String::new()
            }
            Some(_) => {
                self.fault(&pointer(at, "description"), "a description is a text");
                String::new()
            }
        }
    }

    fn asserts(&mut self, at: &str, map: &Map<String, Value>) -> Option<Polarity> {
        let value = map.get("x-assertion")?;
        let read = value.as_str().and_then(Polarity::named);
        if read.is_none() {
            self.fault(&pointer(at, "x-assertion"), "`x-assertion` is one of \"present\", \"absent\", \"any\"");
        }
        read
    }

    /// The values of `enum` or `const` without null, whether it is a `const`, and whether null is among them.
    fn choice(
        &mut self,
        at: &str,
        map: &Map<String, Value>,
        kind: Option<Type>,
        nullable: bool,
    ) -> Option<(Vec<Value>, bool, bool)> {
        let constant = map.get("const");
        let mut listed = Vec::new();
        if let Some(value) = map.get("enum") {
            let here = pointer(at, "enum");
            match value.as_array() {
                None => self.fault(&here, "`enum` is a list of values"),
                Some(list) if list.is_empty() => self.fault(&here, "the list is empty: no value could ever be right"),
                Some(list) if list.len() > k::MOST_CHOICES => {
                    self.fault(&here, format!("more than {} values", k::MOST_CHOICES));
                }
                Some(list) => listed.clone_from(list),
            }
        } else {
            constant?;
        }
        if let Some(value) = constant {
            if map.contains_key("enum") && !listed.is_empty() && !listed.iter().any(|v| same_scalar(v, value)) {
                self.fault(&pointer(at, "const"), "the constant is not among the values of `enum`");
            }
            listed = vec![value.clone()];
        }
        let place = pointer(at, if constant.is_some() { "const" } else { "enum" });
        self.check_choices(&place, &listed, kind, nullable, constant.is_some());
        let null = listed.iter().any(Value::is_null);
        listed.retain(|v| !v.is_null());
        if listed.is_empty() && null {
            self.fault(&place, "null alone is nothing to extract");
        }
        Some((listed, constant.is_some(), null))
    }

    fn check_choices(&mut self, at: &str, values: &[Value], kind: Option<Type>, nullable: bool, constant: bool) {
        for (i, value) in values.iter().enumerate() {
            let here = if constant { at.to_owned() } else { pointer(at, &i.to_string()) };
            let fits = match (value, kind) {
                (Value::Object(_) | Value::Array(_), _) => {
                    self.fault(&here, "only texts, numbers, booleans and null can be chosen from");
                    continue;
                }
                (Value::Null, _) => nullable || kind.is_none(),
                (_, None) => true,
                (Value::String(_), Some(t)) => t == Type::Text,
                (Value::Bool(_), Some(t)) => t == Type::Boolean,
                (Value::Number(n), Some(t)) => t == Type::Number || (t == Type::Integer && is_integer(n)),
            };
            if !fits {
                self.fault(&here, "the value is not of the declared `type`");
            }
            if value.as_str().is_some_and(|s| s.chars().count() > k::LONGEST_NAME) {
                self.fault(&here, format!("longer than {} characters", k::LONGEST_NAME));
            }
            if values.iter().take(i).any(|v| same_scalar(v, value)) {
                self.fault(&here, "the value is listed twice");
            }
        }
    }

    fn object(&mut self, at: &str, map: &Map<String, Value>, depth: usize) -> Vec<Property> {
        match map.get("additionalProperties") {
            None | Some(Value::Bool(false)) => {}
            Some(_) => self.fault(
                &pointer(at, "additionalProperties"),
                "only false is supported: an answer holds the declared properties and no others",
            ),
        }
        let here = pointer(at, "properties");
        let empty = Map::new();
        let declared = match map.get("properties") {
            Some(Value::Object(declared)) => declared,
            Some(_) => {
                self.fault(&here, "`properties` is an object of schemas");
                &empty
            }
            None => &empty,
        };
        if declared.is_empty() {
            self.fault(at, "the object declares no properties: there is nothing to extract");
        }
        let required = self.required(at, map, declared);
        let mut properties = Vec::new();
        for (name, definition) in declared {
            let place = pointer(&here, name);
            self.properties += 1;
            if self.properties == k::MOST_PROPERTIES + 1 {
                self.fault(&place, format!("more than {} properties in all", k::MOST_PROPERTIES));
            }
            if self.properties > k::MOST_PROPERTIES {
                break;
            }
            if name.trim().is_empty() || name.chars().count() > k::LONGEST_NAME || name.chars().any(char::is_control) {
                self.fault(&place, format!("a name has 1 to {} visible characters", k::LONGEST_NAME));
            }
            if let Some(node) = self.node(&place, definition, depth + 1) {
                properties.push(Property { name: name.clone(), required: required.contains(&name.as_str()), node });
            }
        }
        properties
    }

    fn required<'m>(&mut self, at: &str, map: &'m Map<String, Value>, declared: &Map<String, Value>) -> Vec<&'m str> {
        let here = pointer(at, "required");
        let Some(value) = map.get("required") else { return Vec::new() };
        let Some(list) = value.as_array() else {
            self.fault(&here, "`required` is a list of property names");
            return Vec::new();
        };
        let mut names: Vec<&str> = Vec::new();
        for (i, item) in list.iter().enumerate() {
            let place = pointer(&here, &i.to_string());
            match item.as_str() {
                None => self.fault(&place, "`required` holds property names"),
                Some(name) if !declared.contains_key(name) => {
                    self.fault(&place, format!("{:?} is required but not declared in `properties`", clip(name)));
                }
                Some(name) if names.contains(&name) => self.fault(&place, "the name is listed twice"),
                Some(name) => names.push(name),
            }
        }
        names
    }

    fn array(&mut self, at: &str, map: &Map<String, Value>, depth: usize) -> Option<Shape> {
        let (least, most) = self.sizes(at, map, "minItems", "maxItems");
        let unique = match map.get("uniqueItems") {
            None => false,
            Some(Value::Bool(unique)) => *unique,
            Some(_) => {
                self.fault(&pointer(at, "uniqueItems"), "`uniqueItems` is true or false");
                false
            }
        };
        let Some(items) = map.get("items") else {
            self.fault(at, "`items` is missing: a list says what its items are");
            return None;
        };
        let items = self.node(&pointer(at, "items"), items, depth + 1)?;
        Some(Shape::Array { items: Box::new(items), least, most, unique })
    }

    fn text(&mut self, at: &str, map: &Map<String, Value>) -> Shape {
        let (least, most) = self.sizes(at, map, "minLength", "maxLength");
        let format = match map.get("format").map(|f| f.as_str().unwrap_or("")) {
            None => None,
            Some("date") => Some(Format::Date),
            Some("date-time") => Some(Format::DateTime),
            Some(_) => {
                self.fault(&pointer(at, "format"), "the supported formats are \"date\" and \"date-time\"");
                None
            }
        };
        Shape::Text { format, least, most }
    }

    fn sizes(&mut self, at: &str, map: &Map<String, Value>, low: &str, high: &str) -> (usize, Option<usize>) {
        let mut size = |name: &str| {
            let value = map.get(name)?;
            let read = value.as_u64().and_then(|n| usize::try_from(n).ok());
            if read.is_none() {
                self.fault(&pointer(at, name), format!("`{name}` is a whole number, 0 or more"));
            }
            read
        };
        let (least, most) = (size(low).unwrap_or(0), size(high));
        if most.is_some_and(|most| most < least) {
            self.fault(&pointer(at, high), format!("`{high}` is less than `{low}`: no value could ever be right"));
        }
        (least, most)
    }

    fn bounds(&mut self, at: &str, map: &Map<String, Value>) -> Bounds {
        let mut number = |name: &str| -> Option<Number> {
            match map.get(name)? {
                Value::Number(n) => Some(n.clone()),
                _ => {
                    self.fault(&pointer(at, name), format!("`{name}` is a number"));
                    None
                }
            }
        };
        let bounds = Bounds {
            minimum: number("minimum"),
            maximum: number("maximum"),
            above: number("exclusiveMinimum"),
            below: number("exclusiveMaximum"),
        };
        let lows = [(&bounds.minimum, "minimum", false), (&bounds.above, "exclusiveMinimum", true)];
        let highs = [(&bounds.maximum, "maximum", false), (&bounds.below, "exclusiveMaximum", true)];
        for (low, low_name, low_open) in lows {
            for (high, high_name, high_open) in highs {
                let (Some(low), Some(high)) =
                    (low.as_ref().and_then(Number::as_f64), high.as_ref().and_then(Number::as_f64))
                else {
                    continue;
                };
                if high < low || (high <= low && (low_open || high_open)) {
                    self.fault(
                        &pointer(at, high_name),
                        format!("`{high_name}` leaves nothing above `{low_name}`: no value could ever be right"),
                    );
                }
            }
        }
        bounds
    }
}

fn is_annotation(name: &str) -> bool {
    k::ANNOTATIONS.contains(&name) || name.starts_with("x-")
}

/// A whole number, also when written `2.0`.
pub(super) fn is_integer(n: &Number) -> bool {
    n.is_i64() || n.is_u64() || n.as_f64().is_some_and(|f| f.fract() == 0.0)
}

/// A name short enough for a message.
fn clip(name: &str) -> String {
    let mut short: String = name.chars().take(60).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}
