//! The window: starts the app, answers the page's one command, and keeps the page where it belongs. No logic.

mod activity;
mod backend;
mod call;
mod chooser;
mod clipboard;
mod driven;
mod drops;
mod guard;
mod logind;
mod painting;
mod window;
mod zoom;

use backend::Backend;
use clap::Parser;
use cloister_app::{DirectoryBroker, Paths};
use drops::Dropped;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::RunEvent;

/// Cloister's window.
#[derive(Debug, Parser)]
#[command(name = "cloister-desktop", version)]
struct Args {
    /// The data folder, with the vault in it [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "CLOISTER_DATA")]
    data: Option<PathBuf>,
    /// The folder of model files [default: /var/lib/cloister/models, or the checkout's models/weights]
    #[arg(long, value_name = "DIR", env = "CLOISTER_MODELS")]
    models: Option<PathBuf>,
}

/// Shows the window until it is closed.
///
/// # Errors
/// When the toolkit cannot open it.
pub fn run() -> anyhow::Result<()> {
    cloister_app::quiet_panics();
    let args = Args::parse();
    let paths = Paths::resolve(args.data, args.models);
    painting::settle();
    // What a sealed process starts can reach no network, so the one program that may is started first.
    let directory = DirectoryBroker::start(&paths, false);
    // Before the toolkit starts the page's processes, which inherit it, and before the first thread.
    let seal = cloister_app::seal(driven::seal_options());
    cloister_app::keep_operational_log(&paths.data);
    let backend = Arc::new(Backend::new(paths, seal, directory));
    let closing = Arc::clone(&backend);
    let dropped = Arc::new(Dropped::default());
    tauri::Builder::default()
        .plugin(guard::only_our_pages())
        .manage(Arc::clone(&backend))
        .manage(Arc::clone(&dropped))
        .invoke_handler(tauri::generate_handler![call::call])
        .setup(move |tauri| {
            let window = window::open(tauri)?;
            activity::count(&window, &backend)?;
            drops::take_over(&window, dropped)?;
            clipboard::forget_in_time();
            logind::follow(Arc::clone(&backend));
            activity::end_timed_out_sessions(backend);
            Ok(())
        })
        .build(tauri::generate_context!())?
        .run(move |_, event| {
            if matches!(event, RunEvent::Exit) {
                closing.sign_out();
            }
        });
    Ok(())
}
