//! Input to the native window puts off the auto-logoff, and a clock ends what timed out. The page is asked for
//! neither: what it says of itself proves nothing about a person at the workstation.

use crate::backend::Backend;
use gtk::gdk::EventType;
use gtk::glib::Propagation;
use gtk::prelude::WidgetExt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tauri::WebviewWindow;

/// Counts keys, buttons, scrolling, touch and pointer movement over the window's page.
///
/// # Errors
/// When the page's native widget cannot be reached.
pub(crate) fn count(window: &WebviewWindow, backend: &Arc<Backend>) -> tauri::Result<()> {
    let backend = Arc::clone(backend);
    window.with_webview(move |webview| {
        webview.inner().connect_event(move |_, event| {
            if is_input(event.event_type())
                && let Some(app) = backend.started()
            {
                app.input();
            }
            Propagation::Proceed
        });
    })
}

/// Ends a session within a second of its time, whether or not the page asks for anything.
pub(crate) fn end_timed_out_sessions(backend: Arc<Backend>) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            if let Some(app) = backend.started() {
                // The session has ended even where its line cannot be written; the next act will be refused then.
                let _ = app.end_if_timed_out();
            }
        }
    });
}

const fn is_input(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::KeyPress
            | EventType::ButtonPress
            | EventType::Scroll
            | EventType::TouchBegin
            | EventType::TouchUpdate
            | EventType::MotionNotify
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_counts_and_the_window_system_does_not() {
        assert!(is_input(EventType::KeyPress) && is_input(EventType::ButtonPress) && is_input(EventType::MotionNotify));
        assert!(!is_input(EventType::Expose) && !is_input(EventType::FocusChange) && !is_input(EventType::Configure));
    }
}
