//! Why a value was kept, changed in its standing, or refused. docs/grounding.md explains each code to a reviewer.

/// Declares the reasons once: name and code.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// One decision's code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// The code as it stands in results.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Every reason.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

reasons! {
    // How a value rests on the text.
    Exact = "exact",
    Case = "case",
    Spacing = "spacing",
    Punctuation = "punctuation",
    LetterForm = "letter-form",
    NumberForm = "number-form",
    UnitForm = "unit-form",
    UnitConverted = "unit-converted",
    DateForm = "date-form",
    Abbreviation = "abbreviation",
    Plural = "plural",
    Article = "article",
    FunctionWords = "function-words",
    Coordination = "coordination",
    LabelWords = "label-words",
    NameWords = "name-words",
    WholeText = "whole-text",
    SummaryWords = "summary-words",
    ConstantOfObject = "constant-of-object",
    AssertionLabel = "assertion-label",
    // Which occurrence was taken.
    NearestToObject = "nearest-to-object",
    NearestToName = "nearest-to-name",
    // Why a value was refused.
    NotInText = "not-in-text",
    NothingToFind = "nothing-to-find",
    Placeholder = "placeholder",
    WrongKind = "wrong-kind",
    CutFromQuantity = "cut-from-quantity",
    DateAmbiguous = "date-ambiguous",
    DateWithoutCentury = "date-without-century",
    FarFromObject = "far-from-object",
    OfAnother = "of-another",
    NoQuote = "no-quote",
    AnotherLabel = "another-label",
    OnlyNegated = "only-negated",
    OnlyAsserted = "only-asserted",
    AssertionDisagrees = "assertion-disagrees",
    NumberNotInText = "number-not-in-text",
    DrugNotInText = "drug-not-in-text",
    TooLittleOverlap = "too-little-overlap",
    SchemaInvalid = "schema-invalid",
    Negated = "negated",
    Conflict = "conflict",
    ExclusiveLabel = "exclusive-label",
    ListLimit = "list-limit",
    ObjectDropped = "object-dropped",
    // What was joined.
    DuplicateMerged = "duplicate-merged",
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn every_code_is_explained_in_the_document_and_none_is_used_twice() {
        let document = include_str!("../../../../docs/grounding.md");
        let mut codes: Vec<_> = Reason::ALL.iter().map(|r| r.code()).collect();
        for code in &codes {
            assert!(document.contains(&format!("`{code}`")), "{code} is not in docs/grounding.md");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
    }
}
