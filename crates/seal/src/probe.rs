//! Attempts to get out, each of which works, or fails for another reason, where nothing is sealed. They do no harm
//! where they succeed. `cloister doctor --probe` and the tests run them; nothing else does.

#![allow(unsafe_code, reason = "system calls that no safe crate offers, because no program should make them")]

use crate::Role;
use libc::{c_long, c_void};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::{UnixDatagram, UnixListener, UnixStream},
    process::Command,
    ptr::null,
};

/// One attempt.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// What is tried.
    pub name: &'static str,
    /// Whether a face is kept from it as well.
    pub of_faces: bool,
    /// Whether the directory's broker is kept from it as well.
    pub of_directory: bool,
    attempt: fn() -> io::Result<()>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The kernel refused it.
    Refused,
    /// It worked.
    Through,
    /// It failed for a reason that is no refusal (the error number): the seal did not stop it.
    Failed(i32),
}

impl Probe {
    /// Tries it, from within this process.
    #[must_use]
    pub fn run(&self) -> Outcome {
        match (self.attempt)() {
            Ok(()) => Outcome::Through,
            Err(e) => match e.raw_os_error() {
                Some(libc::EPERM | libc::EACCES | libc::ENOSYS) => Outcome::Refused,
                other => Outcome::Failed(other.unwrap_or(0)),
            },
        }
    }
}

/// What a process of this role must be kept from.
pub fn of(role: Role) -> impl Iterator<Item = &'static Probe> {
    PROBES.iter().filter(move |p| match role {
        Role::Engine => true,
        Role::Face => p.of_faces,
        Role::Directory => p.of_directory,
    })
}

const fn both(name: &'static str, attempt: fn() -> io::Result<()>) -> Probe {
    Probe { name, of_faces: true, of_directory: true, attempt }
}

/// What the directory's broker is there for, to another port than its own.
const fn but_directory(name: &'static str, of_faces: bool, attempt: fn() -> io::Result<()>) -> Probe {
    Probe { name, of_faces, of_directory: false, attempt }
}

const fn engine(name: &'static str, attempt: fn() -> io::Result<()>) -> Probe {
    Probe { name, of_faces: false, of_directory: true, attempt }
}

