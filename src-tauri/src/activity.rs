//! Input to the native window puts off the auto-logoff. The page is not asked: what it says of itself proves
//! nothing about a person at the workstation.

use crate::call::{self, AppState};
use gtk::gdk::EventType;
use gtk::glib::Propagation;
use gtk::prelude::WidgetExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::{Manager, WebviewWindow};

/// However fast somebody types, the app hears of it once in this while.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Counts keys, buttons, scrolling, touch and pointer movement over the window's page.
///
/// # Errors
/// When the page's native widget cannot be reached.
pub(crate) fn count(window: &WebviewWindow) -> tauri::Result<()> {
    let app = Arc::clone(&window.state::<AppState>());
    window.with_webview(move |webview| {
        let resting = Arc::new(AtomicBool::new(false));
        webview.inner().connect_event(move |_, event| {
            if is_input(event.event_type()) && !resting.swap(true, Ordering::Relaxed) {
                let (app, resting) = (Arc::clone(&app), Arc::clone(&resting));
                tauri::async_runtime::spawn_blocking(move || {
                    call::touch(&app);
                    std::thread::sleep(AT_MOST_EVERY);
                    resting.store(false, Ordering::Relaxed);
                });
            }
            Propagation::Proceed
        });
    })
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
