//! What a note says of drugs, problems and next steps, item by item.

use super::topics::{Action, Item, items};
use crate::{
    dto::{FindingRefDto, NoteFollowUpDto, NoteListsDto, NoteMedicationDto, NoteProblemDto},
    present,
};
use cloister_domain::{NoteBasis, NoteTopic as Topic};

/// Drugs, problems and next steps of a basis, as far as a person accepted them.
pub(crate) fn lists(basis: &[NoteBasis]) -> NoteListsDto {
    let mut lists = NoteListsDto::default();
    for item in &items(basis, &[]) {
        let Some(head) = item.head() else { continue };
        let name = head.text.clone();
        let assertion = present::word(item.assertion());
        match item.topic {
            Topic::Medication | Topic::Treatment => lists.medications.push(NoteMedicationDto {
                name,
                action: item.action().map(|a| word(a).to_owned()),
                details: rest(item, &["action", "status"]),
                assertion,
                findings: findings(item),
            }),
            Topic::Problem => lists.problems.push(NoteProblemDto {
                name,
                status: item.leaf(&["status"]).map(|l| l.text.clone()),
                assertion,
                findings: findings(item),
            }),
            Topic::Plan => {
                let more = rest(item, &[]);
                let text = if more.is_empty() { name } else { format!("{name}, {more}") };
                lists.follow_ups.push(NoteFollowUpDto { text, findings: findings(item) });
            }
            _ => {}
        }
    }
    lists
}

const fn word(action: Action) -> &'static str {
    match action {
        Action::Start => "start",
        Action::Stop => "stop",
        Action::Change => "change",
        Action::Continue => "continue",
    }
}

fn findings(item: &Item<'_>) -> Vec<FindingRefDto> {
    let of = |l: &super::topics::Leaf<'_>| FindingRefDto {
        extraction: l.of.extraction.to_string(),
        path: l.of.path.clone(),
    };
    item.leaves.iter().map(of).collect()
}

/// What is known beside the item's name, but for leaves of these names.
fn rest(item: &Item<'_>, but: &[&str]) -> String {
    let head = item.head().map(|l| l.name);
    let more = item.leaves.iter().filter(|l| Some(l.name) != head && !but.contains(&l.name));
    more.map(|l| l.text.as_str()).collect::<Vec<_>>().join(", ")
}