const PROBES: &[Probe] = &[
    // The network.
    but_directory("TCP over IPv4", true, || TcpStream::connect("127.0.0.1:9").map(drop)),
    but_directory("TCP over IPv6", true, || {
        raw(libc::SYS_socket, [libc::AF_INET6.into(), libc::SOCK_STREAM.into(), 0, 0, 0])
    }),
    both("listening on a port", || TcpListener::bind("127.0.0.1:0").map(drop)),
    both("a stream of another protocol", || {
        raw(libc::SYS_socket, [libc::AF_INET.into(), libc::SOCK_STREAM.into(), libc::IPPROTO_MPTCP.into(), 0, 0])
    }),
    both("UDP", || UdpSocket::bind("127.0.0.1:0").map(drop)),
    both("raw packets", || raw(libc::SYS_socket, [libc::AF_PACKET.into(), libc::SOCK_RAW.into(), 0, 0, 0])),
    both("netlink", || raw(libc::SYS_socket, [libc::AF_NETLINK.into(), libc::SOCK_RAW.into(), 0, 0, 0])),
    both("a socket to the hypervisor", || raw(libc::SYS_socket, [libc::AF_VSOCK.into(), 1, 0, 0, 0])),
    both("bluetooth", || raw(libc::SYS_socket, [libc::AF_BLUETOOTH.into(), 1, 0, 0, 0])),
    engine("a UNIX socket", || UnixDatagram::unbound().map(drop)),
    engine("a pair of UNIX sockets", || UnixStream::pair().map(drop)),
    engine("a UNIX socket with a name", || {
        let path = std::env::temp_dir().join(format!("cloister-probe-{}", std::process::id()));
        UnixListener::bind(&path).map(drop).and_then(|()| fs::remove_file(path))
    }),
    but_directory("connecting what it inherited", false, || raw(libc::SYS_connect, [0; 5])),
    but_directory("sending on what it inherited", false, || raw(libc::SYS_sendto, [0; 5])),
    // Files.
    engine("reading a file", || File::open("/etc/passwd").map(drop)),
    engine("reading its own program", || File::open("/proc/self/exe").map(drop)),
    engine("reading its own memory as a file", || File::open("/proc/self/mem").map(drop)),
    engine("reading its parent's environment", || {
        File::open(format!("/proc/{}/environ", std::os::unix::process::parent_id())).map(drop)
    }),
    engine("opening its input again by name", || File::open("/proc/self/fd/0").map(drop)),
    engine("listing a folder", || fs::read_dir("/").map(drop)),
    engine("making a file", || {
        let path = std::env::temp_dir().join(format!("cloister-probe-{}", std::process::id()));
        OpenOptions::new().create_new(true).write(true).open(&path).map(drop).and_then(|()| fs::remove_file(path))
    }),
    engine("making a folder", || {
        let path = std::env::temp_dir().join(format!("cloister-probe-{}.d", std::process::id()));
        fs::create_dir(&path).and_then(|()| fs::remove_dir(path))
    }),
    engine("removing a file", || fs::remove_file("/nowhere/at/all")),
    engine("renaming a file", || fs::rename("/nowhere/at/all", "/nowhere/else")),
    engine("changing a file's rights", || raw(libc::SYS_fchmod, [-1, 0o600, 0, 0, 0])),
    engine("asking about a file by name", || fs::metadata("/etc/passwd").map(drop)),
    engine("opening by handle", || raw(libc::SYS_open_by_handle_at, [-1, 0, 0, 0, 0])),
    engine("a file in memory", || {
        // SAFETY: the name is a NUL-terminated literal; the call only makes a descriptor.
        let fd = unsafe { libc::memfd_create(c"probe".as_ptr(), 0) };
        if fd < 0 { Err(io::Error::last_os_error()) } else { raw(libc::SYS_close, [fd.into(), 0, 0, 0, 0]) }
    }),
    // Other programs and processes.
    engine("starting a program", || Command::new("/bin/true").status().map(drop)),
    engine("becoming a program", || raw(libc::SYS_execve, [0; 5])),
    engine("becoming a program in memory", || raw(libc::SYS_execveat, [-1, 0, 0, 0, libc::AT_EMPTY_PATH.into()])),
    both("tracing", || raw(libc::SYS_ptrace, [c_long::from(libc::PTRACE_PEEKDATA), -1, 0, 0, 0])),
    both("reading another's memory", || raw(libc::SYS_process_vm_readv, [-1, 0, 0, 0, 0])),
    both("writing another's memory", || raw(libc::SYS_process_vm_writev, [-1, 0, 0, 0, 0])),
    both("taking another's descriptor", || raw(libc::SYS_pidfd_getfd, [-1, 0, 0, 0, 0])),
    engine("a signal to its parent", || raw(libc::SYS_kill, [std::os::unix::process::parent_id().into(), 0, 0, 0, 0])),
    engine("a handle on its parent", || {
        raw(libc::SYS_pidfd_open, [std::os::unix::process::parent_id().into(), 0, 0, 0, 0])
    }),
    engine("changing its parent's limits", || {
        raw(libc::SYS_prlimit64, [std::os::unix::process::parent_id().into(), 99, 0, 0, 0])
    }),
    engine("shared memory by key", || raw(libc::SYS_shmget, [0, 0, 0, 0, 0])),
    engine("a message queue", || raw(libc::SYS_mq_open, [0; 5])),
    // The kernel.
    both("io_uring", || raw(libc::SYS_io_uring_setup, [0; 5])),
    both("bpf", || raw(libc::SYS_bpf, [-1, 0, 0, 0, 0])),
    both("userfaultfd", || raw(libc::SYS_userfaultfd, [-1, 0, 0, 0, 0])),
    both("performance counters", || raw(libc::SYS_perf_event_open, [0; 5])),
    both("the kernel's keys", || raw(libc::SYS_keyctl, [-1, 0, 0, 0, 0])),
    both("loading a module", || raw(libc::SYS_finit_module, [-1, 0, 0, 0, 0])),
    both("a namespace of its own", || raw(libc::SYS_unshare, [libc::CLONE_NEWUSER.into(), 0, 0, 0, 0])),
    both("entering a namespace", || raw(libc::SYS_setns, [-1, 0, 0, 0, 0])),
    both("mounting", || raw(libc::SYS_mount, [0; 5])),
    both("another root folder", || raw(libc::SYS_chroot, [0; 5])),
    engine("becoming another user", || raw(libc::SYS_setresuid, [-1, -1, -1, 0, 0])),
    engine("controlling a device", || raw(libc::SYS_ioctl, [-1, 0, 0, 0, 0])),
    engine("code made at run time", || {
        // SAFETY: a fresh private mapping that nothing refers to.
        let page = unsafe {
            let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
            libc::mmap(std::ptr::null_mut(), 4096, rights, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
    }),
    engine("opening its memory to others", || raw(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0, 0])),
];

/// A system call with numbers for arguments. Where the kernel expects an address it is null or the call has failed on
/// another argument before.
fn raw(call: c_long, args: [c_long; 5]) -> io::Result<()> {
    let [a, b, c, d, e] = args;
    // SAFETY: every argument is a constant of the table above: flags, bad descriptors (-1) and null addresses, which
    // the kernel checks; no call among them reads or writes memory of this process.
    let result = unsafe { libc::syscall(call, a, b, c, d, e, null::<c_void>()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
