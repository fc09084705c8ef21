//! The native file chooser. It is opened from Rust and answers to Rust: the page never learns a path, and cannot
//! name one. The desktop's list of recently used files learns nothing either: the name of a recording can be the name
//! of a patient.

use gtk::prelude::{FileChooserExt, GtkSettingsExt, NativeDialogExt};
use gtk::{FileChooserAction, FileChooserNative, FileFilter, ResponseType};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use tauri::WebviewWindow;

/// Asks for one file to read; blocks the calling thread until it is answered. `None` when the person thought better
/// of it. For the kind `audio` the endings of recordings are offered, for `folder` folders alone; for any other, every
/// file is.
pub(crate) fn open_file(window: &WebviewWindow, kind: &str) -> Option<PathBuf> {
    let (audio, folder, backup) = (kind == "audio", kind == "folder" || kind == "model_folder", kind == "backup");
    ask(window, move |parent| {
        let (title, action) = match (audio, folder) {
            (true, _) => ("Import a recording", FileChooserAction::Open),
            (_, true) => ("Import a folder", FileChooserAction::SelectFolder),
            _ if backup => ("Open a backup", FileChooserAction::Open),
            _ => ("Open a file", FileChooserAction::Open),
        };
        let dialog = FileChooserNative::new(Some(title), parent, action, Some("Open"), Some("Cancel"));
        if audio {
            dialog.add_filter(recordings());
        }
        dialog
    })
}

/// Asks where to write a file; an existing one is replaced only after a question.
pub(crate) fn save_file(window: &WebviewWindow, suggested: &str) -> Option<PathBuf> {
    let suggested = suggested.to_owned();
    ask(window, move |parent| {
        let dialog =
            FileChooserNative::new(Some("Save as"), parent, FileChooserAction::Save, Some("Save"), Some("Cancel"));
        dialog.set_do_overwrite_confirmation(true);
        dialog.set_current_name(&suggested);
        dialog
    })
}

/// Shows a dialog on the main thread and waits for its answer on this one.
fn ask(
    window: &WebviewWindow,
    dialog: impl FnOnce(Option<&gtk::ApplicationWindow>) -> FileChooserNative + Send + 'static,
) -> Option<PathBuf> {
    let (answer, answered) = channel();
    let parent = window.clone();
    window.run_on_main_thread(move || show(&dialog(parent.gtk_window().ok().as_ref()), answer)).ok()?;
    answered.recv().ok()?
}

fn show(dialog: &FileChooserNative, answer: Sender<Option<PathBuf>>) {
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_recent_files_enabled(false);
    }
    dialog.set_modal(true);
    dialog.set_current_folder(gtk::glib::home_dir());
    // The callback holds the dialog, or it would be dropped, and closed, at the end of this function.
    let held = dialog.clone();
    dialog.connect_response(move |_, response| {
        let file = if response == ResponseType::Accept { held.filename() } else { None };
        held.destroy();
        let _ = answer.send(file);
    });
    dialog.show();
}

/// What the speech engine decodes, by file ending; it looks at the bytes itself.
fn recordings() -> FileFilter {
    let filter = FileFilter::new();
    filter.set_name(Some("Recordings"));
    for ending in ["wav", "mp3", "flac", "m4a", "mp4", "aac", "ogg", "oga", "opus", "webm", "aif", "aiff", "3gp"] {
        filter.add_pattern(&format!("*.{ending}"));
        filter.add_pattern(&format!("*.{}", ending.to_uppercase()));
    }
    filter
}
