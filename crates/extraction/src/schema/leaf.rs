//! The leaves of a schema, and what their names and descriptions ask for.
//!
//! What a field asks for is read from its author's words by fixed patterns, listed in docs/schema.md; `x-assertion`
//! says it outright.

use super::{Format, Node, Shape};
use serde_json::Value;

/// A leaf: a place where a scalar stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// JSON Pointer into an answer, `*` for every index of a list: `/medications/*/name`.
    pub pattern: String,
    /// Dotted name without indices: `medications.name`.
    pub field: String,
    /// The author's descriptions from the field down to the leaf, joined by spaces.
    pub description: String,
    /// How it is grounded.
    pub kind: LeafKind,
    /// Which assertions its description asks for.
    pub polarity: Polarity,
}

/// How a leaf's value must rest on the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafKind {
    /// Words of the text.
    Text,
    /// Words of the text that name a drug or a dose: no rule may change a letter of them but case and spelling-out.
    Drug,
    /// Words about the text: rests on a quote without standing in it.
    Summary,
    /// A number of the text.
    Number,
    /// A date of the text.
    Date,
    /// One of a closed list, or a constant.
    Choice,
    /// Yes or no.
    Boolean,
}

/// Which assertions a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// What is present: a negated value is removed.
    Present,
    /// What is absent.
    Absent,
    /// Either.
    Any,
}

impl Polarity {
    /// From `x-assertion`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "present" => Some(Self::Present),
            "absent" | "negated" => Some(Self::Absent),
            "any" => Some(Self::Any),
            _ => None,
        }
    }
}

pub(super) fn leaves(root: &Node) -> Vec<Leaf> {
    let mut out = Vec::new();
    walk(root, &Place::default(), &mut out);
    out
}

/// Where the walk stands.
#[derive(Clone, Default)]
pub(crate) struct Place {
    pub(crate) pattern: String,
    pub(crate) field: String,
    pub(crate) description: String,
    pub(crate) asserts: Option<Polarity>,
}

impl Place {
    /// The place of a property.
    pub(crate) fn property(&self, name: &str, node: &Node) -> Self {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) };
        Self { pattern: super::pointer(&self.pattern, name), field, ..self.described(node) }
    }

    /// The place of a list's items.
    pub(crate) fn items(&self, node: &Node) -> Self {
        Self { pattern: format!("{}/*", self.pattern), ..self.described(node) }
    }

    fn described(&self, node: &Node) -> Self {
        let description = match (self.description.is_empty(), node.description.is_empty()) {
            (true, _) => node.description.clone(),
            (_, true) => self.description.clone(),
            _ => format!("{} {}", self.description, node.description),
        };
        Self { description, asserts: node.asserts.or(self.asserts), ..self.clone() }
    }

    /// The leaf at this place.
    pub(crate) fn leaf(&self, node: &Node) -> Leaf {
        Leaf {
            pattern: self.pattern.clone(),
            field: self.field.clone(),
            description: self.description.clone(),
            kind: kind(&self.field, &self.description, &node.shape),
            polarity: self.asserts.unwrap_or_else(|| polarity(&self.field, &self.description)),
        }
    }
}

fn walk(node: &Node, place: &Place, out: &mut Vec<Leaf>) {
    match &node.shape {
        Shape::Object(properties) => {
            for p in properties {
                walk(&p.node, &place.property(&p.name, &p.node), out);
            }
        }
        Shape::Array { items, .. } => walk(items, &place.items(items), out),
        _ => out.push(place.leaf(node)),
    }
}

fn kind(field: &str, description: &str, shape: &Shape) -> LeafKind {
    match shape {
        Shape::Boolean => LeafKind::Boolean,
        Shape::Choice { .. } => LeafKind::Choice,
        Shape::Number { .. } => LeafKind::Number,
        Shape::Text { format: Some(Format::Date | Format::DateTime), .. } => LeafKind::Date,
        _ if names_drug(field) => LeafKind::Drug,
        _ if asks_for_summary(description) => LeafKind::Summary,
        _ => LeafKind::Text,
    }
}

