//! Who may open what, and who did.

use super::AccountDto;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A colleague with whom visits can be shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColleagueDto {
    /// `usr-…`
    pub id: String,
    /// The sign-in name.
    pub name: String,
}

/// Somebody who was given a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShareDto {
    /// `usr-…`
    pub id: String,
    /// The sign-in name.
    pub name: String,
    /// Whether their role opens visits still and the account is not disabled.
    pub active: bool,
    /// Since when (RFC 3339); shares of the first versions do not say.
    pub since: Option<String>,
    /// Who gave it.
    pub by: Option<String>,
}

/// A visit that was found in an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundVisitDto {
    /// `enc-…`
    pub id: String,
    /// The sign-in name of whose it is.
    pub owner: String,
    /// When it was opened (RFC 3339).
    pub created: String,
    /// `open`, `recorded`, `transcribed`, `draft`, `signed`.
    pub state: String,
}

/// An emergency access, as its reviewers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmergencyDto {
    /// The alert's line, by which it is reviewed.
    #[ts(type = "number")]
    pub seq: u64,
    /// When (RFC 3339).
    pub at: String,
    /// When it ends, or ended.
    pub until: Option<String>,
    /// The sign-in name of who opened it.
    pub by: String,
    /// The reason code that they gave.
    pub reason: String,
    /// The visit's pseudonym in the log.
    pub visit: String,
    /// The patient's pseudonym in the log.
    pub patient: Option<String>,
    /// The visit, for who may open it: its id.
    pub visit_id: Option<String>,
    /// What its list shows.
    pub title: Option<String>,
    /// The sign-in name of whose visit it is.
    pub owner: Option<String>,
    /// When somebody reviewed it.
    pub reviewed: Option<String>,
    /// Who did.
    pub reviewed_by: Option<String>,
    /// `explained`, `followed_up`, `false_alarm`.
    pub review: Option<String>,
}

/// A visit or dataset that more than its owner may open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GivenDto {
    /// `enc-…` or `dst-…`
    pub id: String,
    /// What its list shows.
    pub name: String,
    /// The sign-in name of whose it is.
    pub owner: String,
    /// The sign-in names of those who were given it.
    pub with: Vec<String>,
}

/// A person, as who reviews access sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewedPersonDto {
    /// The account.
    pub account: AccountDto,
    /// Visits of their own; not known to who opens no visits.
    pub visits: Option<u32>,
    /// Visits of others that were shared with them.
    pub shared_visits: Option<u32>,
    /// Datasets of their own; not known to who opens none.
    pub datasets: Option<u32>,
    /// Datasets of others that they were given.
    pub given_datasets: Option<u32>,
    /// Visits that they opened in an emergency within the last month.
    pub emergencies: u32,
}

/// `review_access`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccessReviewDto {
    /// When it was looked up (RFC 3339).
    pub made: String,
    /// Everybody, disabled accounts too.
    pub people: Vec<ReviewedPersonDto>,
    /// Visits that were shared; `None` for who opens no visits.
    pub visits: Option<Vec<GivenDto>>,
    /// Datasets that were given; `None` for who opens none.
    pub datasets: Option<Vec<GivenDto>>,
    /// Emergencies of the last month that nobody reviewed yet.
    pub open_emergencies: u32,
}

/// One change of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyChangeDto {
    /// Its line of the log.
    #[ts(type = "number")]
    pub seq: u64,
    /// When (RFC 3339).
    pub at: String,
    /// The sign-in name of who changed it.
    pub by: String,
    /// The key.
    pub setting: String,
    /// Its value before.
    pub old: String,
    /// Its value from then on.
    pub new: String,
    /// The version of the signed keyring that holds it from then on; lines of the first versions do not say.
    #[ts(type = "number | null")]
    pub keyring_version: Option<u64>,
    /// Who proposed it, where two administrators decide.
    pub proposed_by: Option<String>,
}

/// A change of the policy that waits for a second administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyProposalDto {
    /// The key.
    pub key: String,
    /// Its value in force.
    pub old: String,
    /// The value proposed.
    pub new: String,
    /// The sign-in name of who proposed it.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
    /// Whether that is who asks, and so not who decides.
    pub own: bool,
}
