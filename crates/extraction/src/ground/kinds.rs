//! Fields whose name says what kind of words belong there: a duration names a time, a route a way in.
//!
//! A small model fills every field it is offered, often with words that stand in the text and mean something else
//! ("frequency": "various"). Standing in the text is then not enough. The lists are English, and so is the rule: in a
//! text that is not, it does not speak.

use super::terms::{Term, terms};
use crate::schema::words;
use crate::text::IndexedText;

/// What a field's name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dose,
    Frequency,
    Duration,
    Route,
    Age,
}

/// Whether a value is of another kind than its field's name asks for. `false` for fields of no such name.
pub(crate) fn is_wrong_kind(field: &str, value: &str) -> bool {
    let name = words(field.rsplit('.').next().unwrap_or(field));
    let Some(kind) = name.last().and_then(|w| kind(w)) else { return false };
    let read = IndexedText::new(value);
    let terms = terms(&read);
    !terms.iter().any(|t| belongs(kind, t))
}

/// Whether a text is English, by its commonest words.
pub(crate) fn is_english(terms: &[Term]) -> bool {
    const COMMON: &[&str] = &[
        "the", "of", "and", "to", "in", "is", "was", "with", "for", "no", "has", "after", "on", "at", "he", "she", "i",
    ];
    let hits = terms.iter().filter(|t| COMMON.contains(&t.folded.as_str())).count();
    hits * 20 >= terms.len()
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "dose" | "doses" | "dosage" | "dosages" | "strength" => Kind::Dose,
        "frequency" | "frequencies" => Kind::Frequency,
        "duration" | "durations" => Kind::Duration,
        "route" | "routes" => Kind::Route,
        "age" | "ages" => Kind::Age,
        _ => return None,
    })
}

fn belongs(kind: Kind, term: &Term) -> bool {
    let word = term.folded.as_str();
    let one_of =
        |list: &str| list.split(' ').any(|w| w.strip_suffix('*').map_or(w == word, |stem| word.starts_with(stem)));
    let time = || {
        one_of(
            "second* sec* minute* min* hour* hr* day* week* wk* month* year* yr* decade* night* morning* evening* overnight",
        )
    };
    match kind {
        Kind::Dose => {
            term.is_number()
                || term.is_unit()
                || one_of(
                    "dose* dosage* dosing overdos* amount* low* high* half double* triple maxim* minim* standard full load* bolus small* large* tablet* capsule* pill* puff* drop* unit* spoon* teaspoon* patch* mg* mcg* gram* supratherapeutic subtherapeutic therapeutic escalat* increas* decreas* reduc* titrat* usual daily single",
                )
        }
        Kind::Frequency => {
            time()
                || one_of(
                    "every each once twice thrice time* daily weekly biweekly fortnight* monthly yearly annual* hourly nightly qd od bid tid qid qds tds bd qhs hs qam qpm qod prn q per interval* bedtime meal* breakfast lunch dinner noon needed continu* single repeat* intermittent* alternat* regular* occasional* often frequent* sometimes rare* always never constant* chronic* cycl* q1h q2h q3h q4h q6h q8h q12h q24h 24h stat nocte mane",
                )
        }
        Kind::Duration => {
            time()
                || term.is_unit()
                || one_of(
                    "long* short* lifelong chronic* prolong* until since throughout course* cycle* period* extend* brief* week* permanent* indefinite* temporar* acute* ongoing entire whole lifetime d h time* forever",
                )
        }
        Kind::Route => one_of(
            "oral* mouth po peroral iv intra* im sc sq subcut* subq topical* cream* gel* ointment* lotion* patch* transderm* transmucosal inhal* nebul* nasal* spray* rectal* suppositor* enema* vagin* pessar* subling* buccal* ophthalm* eye* ear* otic* drop* epidural* spinal* infus* inject* bolus tablet* capsule* pill* parenter* enteral* ng nasogastric gastrostomy tube* dermal* percutan* local* system* instill* implant* perioral periph* central* catheter* line* drip* skin vein* muscle* iv. depot lozenge* syrup* elixir* solution* suspension* gargle* intravitreal subconjunct* retrobulbar infiltrat* block caudal im. pump* pca ingest* swallow* smok* snort*",
        ),
        Kind::Age => {
            term.is_number()
                || term.is_unit()
                || one_of(
                    "newborn* neonat* infant* toddler* child* adolesc* teen* young* middle* old* elder* adult* month* week* day* year* twenties thirties forties fifties sixties seventies eighties nineties decade premature preterm boy girl",
                )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_kind_is_seen() {
        for (field, value, wrong) in [
            ("frequency", "various", true),
            ("frequency", "twice daily", false),
            ("medications.frequency", "q.i.d.", false),
            ("duration", "postural challenge test", true),
            ("duration", "three weeks", false),
            ("treatment_duration", "long-term", false),
            ("route", "weekly", true),
            ("route", "p.o.", false),
            ("route", "intravitreal", false),
            ("dosage", "concentrate", true),
            ("dosage", "high dose", false),
            ("dose", "40 mg", false),
            ("age", "woman", true),
            ("age", "48-year-old", false),
            ("effect", "anything at all", false),
            ("average", "anything at all", false),
        ] {
            assert_eq!(is_wrong_kind(field, value), wrong, "{field}: {value}");
        }
    }

    #[test]
    fn english_is_told_from_other_languages() {
        let english = |t: &str| is_english(&terms(&IndexedText::new(t)));
        assert!(english("The patient was seen in the clinic."));
        assert!(!english("Der Patient nimmt dreimal täglich Ibuprofen gegen Schmerzen ein."));
    }
}
