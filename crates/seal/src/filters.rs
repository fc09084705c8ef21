//! seccomp: which system calls a process may make.
//!
//! A refused call returns EPERM and the program goes on, so that a library that only tries something keeps working;
//! a call of another ABI ends the process, because nothing of ours makes one.

use crate::{Role, Sockets};
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter_all_threads, sock_filter,
};
use std::{collections::BTreeMap, io};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

#[cfg(target_arch = "x86_64")]
const ARCH: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCH: TargetArch = TargetArch::aarch64;

/// Puts the filters of a role on every thread of this process. Three each: the calls as such, the calls that must
/// look as if the kernel did not have them, and the other ABIs.
pub(crate) fn put_on(role: Role, sockets: Sockets, accelerator: bool) -> io::Result<()> {
    let main = match role {
        Role::Engine => compile(engine(accelerator)?, SeccompAction::Errno(EPERM), SeccompAction::Allow)?,
        Role::Directory => compile(directory()?, SeccompAction::Errno(EPERM), SeccompAction::Allow)?,
        Role::Face => compile(face(sockets)?, SeccompAction::Allow, SeccompAction::Errno(EPERM))?,
    };
    let absent = compile(absent(role), SeccompAction::Allow, SeccompAction::Errno(ENOSYS))?;
    // The engine's list takes `seccomp` itself away, so it comes last.
    for program in [foreign(), absent, main] {
        apply_filter_all_threads(&program).map_err(io::Error::other)?;
    }
    Ok(())
}

const EPERM: u32 = libc::EPERM.unsigned_abs();
const ENOSYS: u32 = libc::ENOSYS.unsigned_abs();

fn compile(rules: Rules, otherwise: SeccompAction, on_match: SeccompAction) -> io::Result<BpfProgram> {
    let filter = SeccompFilter::new(rules, otherwise, on_match, ARCH).map_err(io::Error::other)?;
    BpfProgram::try_from(filter).map_err(io::Error::other)
}

/// Calls whose absence libraries handle: they then take an older way whose arguments a filter can see (`clone3` keeps
/// its flags behind a pointer).
fn absent(role: Role) -> Rules {
    let mut rules = whole(&[libc::SYS_clone3]);
    if role != Role::Face {
        rules.extend(whole(&[libc::SYS_statx]));
    }
    rules
}

/// See [`crate::give_up_processes`].
pub(crate) fn give_up_processes() -> io::Result<()> {
    let calls = [libc::SYS_clone, libc::SYS_kill, libc::SYS_wait4, libc::SYS_pipe2, libc::SYS_seccomp];
    let filter = compile(whole(&calls), SeccompAction::Allow, SeccompAction::Errno(EPERM))?;
    apply_filter_all_threads(&filter).map_err(io::Error::other)
}

/// x32: the same processor mode and numbers of its own above 2^30 (seccomp(2), NOTES). The compiled filters end a
/// process that calls by another architecture; this one refuses the numbers they do not know.
fn foreign() -> BpfProgram {
    const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const GREATER_OR_EQUAL: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K
    vec![
        sock_filter { code: LOAD, jt: 0, jf: 0, k: 0 }, // seccomp_data.nr
        sock_filter { code: GREATER_OR_EQUAL, jt: 0, jf: 1, k: 0x4000_0000 },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: libc::SECCOMP_RET_KILL_PROCESS },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW },
    ]
}

fn whole(calls: &[c_long]) -> Rules {
    calls.iter().map(|&call| (call, Vec::new())).collect()
}

/// One condition on one argument.
fn when(arg: u8, op: SeccompCmpOp, value: u64) -> io::Result<SeccompRule> {
    let len = SeccompCmpArgLen::Dword;
    let condition = SeccompCondition::new(arg, len, op, value).map_err(io::Error::other)?;
    SeccompRule::new(vec![condition]).map_err(io::Error::other)
}

