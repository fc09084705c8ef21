//! The window: starts the app, answers the page's one command, and keeps the page where it belongs. No logic.

mod activity;
mod backend;
mod call;
mod chooser;
mod guard;
mod window;

use clap::Parser;
use std::path::PathBuf;
use std::sync::Arc;

/// Cloister's window.
#[derive(Debug, Parser)]
#[command(name = "cloister-desktop", version)]
struct Args {
    /// The data folder, with the vault in it [default: the platform's data folder].
    #[arg(long, value_name = "DIR", env = "CLOISTER_DATA")]
    data: Option<PathBuf>,
    /// The folder of model files [default: the packaged one, else the checkout's models/weights].
    #[arg(long, value_name = "DIR", env = "CLOISTER_MODELS")]
    models: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let _args = Args::parse();
    let app = Arc::new(backend::App);
    tauri::Builder::default()
        .plugin(guard::only_our_pages())
        .manage(app)
        .invoke_handler(tauri::generate_handler![call::call])
        .setup(|tauri| {
            activity::count(&window::open(tauri)?)?;
            Ok(())
        })
        .run(tauri::generate_context!())?;
    Ok(())
}
