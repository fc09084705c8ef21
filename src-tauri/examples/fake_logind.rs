//! logind as far as the window asks it, on the bus of `DBUS_SYSTEM_BUS_ADDRESS`: for the walk through the window.
//! `cargo run --example fake_logind`; each line of standard input is a signal: `lock`, `hint`, `other` (another session's
//! lock), `sleep`, `wake`. It prints `ready`, and `inhibited` or `released` as somebody holds sleep back.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use gtk::gio::{self, BusNameOwnerFlags, BusType, DBusConnection, DBusNodeInfo, UnixFDList, prelude::*};
use gtk::glib::{self, Variant, variant::ToVariant};
use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::os::unix::net::UnixStream;

const INTERFACE: &str = "<node><interface name='org.freedesktop.login1.Manager'>
  <method name='GetSessionByPID'><arg type='u' direction='in'/><arg type='o' direction='out'/></method>
  <method name='Inhibit'>
    <arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
    <arg type='s' direction='in'/><arg type='h' direction='out'/></method>
  <signal name='PrepareForSleep'><arg type='b'/></signal>
</interface></node>";
const ROOT: &str = "/org/freedesktop/login1";
const OURS: &str = "/org/freedesktop/login1/session/_32";
const OTHERS: &str = "/org/freedesktop/login1/session/_33";
const SESSION: &str = "org.freedesktop.login1.Session";

fn main() {
    gio::bus_own_name(
        BusType::System,
        "org.freedesktop.login1",
        BusNameOwnerFlags::NONE,
        |bus, _| {
            let node = DBusNodeInfo::for_xml(INTERFACE).unwrap();
            let manager = node.lookup_interface("org.freedesktop.login1.Manager").unwrap();
            let answer = |_: DBusConnection,
                          _: &str,
                          _: &str,
                          _: &str,
                          method: &str,
                          _: Variant,
                          call: gio::DBusMethodInvocation| {
                if method == "Inhibit" {
                    let (ours, mut theirs) = UnixStream::pair().unwrap();
                    let list = UnixFDList::new();
                    list.append(ours).unwrap();
                    call.return_value_with_unix_fd_list(Some(&(glib::variant::Handle(0),).to_variant()), Some(&list));
                    println!("inhibited");
                    std::thread::spawn(move || {
                        // The other end is closed by who held it.
                        let _ = theirs.read(&mut [0]);
                        println!("released");
                    });
                } else {
                    let path = glib::variant::ObjectPath::try_from(OURS.to_owned()).unwrap();
                    call.return_value(Some(&(path,).to_variant()));
                }
            };
            bus.register_object(ROOT, &manager, answer, |_, _, _, _, _| ().to_variant(), |_, _, _, _, _, _| false)
                .unwrap();
        },
        |bus, _| {
            println!("ready");
            let bus = bus.clone();
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    say(&bus, &line.unwrap());
                }
                std::process::exit(0);
            });
        },
        |_, _| std::process::exit(2),
    );
    glib::MainLoop::new(None, false).run();
}

fn say(bus: &DBusConnection, what: &str) {
    let emit = |path: &str, interface: &str, signal: &str, parameters: Option<Variant>| {
        bus.emit_signal(None, path, interface, signal, parameters.as_ref()).unwrap();
        bus.flush_sync(None::<&gio::Cancellable>).unwrap();
    };
    match what {
        "lock" => emit(OURS, SESSION, "Lock", None),
        "other" => emit(OTHERS, SESSION, "Lock", None),
        "hint" => {
            let changed = HashMap::from([("LockedHint".to_owned(), true.to_variant())]);
            let parameters = (SESSION, changed, Vec::<String>::new()).to_variant();
            emit(OURS, "org.freedesktop.DBus.Properties", "PropertiesChanged", Some(parameters));
        }
        "sleep" => emit(ROOT, "org.freedesktop.login1.Manager", "PrepareForSleep", Some((true,).to_variant())),
        "wake" => emit(ROOT, "org.freedesktop.login1.Manager", "PrepareForSleep", Some((false,).to_variant())),
        _ => {}
    }
}
