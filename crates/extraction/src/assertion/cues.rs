//! The cues: words that change what a finding beside them means. Our own lists.
//!
//! Words are folded as tokens are: lower case, no apostrophes (`doesnt`), `b.i.d.` as one word; `/` is a word and `#`
//! stands for a number. The longest phrase at a place wins, so that a phrase without a label ("no change") keeps the
//! shorter cue inside it ("no") from speaking.

use cloister_domain::Assertion::{self, Family, Historical, Hypothetical, Negated, Uncertain};
use std::collections::HashMap;
use std::sync::LazyLock;

/// On which side of the cue the finding stands that it governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The cue stands before the finding.
    Before,
    /// The cue stands after the finding.
    After,
    /// Either.
    Both,
}

/// One cue.
#[derive(Debug)]
pub(super) struct Cue {
    pub(super) words: Vec<&'static str>,
    /// `None`: a phrase that only looks like a cue.
    pub(super) label: Option<Assertion>,
    pub(super) side: Side,
    /// Words at most between the cue and the finding.
    pub(super) reach: usize,
    /// It says of the finding that it was there and has gone.
    pub(super) gone: bool,
}

/// The cues by their first word.
pub(super) static CUES: LazyLock<HashMap<&'static str, Vec<Cue>>> = LazyLock::new(|| {
    let mut out: HashMap<&str, Vec<Cue>> = HashMap::new();
    let groups = TABLE.iter().map(|g| (g, false)).chain(GONE.iter().map(|g| (g, true)));
    for (group, gone) in groups {
        for phrase in group.words.split(" | ") {
            let words: Vec<&str> = phrase.split(' ').collect();
            let Some(first) = words.first() else { continue };
            let cue = Cue { label: group.label, side: group.side, reach: group.reach, words: words.clone(), gone };
            out.entry(first).or_default().push(cue);
        }
    }
    out
});

/// Phrases of one kind, separated by ` | `.
struct Phrases {
    label: Option<Assertion>,
    side: Side,
    reach: usize,
    words: &'static str,
}

/// To the end of the clause.
const CLAUSE: usize = 60;
/// "not" governs what stands near it.
const NEAR: usize = 6;
/// The next word.
const NEXT: usize = 1;

