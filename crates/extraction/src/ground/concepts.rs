//! Words that mean the same in clinical English, so that a label of a closed list can be found in a text that words
//! it otherwise. Our own list, general on purpose: Latin and Greek beside plain English, and the usual phrases.

use super::terms::Term;

/// Groups of patterns. A pattern is a word, a stem with `*`, a phrase, or parts joined by `&` that stand in one
/// sentence in any order.
const GROUPS: &[&str] = &[
    // A normal study.
    "normal* | unremarkable | within normal limits | no acute | no active | no evidence of acute | intact | clear | negative | no abnormalit* | no significant abnormalit*",
    // Findings and processes.
    "cardiomegaly | enlarg*&heart | enlarg*&cardiac | cardiac enlargement | enlarg*&cardiomediastinal | borderline heart size | prominent&heart",
    "atelecta* | collapse | volume loss",
    "effusion* | pleural fluid | blunting&costophrenic | hydrothorax",
    "calcif* | calcinosis | calcium deposit*",
    "granuloma*",
    "scar* | cicatri* | fibros* | fibrotic",
    "fractur* | broken",
    "catheter* | picc | port | cannula | central line | venous line | mediport | drain",
    "clip* | surgical clip* | suture* | staple* | sternotomy wire* | wire* | prosthe* | hardware | screw* | plate | stent* | pacemaker | device*",
    "opaci* | haz* | shadow*",
    "densit* | dense",
    "consolidat* | airspace | air space | infiltrat* | pneumoni*",
    "congest* | vascular engorgement | pulmonary edema | vascular prominence",
    "edema* | oedema* | swelling | swollen",
    "nodul* | nodes",
    "thick*",
    "emphysem* | hyperinflat* | hyperexpan* | copd | flattened&diaphragm*",
    "osteophyt* | spur* | spurring",
    "spondylo* | degenerative | degeneration",
    "scolio* | curvature",
    "atherosclero* | arteriosclero* | plaque*",
    "deform* | wedg* | compression",
    "aort*",
    "pneumothora*",
    "tumor* | tumour* | neoplas* | mass | masses | lesion* | cancer* | carcinoma* | malignan*",
    "metasta* | secondaries",
    "infect* | septic | sepsis",
    "inflam*",
    "hemorrhag* | haemorrhag* | bleed* | bled | blood loss",
    "thrombo* | clot* | embol*",
    "ischem* | ischaem* | infarct* | heart attack",
    "stroke* | cva | cerebrovascular",
    "hypertens* | high blood pressure | htn",
    "hypotens* | low blood pressure",
    "diabet* | dm | t2dm | t1dm",
    "fever* | febrile | pyrexia",
    "pain* | ache* | aching | sore* | tender* | discomfort",
    "nausea* | vomit* | emesis",
    "dyspn* | shortness of breath | breathless* | sob | short of breath",
    "seizure* | convuls* | epilep*",
    "depress*",
    "anxi*",
    "rash* | erupt* | hives | urticaria | exanthem*",
    "allerg* | hypersensitiv* | anaphyla* | intoleran*",
    // People and habits.
    "male | man | men | boy | gentleman | he | his | him | father | husband",
    "female | woman | women | girl | lady | she | her | hers | mother | wife | pregnan*",
    "smok* | tobacco | cigarette* | nicotine | pack year* | packs",
    "alcohol* | drink* | drinks | beer | wine | ethanol | etoh",
    "pregnan* | gravid* | gestation*",
    "live | alive | discharged | survived",
    "died | dead | death | deceased | expired | fatal | passed away",
    // Parts of the body.
    "heart | cardiac",
    "lung | lungs | pulmonary | respiratory",
    "liver | hepatic",
    "kidney | kidneys | renal",
    "stomach | gastric",
    "bone | bones | bony | osseous | skeletal | rib | ribs | vertebra*",
    "skin | cutaneous | dermal",
    "brain | cerebral | intracranial",
    "spine | spinal | vertebra*",
    "blood | hematologic* | haematologic*",
    "left | left-sided",
    "right | right-sided",
    // What drugs do.
    "adverse* | toxic* | side effect* | induc* | caus* | due to | secondary to | associat* | complicat* | reaction* | result* | develop* | following | after | worsen* | attribut* | related",
    "harm* | toxic* | adverse* | induc* | develop* | worsen* | complicat* | reaction*",
    "therap* | treat* | effective* | efficac* | benefi* | improv* | respon* | success* | help* | resol* | remission | control*",
    // Kinds of content of a note or a talk.
    "medication* | medicine* | drug* | pill* | tablet* | taking | prescri* | dose* | meds",
    "allergy | allergies | allergic",
    "family | fam | mother | father | brother* | sister* | parents | son | daughter",
    "social | soc | smoke* | alcohol | drink* | work* | job | live* | married | retired | tobacco | marital",
    "surg* | operat* | procedure* | operation | appendectom*",
    "immunization* | immunisation* | vaccin* | shots | shot",
    "lab | labs | laboratory | blood test* | test results",
    "imaging | x ray | xray | scan* | ct | mri | ultrasound | radiograph*",
    "exam | examination | examine* | listen | palpat*",
    "plan | follow up | schedule | recommend* | return | refer*",
    "diagnos* | dx",
    "assessment | impression",
    "history | hx | past | previous* | prior | ago",
    "symptom* | complain* | bother*",
    "gyn | gynecolog* | menstr* | period* | obstetric* | pap | gravida",
    "disposition | discharge* | admit*",
    "severe* | severity | marked | intense",
    "mild* | slight* | minimal*",
    "moderate*",
    "acute | sudden",
    "chronic | longstanding | long standing",
    "oral* | by mouth | po | orally | tablet*",
    "intravenous* | iv",
    "subcutaneous* | sc | subq",
    "intramuscular* | im",
    "topical* | cream | ointment",
];

