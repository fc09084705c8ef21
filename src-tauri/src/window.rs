//! The one window, as tauri.conf.json describes it.

use crate::driven::DRIVEN;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};

/// Opens it. The page's engine keeps nothing on disk (`incognito`), except in a build for WebDriver.
///
/// # Errors
/// When the configuration names no window, or the toolkit cannot open one.
pub(crate) fn open(app: &App) -> tauri::Result<WebviewWindow> {
    let config = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?;
    WebviewWindowBuilder::from_config(app, config)?.incognito(!DRIVEN).build()
}
