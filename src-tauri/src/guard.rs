//! Keeps the window on our own page. A content security policy does not stop a top-level navigation, which is a
//! request to the outside by itself; this does.

use tauri::plugin::{Builder, TauriPlugin};
use tauri::{Runtime, Url};

/// The plugin that lets the page go nowhere but to itself.
pub(crate) fn only_our_pages<R: Runtime>() -> TauriPlugin<R> {
    Builder::new("guard").on_navigation(|_, url| is_ours(url)).build()
}

fn is_ours(url: &Url) -> bool {
    url.scheme() == "tauri" && url.host_str() == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bundled_page_may_be_opened() {
        for ours in ["tauri://localhost", "tauri://localhost/", "tauri://localhost/index.html"] {
            assert!(is_ours(&ours.parse().unwrap()), "{ours}");
        }
        for other in [
            "https://example.org/",
            "http://localhost/",
            "http://tauri.localhost/",
            "tauri://example.org/",
            "tauri://localhost.example.org/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!is_ours(&other.parse().unwrap()), "{other}");
        }
    }
}
