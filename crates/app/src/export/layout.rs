//! One row per document, one column per leaf.

use cloister_domain::{Finding, Support};
use cloister_store::ResultRow;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const WHY: &str = "an export that was admitted";

/// A cell: a text, or a number that a spreadsheet may count with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
}

impl Cell {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(s) => s.clone(),
            Self::Number(n) => n.to_string(),
        }
    }
}

/// The columns of an export.
pub(crate) struct Layout {
    pub(crate) header: Vec<String>,
    originals: Vec<String>,
    leaves: Vec<String>,
    evidence: bool,
    text: bool,
}

/// The first columns of every table.
const FIXED: [&str; 4] = ["document_id", "id", "status", "error"];

impl Layout {
    /// The fixed columns, then the patient's and the source's own, then the leaves of the schema by dotted path.
    pub(crate) fn new(definition: &Value, originals: Vec<String>, evidence: bool, text: bool) -> Self {
        let leaves = csv_columns(definition);
        let mut header: Vec<String> = FIXED.map(str::to_owned).to_vec();
        header.push("patient".to_owned());
        if text {
            header.push("text".to_owned());
        }
        let add = |name: &str, suffix: &str, header: &mut Vec<String>| {
            let mut name = name.to_owned();
            while header.contains(&name) {
                name.push_str(suffix);
            }
            header.push(name);
        };
        // A leaf keeps its name; a column of the source that is called the same says where it comes from.
        for name in &originals {
            let taken = leaves.contains(name);
            add(&if taken { format!("{name} (source)") } else { name.clone() }, " (source)", &mut header);
        }
        for leaf in &leaves {
            add(leaf, " (found)", &mut header);
            if evidence {
                header.push(format!("{leaf}.evidence"));
                header.push(format!("{leaf}.state"));
            }
        }
        Self { header, originals, leaves, evidence, text }
    }

    /// The cells of one document.
    pub(crate) fn row(&self, row: &ResultRow, fields: &Value) -> Vec<Cell> {
        let x = &row.extraction;
        let text = |s: &str| Cell::Text(s.to_owned());
        let mut cells = vec![
            text(row.document.external_id.expose(WHY)),
            Cell::Text(x.id.to_string()),
            Cell::Text(crate::present::word(x.status)),
            text(x.error.as_deref().unwrap_or_default()),
            text(row.patient.as_ref().map_or("", |p| p.expose(WHY))),
        ];
        if self.text {
            cells.push(text(row.document.text.expose(WHY)));
        }
        if !self.originals.is_empty() {
            let original: Map<String, Value> =
                row.original.as_ref().and_then(|o| serde_json::from_str(o.expose(WHY)).ok()).unwrap_or_default();
            cells.extend(self.originals.iter().map(|name| Cell::Text(plain(original.get(name)))));
        }
        for leaf in &self.leaves {
            let mut values = Vec::new();
            collect(fields, &mut leaf.split('.'), &mut values);
            cells.push(match values.as_slice() {
                [Value::Number(n)] => n.as_f64().map_or_else(|| Cell::Text(n.to_string()), Cell::Number),
                _ => Cell::Text(joined(&values)),
            });
            if self.evidence {
                let of: Vec<&Finding> = x.findings.iter().filter(|f| f.field == *leaf).collect();
                let supported = of.iter().filter(|f| f.support != Support::Unsupported);
                let quotes = supported.flat_map(|f| f.evidence.first()).map(|e| e.quote.expose(WHY).as_str());
                cells.push(Cell::Text(quotes.collect::<Vec<_>>().join(" | ")));
                let state =
                    |f: &&Finding| format!("{}/{}", crate::present::word(f.assertion), crate::present::word(f.support));
                cells.push(Cell::Text(of.iter().map(state).collect::<Vec<_>>().join(" | ")));
            }
        }
        cells
    }

    /// What each column holds: name, type, allowed values, description.
    pub(crate) fn dictionary(&self, definition: &Value) -> Vec<Value> {
        let fixed = [
            ("document_id", "the id in the source, or the row's number"),
            ("id", "the result's own id in the vault"),
            ("status", "ok, partial, rejected or failed"),
            ("error", "why it is not ok"),
            ("patient", "the source's patient column, where it has one"),
            ("text", "the report"),
        ];
        let about = |name: &String| {
            let of_leaf = |leaf: &str| described(definition, leaf);
            if let Some((_, words)) = fixed.iter().find(|(n, _)| n == name) {
                return json!({"column": name, "type": "text", "values": "", "description": words});
            }
            if let Some(leaf) = name.strip_suffix(".evidence").filter(|l| self.leaves.iter().any(|x| x == l)) {
                return json!({"column": name, "type": "text", "values": "", "description": format!("the words that {leaf} rests on")});
            }
            if let Some(leaf) = name.strip_suffix(".state").filter(|l| self.leaves.iter().any(|x| x == l)) {
                let words = format!("what the text says about {leaf}, and how it is supported: assertion/support");
                return json!({"column": name, "type": "text", "values": "", "description": words});
            }
            match self.leaves.iter().find(|l| *l == name.trim_end_matches(" (found)")) {
                Some(leaf) => {
                    let (kind, values, words) = of_leaf(leaf);
                    json!({"column": name, "type": kind, "values": values, "description": words})
                }
                None => json!({"column": name, "type": "text", "values": "", "description": "a column of the source"}),
            }
        };
        self.header.iter().map(about).collect()
    }
}

/// The leaves of a schema, by dotted path.
pub(crate) fn csv_columns(definition: &Value) -> Vec<String> {
    let mut columns = Vec::new();
    let mut seen = BTreeSet::new();
    leaves(definition, "", &mut |path| {
        if seen.insert(path.to_owned()) {
            columns.push(path.to_owned());
        }
    });
    columns
}

