//! The one window, as tauri.conf.json describes it.

use tauri::{App, WebviewWindow, WebviewWindowBuilder};

/// Opens it. The page's engine keeps nothing on disk (`incognito`), except under WebDriver: WebKit lets only its
/// persistent context be driven, and the driver itself says so to its child in this variable.
///
/// # Errors
/// When the configuration names no window, or the toolkit cannot open one.
pub(crate) fn open(app: &App) -> tauri::Result<WebviewWindow> {
    let config = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?;
    let driven = std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some_and(|v| v == "true");
    WebviewWindowBuilder::from_config(app, config)?.incognito(!driven).build()
}
