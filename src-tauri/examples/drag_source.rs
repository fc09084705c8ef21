//! For tests: a small window from which a file can be dragged, as from a desktop's file list.
//!
//! ```text
//! drag_source FILE X Y      at this place of the screen, until it is ended
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a program of the tests")]

use gtk::gdk::{DragAction, ModifierType};
use gtk::prelude::*;
use gtk::{TargetEntry, TargetFlags, Window, WindowType};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, file, x, y] = args.as_slice() else { panic!("drag_source FILE X Y") };
    gtk::init().expect("a display");
    let uri = gtk::glib::filename_to_uri(file, None).expect("an absolute path");
    // Without a window manager, where it is put is where it stays.
    let window = Window::new(WindowType::Popup);
    window.set_title("drag source");
    window.set_default_size(60, 60);
    window.move_(x.parse().unwrap(), y.parse().unwrap());
    let area = gtk::EventBox::new();
    area.drag_source_set(
        ModifierType::BUTTON1_MASK,
        &[TargetEntry::new("text/uri-list", TargetFlags::OTHER_APP, 0)],
        DragAction::COPY,
    );
    area.connect_drag_data_get(move |_, _, data, _, _| {
        data.set_uris(&[uri.as_str()]);
    });
    window.add(&area);
    window.show_all();
    gtk::main();
}
