//! The one command: a name and a payload in, JSON or an error code out, progress on the caller's channel.

use crate::backend::Backend;
use crate::chooser;
use crate::drops::Dropped;
use crate::zoom;
use cloister_app::{
    AppError, Ports,
    dto::{ProgressDto, UiError},
};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};

/// Does one of the app's acts, off the main thread.
///
/// # Errors
/// What the act says; `internal` when it ended without an answer.
#[tauri::command]
pub(crate) async fn call(
    name: String,
    payload: Value,
    channel: Channel<ProgressDto>,
    window: WebviewWindow,
    backend: State<'_, Arc<Backend>>,
    dropped: State<'_, Arc<Dropped>>,
) -> Result<Value, UiError> {
    if name == zoom::NAME {
        return zoom::set(&window, &payload).map_err(|error| error.to_ui());
    }
    let backend = Arc::clone(&backend);
    let ports = WindowPorts { channel, window, dropped: Arc::clone(&dropped) };
    let act = move || backend.app()?.call(&name, payload, &ports);
    tauri::async_runtime::spawn_blocking(act)
        .await
        .unwrap_or(Err(AppError::Internal("an act ended without an answer")))
        .map_err(|error| error.to_ui())
}

/// The app's way back to the window.
struct WindowPorts {
    channel: Channel<ProgressDto>,
    window: WebviewWindow,
    dropped: Arc<Dropped>,
}

impl Ports for WindowPorts {
    /// A page that is gone hears nothing; the work goes on.
    fn progress(&self, progress: ProgressDto) {
        let _ = self.channel.send(progress);
    }

    fn open_file(&self, kind: &str) -> Option<PathBuf> {
        self.dropped.take(kind).or_else(|| chooser::open_file(&self.window, kind))
    }

    fn save_file(&self, suggested: &str) -> Option<PathBuf> {
        chooser::save_file(&self.window, suggested)
    }
}
