//! What is copied out of the window leaves the clipboard after half a minute. Counted here and not in the page: it holds
//! for every way of copying, and the page could not look at what lies there.
//!
//! Both of the desktop's clipboards are meant: the one for copying, and the one that holds what is selected. What another
//! program took meanwhile, a keeper of clipboards for one, is out of reach.

use gtk::gdk;
use gtk::glib::{ControlFlow, object::ObjectExt, timeout_add_local};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// How long it may stay.
const STAYS: Duration = Duration::from_secs(30);

/// Watches both clipboards from now on. To be called on the main thread.
pub(crate) fn forget_in_time() {
    for selection in [gdk::SELECTION_CLIPBOARD, gdk::SELECTION_PRIMARY] {
        watch(selection);
    }
}

fn watch(selection: gdk::Atom) {
    // Copying again begins the half minute anew.
    let newest = Rc::new(Cell::new(0u64));
    gtk::Clipboard::get(&selection).connect_local("owner-change", false, move |_| {
        let mine = newest.get() + 1;
        newest.set(mine);
        let newest = Rc::clone(&newest);
        if is_ours(&selection) {
            timeout_add_local(STAYS, move || {
                if newest.get() == mine && is_ours(&selection) {
                    gtk::Clipboard::get(&selection).clear();
                }
                ControlFlow::Break
            });
        }
        None
    });
}

/// Whether what lies there comes from this program: windows of others are not known to it.
fn is_ours(selection: &gdk::Atom) -> bool {
    gdk::selection_owner_get(selection).is_some()
}