#[rustfmt::skip]
const TABLE: &[Phrases] = &[
    Phrases { label: None, side: Side::Both, reach: 0, words: "no change | no changes | no significant change | no interval change | no increase | no decrease | no \
         improvement | no worsening | no longer than | no more than | no less than | no doubt | no # | not only | not \
         necessarily | not just | not relieved | not controlled | not improved | not improving | not responding | not \
         respond | not responsive | not tolerate | not tolerated | not changed | not drain | not certain | not sure | \
         not clear | not known | not related to | not associated with | not due to | not caused by | not to mention | \
         not further | could not be resected | without difficulty | without incident | without complication | without \
         complications | without change | without improvement | without relief | with or without | with and without | \
         gram negative | gram negatives | rh negative | negative pressure | negative symptoms | double negative | no \
         stranger to | whether or not | not infrequently | not uncommonly | not uncommon | not unusual | mother \
         states | mother reports | mother denies | mother says | mother noticed | father states | father reports | \
         father denies | father says | per mother | per father | per the mother | accompanied by his mother | \
         accompanied by her mother | mother brought | lives with his mother | lives with her mother | lives with his \
         parents | lives with her parents | history of present illness | history of the present illness | history of \
         presenting | prior to | year old | years old | # year old | month old | day old | week old | post operative \
         | previous to | as if | even if | not resolved | not \
         yet resolved | not fully resolved | not completely resolved | never resolved | partially resolved | partly \
         resolved | incompletely resolved | not subsided | not abated | not cleared up | no resolution of | partial \
         resolution of | incomplete resolution of" },
    Phrases { label: Some(Negated), side: Side::Before, reach: CLAUSE, words: "no | no evidence of | no evidence for | no sign of | no signs of | no history of | no known | no family \
         history of | no past history of | no prior history of | no suspicion of | no suspicious | no complaints of | \
         no new | no acute | no definite | no obvious | no focal | no abnormal | not have | not had | not show | not \
         reveal | not demonstrate | not demonstrated | not detect | not see | not appreciate | not complain of | not \
         report | not taking | not exhibit | not known to have | doesnt have | didnt have | dont have | havent had | \
         hasnt had | never had | denies | denied | denying | deny | denial of | without | w / o | without any | \
         without evidence of | negative for | neg for | was negative for | were negative for | is negative for | are \
         negative for | absence of | free of | free from | lack of | lacked | lacks | lacking | neither | nor | none \
         of | ruled out | rules out | ruling out | excluded | excludes | failed to reveal | failed to show | fails to \
         reveal | failed to demonstrate | unremarkable for | nothing to suggest | clear of" },
    Phrases { label: Some(Negated), side: Side::Before, reach: NEAR, words: "no longer | not | not feel | cannot | doesnt | didnt | dont | havent | hasnt | hadnt | isnt | wasnt | arent \
         | werent | never | absent | rather than | instead of | as opposed to" },
    Phrases { label: Some(Negated), side: Side::Before, reach: NEXT, words: "non" },
    Phrases { label: Some(Historical), side: Side::Before, reach: CLAUSE, words: "history of | hx of | h / o | past history of | past medical history | medical history of | \
         status post | s / p" },
    Phrases { label: Some(Negated), side: Side::After, reach: NEAR, words: "absent | ruled out" },
    Phrases { label: Some(Negated), side: Side::After, reach: CLAUSE, words: "is absent | are absent | was absent | were absent | not seen | not found | not identified | not noted | not \
         present | not observed | not detected | not appreciated | not evident | not visualized | not visualised | \
         not palpable | not reported | was ruled out | were ruled out | has been ruled out | have been ruled out | is \
         ruled out | was excluded | were excluded | is excluded | has been excluded | was negative | were negative | \
         is negative | are negative | was denied" },
    Phrases { label: Some(Negated), side: Side::After, reach: 3, words: "negative | denied" },
    Phrases { label: Some(Negated), side: Side::After, reach: 2, words: "none" },
    Phrases { label: Some(Family), side: Side::Both, reach: CLAUSE, words: "family history | fh | fhx | mother | mothers | father | fathers | brother | brothers | sister | sisters | \
         siblings | aunt | uncle | cousin | grandmother | grandfather | grandparents | parents | runs in the family | \
         mom | dad" },
    Phrases { label: Some(Family), side: Side::Both, reach: NEAR, words: "maternal | paternal" },
    Phrases { label: Some(Historical), side: Side::Before, reach: NEAR, words: "previous | previously | prior | remote | used to" },
    Phrases { label: Some(Historical), side: Side::Before, reach: NEXT, words: "old | post | childhood | former" },
    Phrases { label: Some(Historical), side: Side::Both, reach: 12, words: "years ago | # years ago | year ago | months ago | # months ago" },
    Phrases { label: Some(Historical), side: Side::Both, reach: CLAUSE, words: "in the past" },
    Phrases { label: Some(Hypothetical), side: Side::Before, reach: CLAUSE, words: "if | return for | return if | in case of | in the event of | should he develop | should she develop | should \
         you develop | should he have | should she have | should they | watch for | watch out for | monitor for | \
         look out for | precautions for | risk of | risk for | risks of | risks include | risks including" },
    Phrases { label: Some(Hypothetical), side: Side::Before, reach: NEAR, words: "call for | to prevent | prevention of | prophylaxis for | prophylaxis against | as needed for | prn for" },
    Phrases { label: Some(Hypothetical), side: Side::After, reach: NEXT, words: "prophylaxis | precautions" },
    Phrases { label: Some(Uncertain), side: Side::Before, reach: NEAR, words: "possible | probable | likely | presumed | suspected | suspect | suggested | might | could have | \
         questionable | unlikely" },
    Phrases { label: Some(Uncertain), side: Side::Before, reach: CLAUSE, words: "possibly | possibility of | probably | presumably | suspicious for | suspicion of | suspicion for | \
         suggestive of | suggesting | suggests | may be | may have | may represent | might be | might have | could be \
         | could represent | question of | concern for | concerning for | concerns for | worrisome for | rule out | \
         to rule out | r / o | evaluate for | assess for | screen for | check for | cannot exclude | cannot rule out \
         | can not exclude | not exclude | not excluded | not rule out | differential diagnosis | differential \
         includes | differential" },
    Phrases { label: Some(Uncertain), side: Side::Both, reach: NEAR, words: "versus | vs" },
    Phrases { label: Some(Uncertain), side: Side::After, reach: CLAUSE, words: "unlikely | is possible | is likely | is suspected | was suspected | were suspected | cannot be excluded | \
         can not be excluded | cannot be ruled out | not excluded | was considered | is considered" },
    Phrases { label: Some(Uncertain), side: Side::After, reach: NEXT, words: "suspected" },
    Phrases { label: Some(Uncertain), side: Side::After, reach: 2, words: "considered" },
    Phrases { label: Some(Uncertain), side: Side::After, reach: NEAR, words: "questioned" },
];

