//! The native file chooser. It is opened from Rust and answers to Rust: the page never learns a path, and cannot
//! name one.

use gtk::prelude::{FileChooserExt, NativeDialogExt};
use gtk::{FileChooserAction, FileChooserNative, FileFilter, ResponseType};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use tauri::WebviewWindow;

/// Asks for one file to open; blocks the calling thread until it is answered. `None` when the person thought
/// better of it. `kind` is what the app wants: `audio` is offered by its endings, anything else is any file.
pub(crate) fn open_file(window: &WebviewWindow, kind: &str) -> Option<PathBuf> {
    let (answer, answered) = channel();
    let parent = window.clone();
    let audio = kind == "audio";
    window.run_on_main_thread(move || show(&parent, audio, answer)).ok()?;
    answered.recv().ok()?
}

fn show(window: &WebviewWindow, audio: bool, answer: Sender<Option<PathBuf>>) {
    let title = if audio { "Import a recording" } else { "Open a file" };
    let parent = window.gtk_window().ok();
    let dialog =
        FileChooserNative::new(Some(title), parent.as_ref(), FileChooserAction::Open, Some("Open"), Some("Cancel"));
    dialog.set_modal(true);
    if audio {
        dialog.add_filter(audio_files());
    }
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
fn audio_files() -> FileFilter {
    let filter = FileFilter::new();
    filter.set_name(Some("Recordings"));
    for ending in ["wav", "mp3", "flac", "m4a", "mp4", "aac", "ogg", "oga"] {
        filter.add_pattern(&format!("*.{ending}"));
        filter.add_pattern(&format!("*.{}", ending.to_uppercase()));
    }
    filter
}