/// Words too general to find anything by.
const GENERIC: &[&str] = &[
    "disease",
    "diseases",
    "disorder",
    "disorders",
    "syndrome",
    "finding",
    "findings",
    "other",
    "event",
    "events",
    "condition",
    "conditions",
    "status",
    "type",
    "kind",
    "of",
    "the",
    "a",
    "an",
    "and",
    "or",
    "in",
    "to",
    "for",
    "with",
    "is",
    "are",
    "was",
    "has",
    "have",
    "had",
    "any",
    "patient",
    "patients",
    "present",
    "current",
    "currently",
    "if",
    "it",
    "whether",
    "yes",
    "no",
    "true",
    "false",
    "not",
    "does",
    "did",
    "at",
    "by",
    "on",
    "from",
    "as",
    "be",
    "been",
    "this",
    "that",
    "which",
    "who",
    "text",
    "report",
    "note",
    "section",
    "level",
    "value",
    "use",
    "uses",
    "potential",
    "indwelling",
    "instruments",
    "general",
    "gen",
    "hx",
];

/// Words that name a place or side of the body: they support no label by themselves.
const PLACES: &[&str] = &[
    "heart",
    "cardiac",
    "lung",
    "lungs",
    "pulmonary",
    "pleural",
    "thoracic",
    "chest",
    "abdominal",
    "bone",
    "bones",
    "left",
    "right",
    "upper",
    "lower",
    "bilateral",
    "spine",
    "spinal",
    "skin",
    "liver",
    "hepatic",
    "kidney",
    "renal",
    "brain",
    "blood",
    "aorta",
    "aortic",
    "medical",
    "surgical",
    "clinical",
];

/// The words of a label as something to look for.
#[derive(Debug, Clone)]
pub(crate) struct Concept {
    words: Vec<Wanted>,
}

#[derive(Debug, Clone)]
struct Wanted {
    stem: String,
    patterns: Vec<&'static str>,
    weak: bool,
}

impl Concept {
    /// From the words of a label or a name, lower case; `None` when they are all too general.
    pub(crate) fn of(words: &[String]) -> Option<Self> {
        let content: Vec<Wanted> = words
            .iter()
            .filter(|w| !GENERIC.contains(&w.as_str()) && w.chars().count() > 1)
            .map(|w| Wanted {
                stem: stem(w).to_owned(),
                patterns: GROUPS.iter().filter(|g| group_has(g, w)).flat_map(|g| g.split(" | ")).collect(),
                weak: PLACES.contains(&w.as_str()),
            })
            .collect();
        (!content.is_empty()).then_some(Self { words: content })
    }

    /// Whether this is the label of a study or finding without anything wrong, which words of negation state.
    pub(crate) fn is_normal(&self) -> bool {
        matches!(self.words.as_slice(), [w] if w.patterns.first().is_some_and(|p| *p == "normal*"))
    }

    /// Whether our list knows other words for it, so that its absence from a text says something.
    pub(crate) fn is_known(&self) -> bool {
        self.words.iter().any(|w| !w.weak && !w.patterns.is_empty())
    }