/// What was there and has gone: of the past, and no more present than what is denied.
#[rustfmt::skip]
const GONE: &[Phrases] = &[
    Phrases { label: Some(Historical), side: Side::Before, reach: CLAUSE, words: "resolution of" },
    Phrases { label: Some(Historical), side: Side::After, reach: CLAUSE, words: "has resolved | have resolved | subsided | abated | cleared up | cleared with | cleared after | corrected with | \
         corrected by" },
    Phrases { label: Some(Historical), side: Side::After, reach: NEAR, words: "resolved" },
];

/// Before a finding: what is said of its end has not come about.
pub(super) const NOT_YET: &[&str] = &["until", "till", "unless"];

/// Behind its end: it is there again.
pub(super) const CAME_BACK: &[&str] = &["recurred", "recurring", "returned", "reappeared", "relapsed"];

/// Phrases at which a clause, and with it the reach of a cue, ends.
pub(super) const TERMINATORS: &[&str] = &[
    "but",
    "however",
    "although",
    "though",
    "yet",
    "nevertheless",
    "still",
    "except",
    "except for",
    "aside
    from",
    "apart from",
    "other than",
    "besides",
    "whereas",
    "while",
    "because",
    "since",
    "therefore",
    "which",
    "who",
    "secondary to",
    "due to",
    "and has",
    "and have",
    "and had",
    "and is",
    "and was",
    "and were",
    "and
    are",
    "and reports",
    "and he",
    "and she",
    "and they",
    "and the patient",
    "and there",
    "and complains",
    "and
    presented",
    "and presents",
    "now has",
    "she has",
    "he has",
    "she had",
    "he had",
    "patient has",
    "patient
    had",
    "she reports",
    "he reports",
    "admits",
    "endorses",
    "complains of",
    "positive for",
    "presented with",
    "reveals",
    "revealed",
    "shows",
    "showed",
];

/// Finite verbs: a stretch between commas that holds one is a clause of its own.
pub(super) const VERBS: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "shows",
    "showed",
    "reveals",
    "revealed",
    "demonstrates",
    "demonstrated",
    "appears",
    "appear",
    "appeared",
    "remains",
    "remain",
    "remained",
    "reports",
    "reported",
    "states",
    "stated",
    "complains",
    "complained",
    "does",
    "did",
    "will",
    "should",
    "takes",
    "took",
    "developed",
    "presented",
    "underwent",
    "received",
    "started",
    "noted",
    "continues",
    "continued",
    "feels",
    "felt",
    "seems",
    "looks",
];

/// First words of an answer that deny.
pub(super) const NO: &[&str] = &["no", "nope", "nah", "never", "not", "none", "nothing", "negative", "neither"];
/// First words of an answer that affirm.
pub(super) const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "yea",
    "correct",
    "right",
    "sure",
    "definitely",
    "absolutely",
    "sometimes",
    "occasionally",
    "always",
];
/// What only fills a pause.
pub(super) const FILLERS: &[&str] = &[
    "uh", "um", "er", "erm", "oh", "well", "hm", "hmm", "so", "okay", "ok", "mm", "i", "think", "guess", "really", "ah",
];
