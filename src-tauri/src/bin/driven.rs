//! The same window, open to WebDriver: for tests/desktop alone (src/driven.rs).

fn main() -> anyhow::Result<()> {
    cloister_desktop::run()
}
