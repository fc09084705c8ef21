//! `cloister-desktop`: the window.

fn main() -> anyhow::Result<()> {
    cloister_desktop::run()
}
