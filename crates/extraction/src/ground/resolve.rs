//! What the values of an answer do to each other: negated values in fields that ask for what is present, values said
//! twice, values that cannot both be true.

use super::claim::Claim;
use super::concepts::Concept;
use super::reason::Reason;
use super::{Decision, Source};
use crate::assertion::is_absent;
use crate::schema::{LeafKind, Polarity, words};
use cloister_domain::Support;
use serde_json::Value;
use std::collections::HashMap;

pub(crate) fn resolve(source: &Source<'_>, claims: &[Claim<'_>], decisions: &mut [Decision]) {
    remove_negated(claims, decisions);
    settle_conflicts(claims, decisions);
    settle_exclusive(claims, decisions);
    merge_scalars(source, claims, decisions);
    merge_objects(source, claims, decisions);
}

/// A field that asks for what is present does not hold what the text denies, nor what it says has gone. A yes-or-no is
/// no such value: its denial is its content.
fn remove_negated(claims: &[Claim<'_>], decisions: &mut [Decision]) {
    for (claim, decision) in claims.iter().zip(decisions) {
        // A yes-or-no and a label that says "absent" hold the denial in the value itself.
        let own = [Reason::NameWords, Reason::AssertionLabel].iter().any(|r| decision.reasons.contains(r));
        let asks = claim.leaf.polarity == Polarity::Present && !own;
        if asks && decision.stands() && is_absent(decision.assertion, decision.assertion_rule) {
            decision.refuse(Reason::Negated);
        }
    }
}

/// Of several values at one place (of different windows) the best supported stands, then the first.
fn settle_conflicts(claims: &[Claim<'_>], decisions: &mut [Decision]) {
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, claim) in claims.iter().enumerate() {
        at.entry(&claim.path).or_default().push(i);
    }
    for members in at.values().filter(|m| m.len() > 1) {
        let strength = |i: &usize| match decisions.get(*i).map(|d| d.support) {
            Some(Support::Verbatim) => 0,
            Some(Support::Normalised) => 1,
            Some(Support::Inferred) => 2,
            _ => 3,
        };
        let winner = members.iter().copied().min_by_key(|i| (strength(i), *i));
        for i in members.iter().copied().filter(|i| Some(*i) != winner) {
            if let Some(d) = decisions.get_mut(i).filter(|d| d.stands()) {
                d.refuse(Reason::Conflict);
            }
        }
    }
}

/// "normal" does not stand beside a finding.
fn settle_exclusive(claims: &[Claim<'_>], decisions: &mut [Decision]) {
    let exclusive = |c: &Claim<'_>| {
        let label = words(c.value.as_str().unwrap_or(""));
        let nothing =
            matches!(label.join(" ").as_str(), "none" | "no finding" | "no findings" | "unremarkable" | "negative");
        nothing || Concept::of(&label).is_some_and(|k| k.is_normal())
    };
    for i in 0..claims.len() {
        let Some(claim) = claims.get(i).filter(|c| c.leaf.kind == LeafKind::Choice && exclusive(c)) else { continue };
        let sisters = claims.iter().zip(decisions.iter()).any(|(c, d)| {
            c.leaf.pattern == claim.leaf.pattern && c.leaf.pattern.ends_with("/*") && d.stands() && !exclusive(c)
        });
        if let Some(d) = decisions.get_mut(i).filter(|d| sisters && d.stands()) {
            d.refuse(Reason::ExclusiveLabel);
        }
    }
}

/// What two equal values have in common.
fn same_key(source: &Source<'_>, value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| source.hay.meaning(text))
}

/// The list that a scalar item belongs to; `None` for a value that is no item.
fn list_of<'c>(claim: &'c Claim<'_>) -> Option<&'c str> {
    claim.leaf.pattern.ends_with("/*").then(|| claim.path.rsplit_once('/').map(|(list, _)| list))?
}

/// A list says each thing once; the first keeps the evidence of all.
fn merge_scalars(source: &Source<'_>, claims: &[Claim<'_>], decisions: &mut [Decision]) {
    let mut first: HashMap<(String, String), usize> = HashMap::new();
    for (i, claim) in claims.iter().enumerate() {
        let Some(list) = list_of(claim) else { continue };
        if !decisions.get(i).is_some_and(Decision::stands) {
            continue;
        }
        let key = (list.to_owned(), same_key(source, &claim.value));
        match first.get(&key).copied() {
            None => {
                first.insert(key, i);
            }
            Some(kept) => merge(decisions, kept, i),
        }
    }
}

/// An object that says nothing but what another of its list says is merged into it.
fn merge_objects(source: &Source<'_>, claims: &[Claim<'_>], decisions: &mut [Decision]) {
    // Objects of lists, in order, each with its standing leaves.
    let mut objects: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut place: HashMap<&str, usize> = HashMap::new();
    for (i, claim) in claims.iter().enumerate() {
        let in_list = claim
            .object
            .rsplit_once('/')
            .is_some_and(|(_, index)| index.bytes().all(|b| b.is_ascii_digit()) && !index.is_empty());
        if !in_list || !decisions.get(i).is_some_and(Decision::stands) {
            continue;
        }
        let at = *place.entry(&claim.object).or_insert_with(|| {
            objects.push((&claim.object, Vec::new()));
            objects.len() - 1
        });
        if let Some((_, members)) = objects.get_mut(at) {
            members.push(i);
        }
    }
    let content = |members: &[usize]| -> Vec<(String, String)> {
        members
            .iter()
            .filter_map(|i| claims.get(*i))
            .map(|c| (c.leaf.pattern.clone(), same_key(source, &c.value)))
            .collect()
    };
    let list = |object: &str| object.rsplit_once('/').map(|(list, _)| list.to_owned());
    let mut gone: Vec<usize> = Vec::new();
    for a in 0..objects.len() {
        for b in 0..objects.len() {
            let (Some((name_a, in_a)), Some((name_b, in_b))) = (objects.get(a), objects.get(b)) else { continue };
            if a == b || gone.contains(&a) || gone.contains(&b) || list(name_a) != list(name_b) {
                continue;
            }
            let (said_a, said_b) = (content(in_a), content(in_b));
            let subset = said_b.iter().all(|x| said_a.contains(x)) && (said_b.len() < said_a.len() || a < b);
            if !subset {
                continue;
            }
            for j in in_b {
                let key = claims.get(*j).map(|c| (c.leaf.pattern.clone(), same_key(source, &c.value)));
                let kept = in_a
                    .iter()
                    .copied()
                    .find(|i| claims.get(*i).map(|c| (c.leaf.pattern.clone(), same_key(source, &c.value))) == key);
                if let Some(kept) = kept {
                    merge(decisions, kept, *j);
                }
            }
            gone.push(b);
        }
    }
}

fn merge(decisions: &mut [Decision], kept: usize, twin: usize) {
    let Some(evidence) = decisions.get_mut(twin).map(|d| {
        d.merged = true;
        std::mem::take(&mut d.evidence)
    }) else {
        return;
    };
    if let Some(d) = decisions.get_mut(kept) {
        d.evidence.extend(evidence);
        if !d.reasons.contains(&Reason::DuplicateMerged) {
            d.reasons.push(Reason::DuplicateMerged);
        }
    }
}