    /// The terms of a sentence that speak of it: its telling words, of more than two at least half; when it has only
    /// places, all of them. Indices into `sentence`.
    pub(crate) fn mention(&self, sentence: &[Term]) -> Option<Vec<usize>> {
        let strong = self.words.iter().filter(|w| !w.weak).count();
        let mut found = Vec::new();
        let mut hits = 0;
        for word in self.words.iter().filter(|w| strong == 0 || !w.weak) {
            if let Some(at) = word.find(sentence) {
                hits += 1;
                found.extend(at);
            }
        }
        let needed = match strong {
            0 => self.words.len(),
            1 | 2 => strong,
            more => more.div_ceil(2),
        };
        if hits < needed || found.is_empty() {
            return None;
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// Whether the terms that speak of it are its own words, all the telling ones.
    pub(crate) fn is_named(&self, sentence: &[Term], hit: &[usize]) -> bool {
        let strong = self.words.iter().any(|w| !w.weak);
        let telling = self.words.iter().filter(|w| !strong || !w.weak);
        let said: Vec<&str> = hit.iter().filter_map(|i| sentence.get(*i)).map(|t| stem(&t.folded)).collect();
        telling.into_iter().all(|w| said.contains(&w.stem.as_str()))
    }

    /// How many of its words a sentence holds.
    pub(crate) fn overlap(&self, sentence: &[Term]) -> usize {
        self.words.iter().filter(|w| w.find(sentence).is_some()).count()
    }
}

impl Wanted {
    fn find(&self, sentence: &[Term]) -> Option<Vec<usize>> {
        let by_stem = sentence.iter().position(|t| stem(&t.folded) == self.stem).map(|i| vec![i]);
        by_stem.or_else(|| self.patterns.iter().find_map(|p| find_pattern(p, sentence)))
    }
}

fn group_has(group: &str, word: &str) -> bool {
    group.split(" | ").any(|p| !p.contains([' ', '&']) && word_fits(p, word))
}

fn word_fits(pattern: &str, word: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == word, |stem| word.starts_with(stem))
}

fn find_pattern(pattern: &str, sentence: &[Term]) -> Option<Vec<usize>> {
    if pattern.contains('&') {
        return pattern.split('&').map(|p| sentence.iter().position(|t| word_fits(p, &t.folded))).collect();
    }
    let words: Vec<&str> = pattern.split(' ').collect();
    let at =
        sentence.windows(words.len()).position(|run| run.iter().zip(&words).all(|(t, w)| word_fits(w, &t.folded)))?;
    Some((at..at + words.len()).collect())
}

/// A word without the endings of inflection. Light on purpose: it joins forms of a word, never two words.
pub(crate) fn stem(word: &str) -> &str {
    let length = word.chars().count();
    for (ending, least) in [
        ("ations", 9),
        ("ation", 8),
        ("ingly", 8),
        ("edly", 7),
        ("ing", 6),
        ("ies", 5),
        ("ied", 5),
        ("es", 5),
        ("ed", 5),
        ("ly", 6),
        ("s", 4),
        ("y", 5),
        ("e", 5),
    ] {
        if length >= least && word.ends_with(ending) && !word.ends_with("ss") {
            let left = word.get(..word.len() - ending.len()).unwrap_or(word);
            return if matches!(ending, "ing" | "ed") { undoubled(left) } else { left };
        }
    }
    word
}

/// "stopp" of "stopped" is "stop"; "miss" and "fill" end so by themselves.
fn undoubled(left: &str) -> &str {
    let doubled = ["bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt"].iter().any(|two| left.ends_with(two));
    if doubled && left.len() >= 4 { left.get(..left.len() - 1).unwrap_or(left) } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::terms::terms;
    use crate::schema::words;
    use crate::text::IndexedText;

    fn mentions(label: &str, sentence: &str) -> bool {
        Concept::of(&words(label)).unwrap().mention(&terms(&IndexedText::new(sentence))).is_some()
    }

    #[test]
    fn a_label_is_found_in_other_words() {
        for (label, sentence) in [
            ("Pleural Effusion", "Blunting of the left costophrenic angle."),
            ("Cicatrix", "Apical scarring is unchanged."),
            ("Cardiomegaly", "The heart is mildly enlarged."),
            ("Fractures, Bone", "Old rib fracture."),
            ("Catheters, Indwelling", "A right PICC ends in the cava."),
            ("normal", "No acute disease."),
            ("female", "She was seen."),
            ("CURRENT_SMOKER", "He smokes a pack a day."),
            ("Aorta, Thoracic", "The thoracic aorta is tortuous."),
            ("Adverse_event", "Rash after amoxicillin."),
        ] {
            assert!(mentions(label, sentence), "{label}: {sentence}");
        }
    }

    #[test]
    fn a_place_alone_supports_no_label() {
        for (label, sentence) in [
            ("Pleural Effusion", "Pleural thickening."),
            ("Pulmonary Atelectasis", "The pulmonary vessels are seen."),
            ("Emphysema", "The lungs are clear."),
            ("Aorta, Thoracic", "The thoracic spine is straight."),
            ("Nodule", "Heart size is large."),
            ("Cardiomegaly", "The heart is normal in size."),
            ("Calcified Granuloma", "Calcified hilar nodes."),
            ("Osteophyte", "The bones are intact."),
        ] {
            assert!(!mentions(label, sentence), "{label}: {sentence}");
        }
        assert!(Concept::of(&words("other findings")).is_none());
    }

    #[test]
    fn stems_join_forms_and_not_words() {
        assert_eq!(stem("scarring"), stem("scarred"));
        assert_eq!(stem("stopped"), "stop");
        assert_eq!(stem("added"), stem("adding"));
        assert_eq!(stem("filling"), "fill");
        assert_eq!(stem("smokes"), stem("smoked"));
        assert_ne!(stem("cardiac"), stem("cardio"));
        assert_eq!(stem("mass"), "mass");
    }
}
