//! The one command: a name and a payload in, JSON or an error code out, progress on the caller's channel.

use crate::backend::{App, Ports, ProgressDto, UiError};
use crate::chooser;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};

/// What Tauri keeps for us.
pub(crate) type AppState = Arc<App>;

/// Runs one of the app's commands off the main thread.
///
/// # Errors
/// What the command says; `internal` when it ended without an answer.
#[tauri::command]
pub(crate) async fn call(
    name: String,
    payload: Value,
    channel: Channel<ProgressDto>,
    window: WebviewWindow,
    app: State<'_, AppState>,
) -> Result<Value, UiError> {
    let app = Arc::clone(&app);
    tauri::async_runtime::spawn_blocking(move || app.call(&name, payload, &WindowPorts { channel, window }))
        .await
        .unwrap_or_else(|_| Err(UiError { code: "internal".into(), params: BTreeMap::new(), incident: None }))
}

/// Tells the app that a person is here. Nobody signed in is no fault: there is then nothing to put off.
pub(crate) fn touch(app: &App) {
    let _ = app.call("touch", json!({}), &NoPorts);
}

/// The app's way back to the window.
struct WindowPorts {
    channel: Channel<ProgressDto>,
    window: WebviewWindow,
}

impl Ports for WindowPorts {
    /// A page that is gone hears nothing; the work goes on.
    fn progress(&self, progress: ProgressDto) {
        let _ = self.channel.send(progress);
    }

    fn pick_file(&self, kind: &str) -> Option<PathBuf> {
        chooser::open_file(&self.window, kind)
    }
}

/// For calls that no page made.
struct NoPorts;

impl Ports for NoPorts {
    fn progress(&self, _: ProgressDto) {}

    fn pick_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
}
