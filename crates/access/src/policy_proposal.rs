//! A change of the policy that waits for a second administrator.
//!
//! It lies in the policy document itself, and so in the signed keyring: nobody can put it there, or take it away, without
//! an administrator's signature and a line of the log. It is kept by key: a later proposal for a key takes the place of
//! the one before it.

use crate::{Policy, PolicyFault};
use cloister_domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How many administrators a change of the policy takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyApproval {
    /// The one who makes it.
    #[default]
    One,
    /// One who proposes it, and another who approves it.
    Two,
}

/// What one administrator wants changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyProposal {
    /// The key.
    pub key: String,
    /// Its value, as it would be set.
    pub value: String,
    /// Who proposed it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Policy {
    /// The same policy, with a change that waits; the same without, where it would change nothing.
    ///
    /// # Errors
    /// As [`Policy::set`]: what could not be set is not proposed.
    pub fn with_proposal(&self, proposal: PolicyProposal) -> Result<Self, PolicyFault> {
        let mut changed = self.clone();
        changed.set(&proposal.key, &proposal.value)?;
        let mut waiting = self.clone();
        if changed != waiting {
            waiting.proposals.retain(|p| p.key != proposal.key);
            waiting.proposals.push(proposal);
        }
        Ok(waiting)
    }

    /// Takes out the proposal of this value for this key, for somebody who decides about it.
    ///
    /// # Errors
    /// [`PolicyFault::NoSuchProposal`] when that is not what waits; [`PolicyFault::OwnProposal`] when they proposed it
    /// themselves.
    pub fn take_proposal(&mut self, key: &str, value: &str, decides: UserId) -> Result<PolicyProposal, PolicyFault> {
        let waits = self.proposals.iter().position(|p| p.key == key && p.value == value);
        let at = waits.ok_or(PolicyFault::NoSuchProposal)?;
        if self.proposals.get(at).is_some_and(|p| p.by == decides) {
            return Err(PolicyFault::OwnProposal);
        }
        Ok(self.proposals.remove(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_for_each_key_and_only_another_decides_about_what_they_saw() {
        let (ada, ben): (UserId, UserId) =
            ("usr-01JMC2XJ3N8V9B6Q4W7E5T0Y1A".parse().unwrap(), "usr-01JMC2XJ3N8V9B6Q4W7E5T0Y1B".parse().unwrap());
        let wish = |value: &str, by| PolicyProposal {
            key: "session_timeout_minutes".to_owned(),
            value: value.to_owned(),
            by,
            at: Timestamp::from_millis(0),
        };
        let policy = Policy { policy_approval: PolicyApproval::Two, ..Policy::default() };
        assert_eq!(policy.with_proposal(wish("15", ada)).unwrap(), policy, "it is 15 already");
        assert!(policy.with_proposal(wish("99", ada)).is_err(), "what cannot be set is not proposed");
        let waiting = policy.with_proposal(wish("20", ada)).unwrap().with_proposal(wish("25", ben)).unwrap();
        assert_eq!((waiting.proposals.len(), waiting.session_timeout_minutes), (1, 15));
        let mut decided = waiting.clone();
        let take = |policy: &mut Policy, value: &str, by| policy.take_proposal("session_timeout_minutes", value, by);
        assert_eq!(take(&mut decided, "20", ada), Err(PolicyFault::NoSuchProposal), "that is gone");
        assert_eq!(take(&mut decided, "25", ben), Err(PolicyFault::OwnProposal));
        assert_eq!(take(&mut decided, "25", ada).unwrap().value, "25");
        assert!(decided.proposals.is_empty());
        assert_eq!(Policy::from_document(&waiting.to_document().unwrap()).unwrap(), waiting);
    }
}