/// What the engine may call. Anything else is refused: opening, sockets, processes, exec, ioctl, signals to others.
/// An accelerator is driven by ioctl on what was opened before.
fn engine(accelerator: bool) -> io::Result<Rules> {
    let mut rules = computing()?;
    if accelerator {
        rules.extend(whole(&[libc::SYS_ioctl]));
    }
    // Threads, not processes.
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpOp::MaskedEq(thread), thread)?]);
    let asking = [libc::F_GETFD, libc::F_GETFL].map(|n| when(1, SeccompCmpOp::Eq, u64::from(n.unsigned_abs())));
    rules.insert(libc::SYS_fcntl, asking.into_iter().collect::<io::Result<_>>()?);
    Ok(rules)
}

/// What the directory's broker may call, and the processes that it forks: what the engine may but threads, TCP
/// connections outwards, forking, and ending what it forked.
fn directory() -> io::Result<Rules> {
    let mut rules = computing()?;
    rules.extend(whole(&[
        // A connection that was made.
        libc::SYS_connect,
        libc::SYS_getsockopt,
        libc::SYS_setsockopt,
        libc::SYS_getpeername,
        libc::SYS_getsockname,
        libc::SYS_recvfrom,
        libc::SYS_shutdown,
        // Waiting for it.
        libc::SYS_epoll_create1,
        libc::SYS_epoll_ctl,
        libc::SYS_epoll_pwait,
        libc::SYS_eventfd2,
        // A process for each question, and a pipe from it.
        libc::SYS_pipe2,
        libc::SYS_wait4,
        // Further filters.
        libc::SYS_seccomp,
    ]));
    #[cfg(target_arch = "x86_64")]
    rules.extend(whole(&[libc::SYS_epoll_wait]));
    let number = |n: libc::c_int| u64::from(n.unsigned_abs());
    let eq = |arg, n| {
        SeccompCondition::new(arg, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number(n)).map_err(io::Error::other)
    };
    // TCP and no other protocol of streams: Landlock knows no ports of MPTCP and SCTP.
    let mut sockets = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        for protocol in [0, libc::IPPROTO_TCP] {
            let kind = SeccompCmpOp::MaskedEq(u64::from(u32::MAX) ^ number(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK));
            let stream = SeccompCondition::new(1, SeccompCmpArgLen::Dword, kind, number(libc::SOCK_STREAM));
            let conditions = vec![eq(0, family)?, stream.map_err(io::Error::other)?, eq(2, protocol)?];
            sockets.push(SeccompRule::new(conditions).map_err(io::Error::other)?);
        }
    }
    rules.insert(libc::SYS_socket, sockets);
    // No address with it: TCP Fast Open would connect past Landlock.
    let null = SeccompCondition::new(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0).map_err(io::Error::other)?;
    rules.insert(libc::SYS_sendto, vec![SeccompRule::new(vec![null]).map_err(io::Error::other)?]);
    // A fork as the C library makes it: no thread, no namespace.
    let fork = libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID | libc::SIGCHLD;
    rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpOp::Eq, number(fork))?]);
    rules.insert(libc::SYS_kill, vec![when(1, SeccompCmpOp::Eq, number(libc::SIGKILL))?]);
    let handling = [libc::F_GETFD, libc::F_GETFL, libc::F_SETFL, libc::F_DUPFD_CLOEXEC];
    let handling = handling.map(|n| when(1, SeccompCmpOp::Eq, number(n)));
    rules.insert(libc::SYS_fcntl, handling.into_iter().collect::<io::Result<_>>()?);
    rules.insert(libc::SYS_ioctl, vec![when(1, SeccompCmpOp::Eq, libc::FIONBIO)?]);
    // Ending with the broker; and what is said before each further filter.
    if let Some(names) = rules.get_mut(&libc::SYS_prctl) {
        for name in [libc::PR_SET_PDEATHSIG, libc::PR_SET_NO_NEW_PRIVS] {
            names.push(when(0, SeccompCmpOp::Eq, number(name))?);
        }
    }
    Ok(rules)
}

