//! The machine goes to sleep, or its screen is locked: then nobody is at the window any more.
//!
//! logind tells so on the system bus, over an AF_UNIX socket: `PrepareForSleep` of its manager, and of the session either
//! the signal `Lock` or the property `LockedHint`, which desktops set that lock their screen by themselves
//! (org.freedesktop.login1(5)). A delay inhibitor holds sleep back, for the second at most that dropping keys takes.
//! Where there is no bus or no logind, the time-out is what ends a session.

use crate::backend::Backend;
use cloister_app::LockReason;
use gtk::gio::{self, BusType, Cancellable, DBusCallFlags, DBusConnection, DBusSignalFlags, UnixFDList};
use gtk::glib::{MainContext, Variant, VariantTy, variant::ToVariant};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const ROOT: &str = "/org/freedesktop/login1";
const NO_CANCEL: Option<&Cancellable> = None;
/// So long logind may take to answer.
const PATIENCE_MS: i32 = 2_000;

/// Follows logind from now on. To be called on the main thread; answers come there, too.
pub(crate) fn follow(backend: Arc<Backend>) {
    gio::bus_get(BusType::System, NO_CANCEL, move |bus| {
        if let Ok(bus) = bus {
            Follower { backend, session: own_session(&bus), awake: Rc::default() }.subscribe(&bus);
        }
    });
}

struct Follower {
    backend: Arc<Backend>,
    /// The path of this program's own session; unknown, any session's lock counts.
    session: Option<String>,
    /// Holds sleep back while it lives: its descriptor is closed with it.
    awake: Rc<RefCell<Option<UnixFDList>>>,
}

impl Follower {
    fn subscribe(self, bus: &DBusConnection) {
        *self.awake.borrow_mut() = hold_sleep_back(bus);
        let (backend, awake) = (Arc::clone(&self.backend), Rc::clone(&self.awake));
        // Whoever asks for the bus shares one connection, which is closed when nobody holds it: this closure does, for
        // as long as the program runs.
        let open = bus.clone();
        on(bus, MANAGER, "PrepareForSleep", None, move |bus, _, parameters| {
            let _ = &open;
            if begins(parameters) {
                // Released once the keys are gone.
                let held = awake.borrow_mut().take();
                lock(&backend, LockReason::Suspend, held);
            } else {
                *awake.borrow_mut() = hold_sleep_back(bus);
            }
        });
        let (backend, own) = (Arc::clone(&self.backend), self.session.clone());
        on(bus, SESSION, "Lock", None, move |_, path, _| {
            if is_own(own.as_deref(), path) {
                lock(&backend, LockReason::ScreenLock, None);
            }
        });
        let (backend, own) = (self.backend, self.session);
        on(bus, "org.freedesktop.DBus.Properties", "PropertiesChanged", Some(SESSION), move |_, path, parameters| {
            if is_own(own.as_deref(), path) && says_locked(parameters) {
                lock(&backend, LockReason::ScreenLock, None);
            }
        });
    }
}

fn on(
    bus: &DBusConnection,
    interface: &str,
    member: &str,
    about: Option<&str>,
    heard: impl Fn(&DBusConnection, &str, &Variant) + 'static,
) {
    bus.signal_subscribe(
        Some(LOGIND),
        Some(interface),
        Some(member),
        None,
        about,
        DBusSignalFlags::NONE,
        move |bus, _, path, _, _, parameters| heard(bus, path, parameters),
    );
}

/// Ends the session away from the main thread, for the log's line waits for the disk; then lets go of what held sleep
/// back.
fn lock(backend: &Arc<Backend>, why: LockReason, held: Option<UnixFDList>) {
    let backend = Arc::clone(backend);
    MainContext::default().spawn_local(async move {
        // The session has ended even where its line cannot be written.
        let _ = gio::spawn_blocking(move || backend.started().map(|app| app.lock(why))).await;
        drop(held);
    });
}

fn call(bus: &DBusConnection, path: &str, interface: &str, method: &str, parameters: &Variant) -> Option<Variant> {
    let flags = DBusCallFlags::NONE;
    let answer = bus.call_sync(
        Some(LOGIND),
        path,
        interface,
        method,
        Some(parameters),
        None::<&VariantTy>,
        flags,
        PATIENCE_MS,
        NO_CANCEL,
    );
    answer.ok()
}

/// The session that this program belongs to, or the one that its user sees: a desktop starts programs outside of it.
fn own_session(bus: &DBusConnection) -> Option<String> {
    let by_process = call(bus, ROOT, MANAGER, "GetSessionByPID", &(std::process::id(),).to_variant());
    let path = by_process.or_else(|| {
        let asked = (SESSION, "Id").to_variant();
        let id = call(bus, "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties", "Get", &asked)?;
        let id: String = id.child_value(0).as_variant()?.get()?;
        call(bus, ROOT, MANAGER, "GetSession", &(id,).to_variant())
    })?;
    path.child_value(0).str().map(str::to_owned)
}

fn hold_sleep_back(bus: &DBusConnection) -> Option<UnixFDList> {
    let asked = ("sleep", "Cloister", "drops its keys before the machine sleeps", "delay").to_variant();
    let flags = DBusCallFlags::NONE;
    let (_, held) = bus
        .call_with_unix_fd_list_sync(
            Some(LOGIND),
            ROOT,
            MANAGER,
            "Inhibit",
            Some(&asked),
            None::<&VariantTy>,
            flags,
            PATIENCE_MS,
            None::<&UnixFDList>,
            NO_CANCEL,
        )
        .ok()?;
    Some(held)
}

fn is_own(own: Option<&str>, path: &str) -> bool {
    own.is_none_or(|own| own == path)
}

/// `PrepareForSleep(b)`: before sleep it says true, after it false.
fn begins(parameters: &Variant) -> bool {
    parameters.try_child_value(0).and_then(|v| v.get::<bool>()).unwrap_or(false)
}

/// `PropertiesChanged(sa{sv}as)` with `LockedHint` true.
fn says_locked(parameters: &Variant) -> bool {
    let Some(changed) = parameters.try_child_value(1) else { return false };
    changed.iter().any(|entry| {
        let named = entry.try_child_value(0).is_some_and(|key| key.str() == Some("LockedHint"));
        named && entry.try_child_value(1).and_then(|v| v.as_variant()?.get::<bool>()) == Some(true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn sleep_begins_and_ends() {
        assert!(begins(&(true,).to_variant()));
        assert!(!begins(&(false,).to_variant()));
        assert!(!begins(&("true",).to_variant()) && !begins(&().to_variant()));
    }

    #[test]
    fn a_screen_is_locked_when_the_hint_says_so_and_not_when_it_says_no_more() {
        let changed = |name: &str, value: Variant| {
            (SESSION, HashMap::from([(name.to_owned(), value)]), Vec::<String>::new()).to_variant()
        };
        assert!(says_locked(&changed("LockedHint", true.to_variant())));
        assert!(!says_locked(&changed("LockedHint", false.to_variant())));
        assert!(!says_locked(&changed("IdleHint", true.to_variant())));
        assert!(!says_locked(&("x",).to_variant()));
    }

    #[test]
    fn another_persons_screen_is_not_ours() {
        assert!(is_own(Some("/org/freedesktop/login1/session/_32"), "/org/freedesktop/login1/session/_32"));
        assert!(!is_own(Some("/org/freedesktop/login1/session/_32"), "/org/freedesktop/login1/session/_33"));
        assert!(is_own(None, "/org/freedesktop/login1/session/_33"), "unknown, any lock counts");
    }
}
