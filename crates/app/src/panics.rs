//! A panic may carry what it choked on, so only its place in the source is said.

use crate::{SystemClock, SystemEntropy, operational};
use cloister_domain::{Clock, IncidentId};
use std::{
    cell::Cell,
    io::{Write, stderr},
    panic::{self, Location},
};

thread_local! {
    /// The incident of a panic that nobody has answered for yet.
    static LAST: Cell<Option<IncidentId>> = const { Cell::new(None) };
}

/// From now on a panic in this process tells its place, and neither its message nor a trace: on standard error, and
/// in the operational log if one is kept.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|panic| {
        let incident = IncidentId::fresh(SystemClock.now(), &SystemEntropy).ok();
        let place = place(panic.location());
        operational::panicked(incident, &place);
        LAST.set(incident);
        let _ = writeln!(stderr(), "something went wrong within Cloister ({place})");
    }));
}

/// The incident of the panic that ended this thread's act, once.
pub(crate) fn taken() -> Option<IncidentId> {
    LAST.take()
}

fn place(place: Option<&Location<'_>>) -> String {
    place.map_or_else(|| "place unknown".to_owned(), |p| format!("{}:{}", p.file(), p.line()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_names_the_source_and_nothing_else() {
        let here = Location::caller();
        assert_eq!(place(Some(here)), format!("crates/app/src/panics.rs:{}", here.line()));
        assert_eq!(place(None), "place unknown");
    }
}