/// Computing, and reading and writing what a process was handed.
fn computing() -> io::Result<Rules> {
    let mut rules = whole(&[
        // What it was handed.
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_ppoll,
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        // Threads.
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_set_robust_list,
        libc::SYS_set_tid_address,
        libc::SYS_rseq,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getcpu,
        libc::SYS_clone3,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // Signals to itself.
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        // Time, randomness, and what machine this is.
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_getrusage,
        libc::SYS_sysinfo,
        libc::SYS_uname,
        // Refused by the filter before, with ENOSYS.
        libc::SYS_statx,
    ]);
    #[cfg(target_arch = "x86_64")]
    rules.extend(whole(&[libc::SYS_poll]));
    let one = |arg, op, value| when(arg, op, value).map(|r| vec![r]);
    // No code is made at run time.
    let exec = u64::from(libc::PROT_EXEC.unsigned_abs());
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, one(2, SeccompCmpOp::MaskedEq(exec), 0)?);
    }
    rules.insert(libc::SYS_tgkill, one(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?);
    // Reading its own limits; a limit is set with a pointer that is not null.
    let null = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0).map_err(io::Error::other)?;
    let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 0).map_err(io::Error::other)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![own, null]).map_err(io::Error::other)?]);
    // Thread names, names of memory areas, which allocators give, and whether memory is closed to others.
    let names = [libc::PR_SET_NAME, libc::PR_SET_VMA, libc::PR_GET_DUMPABLE]
        .map(|n| when(0, SeccompCmpOp::Eq, u64::from(n.unsigned_abs())));
    rules.insert(libc::SYS_prctl, names.into_iter().collect::<io::Result<_>>()?);
    Ok(rules)
}

/// What a face, and the page's processes, may not call.
fn face(sockets: Sockets) -> io::Result<Rules> {
    let mut rules = whole(&[
        // Ways round a filter on system calls.
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        // Other processes.
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_process_madvise,
        libc::SYS_pidfd_getfd,
        libc::SYS_kcmp,
        // Other views of the system.
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_open_tree,
        libc::SYS_move_mount,
        libc::SYS_mount_setattr,
        libc::SYS_fsopen,
        libc::SYS_fsconfig,
        libc::SYS_fsmount,
        libc::SYS_fspick,
        libc::SYS_open_by_handle_at,
        // The kernel.
        libc::SYS_bpf,
        libc::SYS_userfaultfd,
        libc::SYS_perf_event_open,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_adjtimex,
        libc::SYS_clock_adjtime,
        libc::SYS_acct,
        libc::SYS_syslog,
        libc::SYS_fanotify_init,
    ]);
    #[cfg(target_arch = "x86_64")]
    rules.extend(whole(&[libc::SYS_kexec_file_load, libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt]));
    let unix = u64::from(libc::AF_UNIX.unsigned_abs());
    if sockets == Sockets::UnixAndInet {
        // Loopback cannot be told from the world by a system call's arguments, so this build is called not sealed.
        let others = [libc::AF_NETLINK, libc::AF_PACKET, libc::AF_VSOCK];
        let others = others.map(|f| when(0, SeccompCmpOp::Eq, u64::from(f.unsigned_abs())));
        rules.insert(libc::SYS_socket, others.into_iter().collect::<io::Result<_>>()?);
    } else {
        rules.insert(libc::SYS_socket, vec![when(0, SeccompCmpOp::Ne, unix)?]);
    }
    rules.insert(libc::SYS_socketpair, vec![when(0, SeccompCmpOp::Ne, unix)?]);
    // A process of one's own is fine, a namespace of one's own is not.
    let namespaces = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
    ];
    let flag = |f: libc::c_int| u64::from(f.unsigned_abs());
    let clones = namespaces.map(|f| when(0, SeccompCmpOp::MaskedEq(flag(f)), flag(f)));
    rules.insert(libc::SYS_clone, clones.into_iter().collect::<io::Result<_>>()?);
    // Characters put into the terminal as if they had been typed.
    let typing = [libc::TIOCSTI, 0x541c].map(|request| when(1, SeccompCmpOp::Eq, request));
    rules.insert(libc::SYS_ioctl, typing.into_iter().collect::<io::Result<_>>()?);
    Ok(rules)
}
