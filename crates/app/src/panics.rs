//! A panic may carry what it choked on, so only its place in our own source is said.

use std::{
    io::{Write, stderr},
    panic::{self, Location},
};

/// From now on a panic in this process tells its place, and neither its message nor a trace.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|panic| {
        let _ = writeln!(stderr(), "{}", line(panic.location()));
    }));
}

fn line(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "place unknown".to_owned(), |p| format!("{}:{}", p.file(), p.line()));
    format!("something went wrong within Cloister ({place})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_the_source_and_nothing_else() {
        let here = Location::caller();
        assert_eq!(
            line(Some(here)),
            format!("something went wrong within Cloister (crates/app/src/panics.rs:{})", here.line())
        );
        assert!(line(None).ends_with("(place unknown)"));
    }
}
