//! Starting a child that outlives the thread that asked for it.

use std::{
    io,
    process::{Child, Command},
    sync::{
        Mutex, OnceLock, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
};

type Order = (Command, Sender<io::Result<Child>>);

/// Starts `command` from a thread that never ends. The engine asks the kernel to end it with its parent, and to the
/// kernel that is the *thread* that started it (prctl(2), PR_SET_PDEATHSIG): a worker of a pool goes after some
/// seconds without work, and the engine would go with it.
pub(crate) fn spawn_for_good(command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let gone = || io::Error::other("the thread that starts engines is gone");
    let starter = STARTER.get_or_init(|| {
        let (orders, taken) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in taken {
                // Who no longer waits for the answer lets the child go, and dropping its pipes ends it.
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let (answer, answered) = channel();
    starter.lock().unwrap_or_else(PoisonError::into_inner).send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::process::CommandExt, time::Duration};

    #[test]
    fn the_child_stays_when_the_thread_that_asked_is_gone() {
        let mut child = thread::spawn(|| {
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL", "sleep", "30"]).process_group(0);
            spawn_for_good(command).unwrap()
        })
        .join()
        .unwrap();
        thread::sleep(Duration::from_millis(300));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(ended.is_none(), "it went with the thread: {ended:?}");
    }
}
