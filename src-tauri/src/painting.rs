//! How WebKitGTK paints and when it collects garbage. It reads both from the environment alone.
//!
//! Without a graphics card it would paint by an OpenGL that Mesa computes: 85 MB more in the page's process, and screens that
//! stand twice as late as when it paints by itself (benches/results/desktop-2026-11-29.md). JavaScriptCore lets
//! garbage grow with the machine's memory, which belongs to the models here. What the environment already says stays.

use crate::driven::DRIVEN;
use gtk::glib;
use std::fs::{self, File};
use std::path::Path;

/// As much memory as JavaScriptCore reckons with, in bytes. It may take more, and then collects more often.
const PAGE_MEMORY: &str = "134217728";

/// To be called before the toolkit starts the page's process, which inherits it.
pub(crate) fn settle() {
    set("JSC_forceRAMSize", PAGE_MEMORY);
    // WebDriver takes a picture with the page's next frame, and a page at rest has one only where pages are composed.
    if !DRIVEN && !has_graphics_card(Path::new("/dev/dri")) {
        set("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    }
}

fn set(name: &str, value: &str) {
    // It fails for names that no environment can hold.
    let _ = glib::setenv(name, value, false);
}

/// Whether there is one that this process may compute pictures with (the kernel's render nodes, DRM).
fn has_graphics_card(devices: &Path) -> bool {
    let Ok(entries) = fs::read_dir(devices) else { return false };
    let mut nodes = entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with("renderD"));
    nodes.any(|node| File::options().read(true).write(true).open(node.path()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::has_graphics_card;
    use std::fs;

    #[test]
    fn a_card_is_one_with_a_render_node() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_graphics_card(&folder.path().join("dri")));
        fs::write(folder.path().join("card0"), "").unwrap();
        assert!(!has_graphics_card(folder.path()));
        fs::write(folder.path().join("renderD128"), "").unwrap();
        assert!(has_graphics_card(folder.path()));
    }
}
