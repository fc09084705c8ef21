//! A signed-in person with the stores that their keys open.

use cloister_access::Session;
use cloister_store::Stores;

/// Lives as long as the session, and a running act's hold on it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) session: Session,
    pub(crate) stores: Stores,
}
