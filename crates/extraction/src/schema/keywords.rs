//! The keywords of the subset, and the limits on a schema.

/// Keywords that describe and never decide. Their content is not read, except `description`.
pub(super) const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords that each type understands, beside `type`, `enum`, `const`, `anyOf` and the annotations.
pub(super) const OBJECT: &[&str] = &["properties", "required", "additionalProperties"];
pub(super) const ARRAY: &[&str] = &["items", "minItems", "maxItems", "uniqueItems"];
pub(super) const TEXT: &[&str] = &["minLength", "maxLength", "format"];
pub(super) const NUMBER: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

/// Depth of nesting, the root object being 1.
pub(super) const DEEPEST: usize = 12;
/// Properties in the whole schema.
pub(super) const MOST_PROPERTIES: usize = 256;
/// Values of one enum.
pub(super) const MOST_CHOICES: usize = 500;
/// Scalars in a property's name, in one enum value.
pub(super) const LONGEST_NAME: usize = 200;
/// Scalars in one description.
pub(super) const LONGEST_DESCRIPTION: usize = 4_000;
/// Faults reported at most; more would not be read.
pub(super) const MOST_FAULTS: usize = 100;

/// Why a known JSON Schema keyword is not in the subset; `None` for a word that JSON Schema does not have either.
pub(super) fn unsupported(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "$ref" | "$defs" | "definitions" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef"
        | "$recursiveAnchor" => "references are not supported; write the definition where it is used",
        "$vocabulary" => "vocabularies are not supported",
        "allOf" | "oneOf" | "not" | "if" | "then" | "else" => {
            "combinations are not supported; `anyOf` is, for one type or null"
        }
        "pattern" => "patterns are not supported; use `enum`, or `format` date or date-time",
        "patternProperties"
        | "propertyNames"
        | "minProperties"
        | "maxProperties"
        | "unevaluatedProperties"
        | "dependentRequired"
        | "dependentSchemas"
        | "dependencies" => "only properties named one by one are supported",
        "prefixItems" | "additionalItems" | "unevaluatedItems" | "contains" | "minContains" | "maxContains" => {
            "every item of a list has the one schema under `items`"
        }
        "multipleOf" => "multiples are not supported; use `integer`, `minimum` and `maximum`",
        "contentEncoding" | "contentMediaType" | "contentSchema" => "encoded content is not supported",
        _ => return None,
    })
}
