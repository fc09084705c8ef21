//! A build that WebDriver can drive, for the walk through the window: `--features driven`. WebDriver reaches a window
//! over loopback, and WebKit lets only its persistent context be driven. In the build that ships nothing here can be
//! turned on, by no argument and no variable.

use cloister_app::{SealOptions, Sockets};

/// Whether this build can be driven.
pub(crate) const DRIVEN: bool = cfg!(feature = "driven");

/// How the window is sealed. A build that can be driven says of itself that it is not.
pub(crate) fn seal_options() -> SealOptions {
    let mut options = SealOptions::face();
    if DRIVEN {
        options.sockets = Sockets::UnixAndInet;
    }
    options
}
