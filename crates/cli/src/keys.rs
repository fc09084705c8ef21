//! Single keys, without waiting for the end of a line.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::{
    io::{IsTerminal, Read, stdin},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// Keys as they are pressed. Dropped, the terminal is as it was.
pub(crate) struct Keys {
    pressed: Receiver<u8>,
    before: Option<Termios>,
}

impl Keys {
    /// Listens from now on. What is not a terminal is read all the same: a script can press keys.
    pub(crate) fn listen() -> Self {
        let before = if stdin().is_terminal() { unbuffered() } else { None };
        let (press, pressed) = channel();
        // It ends with the program, or when nobody listens any more.
        thread::spawn(move || {
            for byte in stdin().lock().bytes() {
                let Ok(byte) = byte else { return };
                if press.send(byte).is_err() {
                    return;
                }
            }
        });
        Self { pressed, before }
    }

    /// The next key, waiting at most `wait` for it.
    pub(crate) fn pressed(&self, wait: Duration) -> Option<u8> {
        match self.pressed.recv_timeout(wait) {
            Ok(key) => Some(key),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => None,
            // Nobody can press a key any more.
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
                thread::sleep(wait);
                None
            }
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}

fn unbuffered() -> Option<Termios> {
    let before = tcgetattr(stdin()).ok()?;
    let mut now = before.clone();
    now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Now, &now).ok()?;
    Some(before)
}
