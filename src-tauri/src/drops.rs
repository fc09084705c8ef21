//! Files that are dropped on the window. They come to Rust: the page learns that something was dropped, and asks for it
//! by the same command that would open the file chooser. It gets neither a path nor a byte, as with the chooser.

use gtk::gdk::{DragAction, DragContext};
use gtk::glib::{self, object::ObjectExt};
use gtk::prelude::{WidgetExt, WidgetExtManual};
use gtk::{DestDefaults, TargetEntry, TargetFlags};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::WebviewWindow;

/// The list of files that a desktop hands over (RFC 2483, text/uri-list).
const FILES: &str = "text/uri-list";
/// A drop that no screen asks for so long was meant for none.
const WAITS: Duration = Duration::from_secs(5);

/// The file that was dropped last, until it is asked for.
#[derive(Debug, Default)]
pub(crate) struct Dropped(Mutex<Option<(PathBuf, Instant)>>);

impl Dropped {
    /// The file, if one was dropped just now that is of this kind: a folder for `folder`, a file for any other. It is
    /// given once.
    pub(crate) fn take(&self, kind: &str) -> Option<PathBuf> {
        let (path, at) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        (at.elapsed() < WAITS && path.is_dir() == (kind == "folder")).then_some(path)
    }

    fn put(&self, path: PathBuf) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((path, Instant::now()));
    }
}

/// Takes drops from the page's widget.
///
/// # Errors
/// When the widget cannot be reached.
pub(crate) fn take_over(window: &WebviewWindow, dropped: Arc<Dropped>) -> tauri::Result<()> {
    let page = window.clone();
    window.with_webview(move |webview| {
        let widget = webview.inner();
        let files = [TargetEntry::new(FILES, TargetFlags::OTHER_APP, 0)];
        widget.drag_dest_set(DestDefaults::empty(), &files, DragAction::COPY);
        // WebKit's own handlers come after these and are not asked when these answer.
        widget.connect_drag_motion(|_, drag, _, _, time| {
            drag.drag_status(if has_files(drag) { DragAction::COPY } else { DragAction::empty() }, time);
            true
        });
        widget.connect_drag_drop(|widget, drag, _, _, time| {
            match drag.list_targets().into_iter().find(|target| target.name() == FILES) {
                Some(files) => widget.drag_get_data(drag, &files, time),
                None => drag.drop_finish(false, time),
            }
            true
        });
        widget.connect_drag_data_received(move |widget, drag, _, _, data, _, time| {
            widget.stop_signal_emission_by_name("drag-data-received");
            let paths: Vec<PathBuf> = data.uris().iter().filter_map(|uri| path_of(uri)).collect();
            drag.drop_finish(!paths.is_empty(), time);
            let kind = match paths.as_slice() {
                [] => return,
                [one] if one.is_dir() => "folder",
                [_] => "file",
                _ => "several",
            };
            if let ([one], true) = (paths.as_slice(), kind != "several") {
                dropped.put(one.clone());
            }
            let told = format!("window.dispatchEvent(new CustomEvent('cloister-drop', {{ detail: '{kind}' }}))");
            let _ = page.eval(told);
        });
    })
}

fn has_files(drag: &DragContext) -> bool {
    drag.list_targets().iter().any(|target| target.name() == FILES)
}

/// The file of a URI, if it is one of this machine.
fn path_of(uri: &str) -> Option<PathBuf> {
    let (path, host) = glib::filename_from_uri(uri).ok()?;
    host.is_none_or(|host| host.is_empty() || host == "localhost").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_is_given_once_and_to_who_asks_for_its_kind() {
        let dropped = Dropped::default();
        let (file, folder) = (PathBuf::from("/proc/version"), PathBuf::from("/proc"));
        assert_eq!(dropped.take("audio"), None);
        dropped.put(file.clone());
        assert_eq!(dropped.take("audio"), Some(file.clone()));
        assert_eq!(dropped.take("audio"), None);
        dropped.put(file);
        assert_eq!(dropped.take("folder"), None);
        dropped.put(folder.clone());
        assert_eq!(dropped.take("folder"), Some(folder));
        *dropped.0.lock().unwrap() = Instant::now().checked_sub(WAITS).map(|then| (PathBuf::from("/proc"), then));
        assert_eq!(dropped.take("folder"), None, "it has lain too long");
    }

    #[test]
    fn only_files_of_this_machine_are_files() {
        assert_eq!(path_of("file:///tmp/a%20b.flac"), Some(PathBuf::from("/tmp/a b.flac")));
        assert_eq!(path_of("file://localhost/tmp/a"), Some(PathBuf::from("/tmp/a")));
        for other in ["https://example.org/a", "file://example.org/a", "a", "javascript:alert(1)"] {
            assert_eq!(path_of(other), None, "{other}");
        }
    }
}