/// The values of one leaf, joined with " | ".
pub(crate) fn cell(fields: &Value, column: &str) -> String {
    let mut values = Vec::new();
    collect(fields, &mut column.split('.'), &mut values);
    joined(&values)
}

/// A cell that no spreadsheet takes for a formula (OWASP: CSV injection).
pub(crate) fn neutral(cell: &str) -> String {
    let number = cell.parse::<f64>().is_ok();
    if !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The fields with decisions laid over them: what was rejected is gone, what was edited is new. A finding's path
/// counts in the model's answer, of which unsupported leaves are missing here; so a leaf is found by its value.
pub(crate) fn reviewed(fields: &Value, findings: &[Finding], decided: &dyn Fn(&str) -> Option<Value>) -> Value {
    let mut settled = fields.clone();
    for finding in findings {
        let Some(after) = decided(&finding.path) else { continue };
        let before = finding.value.expose(WHY);
        if after != *before {
            replace(&mut settled, &mut finding.field.split('.'), before, &after);
        }
    }
    settled
}

/// Replaces the first leaf under a dotted path that has the value `before`.
fn replace<'a>(
    value: &mut Value,
    path: &mut (impl Iterator<Item = &'a str> + Clone),
    before: &Value,
    after: &Value,
) -> bool {
    match value {
        Value::Array(items) => {
            let hit = items.iter_mut().position(|i| replace(i, &mut path.clone(), before, after));
            // A rejected value of a plain list leaves the list.
            if let Some(i) = hit
                && items[i].is_null()
            {
                items.remove(i);
            }
            hit.is_some()
        }
        Value::Object(o) => {
            path.next().and_then(|name| o.get_mut(name)).is_some_and(|inner| replace(inner, path, before, after))
        }
        leaf if leaf == before && path.clone().next().is_none() => {
            *leaf = after.clone();
            true
        }
        _ => false,
    }
}

fn described(definition: &Value, leaf: &str) -> (String, String, String) {
    let mut at = definition;
    for name in leaf.split('.') {
        at = at.get("items").unwrap_or(at);
        at = at.pointer(&format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"))).unwrap_or(&Value::Null);
    }
    let items = at.get("items").unwrap_or(at);
    let kind = match items.get("type") {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "text".to_owned(),
    };
    let list = if at.get("items").is_some() { format!("list of {kind}") } else { kind };
    let values = items.get("enum").and_then(Value::as_array).map(|v| joined(&v.iter().collect::<Vec<_>>()));
    let words = at.get("description").or_else(|| items.get("description")).and_then(Value::as_str);
    (list, values.unwrap_or_default(), words.unwrap_or_default().to_owned())
}

fn leaves(schema: &Value, path: &str, each: &mut dyn FnMut(&str)) {
    let items = schema.get("items").unwrap_or(schema);
    match items.get("properties").and_then(Value::as_object) {
        Some(properties) => {
            for (name, inner) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(inner, &path, each);
            }
        }
        None if schema.get("items").is_some() && items.get("items").is_some() => leaves(items, path, each),
        None => each(path),
    }
}

fn collect<'a, 'v>(value: &'v Value, path: &mut (impl Iterator<Item = &'a str> + Clone), out: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|i| collect(i, &mut path.clone(), out)),
        Value::Null => {}
        Value::Object(o) => {
            if let Some(inner) = path.next().and_then(|name| o.get(name)) {
                collect(inner, path, out);
            }
        }
        leaf => out.push(leaf),
    }
}

fn joined(values: &[&Value]) -> String {
    values.iter().map(|v| plain(Some(v))).collect::<Vec<_>>().join(" | ")
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(s)) => s.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_become_columns_and_lists_are_joined() {
        let schema = json!({"type": "object", "properties": {
            "drugs": {"type": "array", "items": {"type": "object", "properties":
                {"name": {"type": "string"}, "dose": {"type": "string"}}}},
            "age": {"type": "integer"}}});
        let columns = csv_columns(&schema);
        assert_eq!(columns, ["drugs.name", "drugs.dose", "age"]);
        let fields = json!({"drugs": [{"name": "a", "dose": "-5 mg"}, {"name": "b"}], "age": 7});
        let cells: Vec<_> = columns.iter().map(|c| neutral(&cell(&fields, c))).collect();
        assert_eq!(cells, ["a | b", "'-5 mg", "7"]);
        assert_eq!(["=1+1", "-7.5", "+CMD", "@x", "fine"].map(neutral), ["'=1+1", "-7.5", "'+CMD", "'@x", "fine"]);
    }

    #[test]
    fn a_column_of_the_source_never_takes_the_name_of_a_leaf() {
        let schema = json!({"type": "object", "properties": {"age": {"type": "integer"}}});
        let layout = Layout::new(&schema, vec!["age".into(), "status".into()], true, false);
        assert_eq!(
            layout.header,
            [
                "document_id",
                "id",
                "status",
                "error",
                "patient",
                "age (source)",
                "status (source)",
                "age",
                "age.evidence",
                "age.state"
            ]
        );
    }

    #[test]
    fn decisions_change_what_they_are_about_and_nothing_else() {
        let mut fields = json!({"drugs": [{"name": "aspirin"}, {"name": "warfarin"}], "flags": ["a", "b"]});
        assert!(replace(&mut fields, &mut "drugs.name".split('.'), &json!("warfarin"), &json!("apixaban")));
        assert!(replace(&mut fields, &mut "flags".split('.'), &json!("a"), &Value::Null));
        assert!(!replace(&mut fields, &mut "drugs.dose".split('.'), &json!("5"), &Value::Null));
        assert_eq!(fields, json!({"drugs": [{"name": "aspirin"}, {"name": "apixaban"}], "flags": ["b"]}));
    }
}