/// The words of a name or description, lower case: `signs_symptoms`, `signsSymptoms` and `signs-symptoms` are two.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut lower_before = false;
    for c in text.chars() {
        let ends = !c.is_alphanumeric() || (c.is_uppercase() && lower_before);
        if ends && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase();
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

fn has_any(words: &[String], wanted: &[&str]) -> bool {
    words.iter().any(|w| wanted.contains(&w.as_str()))
}

fn has_phrase(words: &[String], phrase: &[&str]) -> bool {
    words.windows(phrase.len()).any(|w| w.iter().zip(phrase).all(|(a, b)| a == b))
}

/// Fields whose values are drugs, doses or what belongs to a prescription.
fn names_drug(field: &str) -> bool {
    const WORDS: &[&str] = &[
        "drug",
        "drugs",
        "medication",
        "medications",
        "medicine",
        "medicines",
        "chemical",
        "chemicals",
        "substance",
        "substances",
        "dose",
        "doses",
        "dosage",
        "dosages",
        "strength",
        "prescription",
        "prescriptions",
        "vaccine",
        "vaccines",
        "immunization",
        "immunizations",
        "ingredient",
        "ingredients",
        "meds",
        "rx",
    ];
    has_any(&words(field), WORDS)
}

/// Whether a text field asks for words about the text instead of words of it.
pub(crate) fn asks_for_summary(description: &str) -> bool {
    let w = words(description);
    const WORDS: &[&str] = &[
        "summary",
        "summarise",
        "summarize",
        "summarised",
        "summarized",
        "summarising",
        "summarizing",
        "narrative",
        "paraphrase",
        "paraphrased",
        "rephrase",
        "synopsis",
        "overview",
        "gist",
    ];
    const PHRASES: &[&[&str]] = &[
        &["in", "your", "own", "words"],
        &["note", "section"],
        &["section", "of", "the", "note"],
        &["written", "from"],
        &["one", "sentence"],
        &["short", "description"],
        &["brief", "description"],
        &["short", "account"],
    ];
    // "as worded" asks for the text's own words whatever else is said.
    !asks_for_wording(&w) && (has_any(&w, WORDS) || PHRASES.iter().any(|p| has_phrase(&w, p)))
}

fn asks_for_wording(w: &[String]) -> bool {
    const PHRASES: &[&[&str]] =
        &[&["as", "worded"], &["as", "written"], &["as", "stated"], &["word", "for", "word"], &["verbatim"]];
    PHRASES.iter().any(|p| has_phrase(w, p))
}

/// Whether a list's description asks for one item at most.
pub(crate) fn asks_for_one(description: &str) -> bool {
    let w = words(description);
    const PHRASES: &[&[&str]] =
        &[&["at", "most", "one"], &["only", "one"], &["exactly", "one"], &["a", "single"], &["belongs", "to"]];
    PHRASES.iter().any(|p| has_phrase(&w, p))
}

/// Whether a choice is about the text as a whole: its description says so, or defines the label.
pub(crate) fn sorts_the_whole(description: &str, label: &str) -> bool {
    let described = words(description);
    const OPENERS: &[&str] = &["which", "what", "how", "whether", "overall", "classify", "category", "type", "class"];
    let opens = described.first().is_some_and(|w| OPENERS.contains(&w.as_str()))
        || described.windows(2).any(|w| w == ["belongs", "to"]);
    let label = words(label);
    let defines = described.windows(label.len() + 1).any(|w| {
        w.split_last().is_some_and(|(last, rest)| {
            !label.is_empty() && rest == label.as_slice() && matches!(last.as_str(), "if" | "when" | "means")
        })
    });
    opens || defines
}

/// A list of labels has to be this long to be looked up label by label.
const LEAST_CHECKLIST: usize = 5;

impl Node {
    /// The labels of a list that may hold several of a closed set, each of which the text speaks of or does not.
    pub(crate) fn checklist(&self) -> Option<&[Value]> {
        let Shape::Array { items, least: 0, most, .. } = &self.shape else { return None };
        let Shape::Choice { values, constant: false } = &items.shape else { return None };
        let described = format!("{} {}", self.description, items.description);
        let several = most.is_none_or(|n| n > 1) && !asks_for_one(&described);
        let labels = values.len() >= LEAST_CHECKLIST && values.iter().all(Value::is_string);
        // One label may be explained ("normal if …"); a definition of each makes it a choice about the whole text.
        let defined = values.iter().filter_map(Value::as_str).filter(|l| sorts_the_whole(described.trim(), l)).count();
        let parts = defined < 2;
        (several && labels && parts && !self.nullable).then_some(values)
    }
}

fn polarity(field: &str, description: &str) -> Polarity {
    const ABSENT: &[&str] =
        &["absent", "absence", "absences", "negated", "negative", "negatives", "denied", "denies", "denial", "denials"];
    const PRESENT: &[&str] = &["present", "positive", "positives", "active", "confirmed"];
    // Stock phrases in which the word asks for nothing.
    const IDLE: &[(&str, &str)] = &[("present", "illness"), ("active", "ingredient"), ("active", "substance")];
    let named = words(field);
    let described = words(description);
    let asks = |w: &[String]| {
        w.iter().enumerate().any(|(i, word)| {
            let next = w.get(i + 1).map_or("", String::as_str);
            PRESENT.contains(&word.as_str()) && !IDLE.contains(&(word.as_str(), next))
        })
    };
    let phrase = |p: &[&str]| has_phrase(&described, p);
    let absent = has_any(&named, ABSENT) || has_any(&described, ABSENT) || phrase(&["ruled", "out"]);
    let present = asks(&named) || asks(&described) || phrase(&["the", "patient", "has"]);
    let excludes =
        ["not", "no", "exclude", "without", "except", "never"].iter().any(|no| ABSENT.iter().any(|a| phrase(&[no, a])));
    match (present, absent) {
        (_, true) if excludes => Polarity::Present,
        (true, false) => Polarity::Present,
        (false, true) => Polarity::Absent,
        // "present or absent" asks for both.
        _ => Polarity::Any,
    }
}
