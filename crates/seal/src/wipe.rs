//! Memory that is given back is overwritten first, whoever asked for it: Rust, SQLCipher, the C++ library, the window's
//! toolkit. A key, a password or what a document said would otherwise stay readable until something else happens to lie
//! there.
//!
//! The C library finds these functions before its own (glibc manual, Replacing malloc) and they end in its own. A
//! block that cannot grow in place is moved by hand, since the library would leave the old copy as it was. Elsewhere
//! than on Linux with glibc a program has the allocator of the system; SECURITY.md says so.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code)]

use libc::{c_void, malloc, malloc_usable_size, size_t};
use std::ptr::{copy_nonoverlapping, null_mut, write_bytes};

// SAFETY: glibc has it since 2.2.5, with this signature: its own `free` under a name that is not replaced.
unsafe extern "C" {
    fn __libc_free(block: *mut c_void);
}

/// free(3), after overwriting.
///
/// # Safety
/// As free(3).
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: a block of the allocator, whole and ours until the next line gives it back; nothing reads it again, so
    // the call behind must stay visible to the compiler, which it is: another library's.
    unsafe {
        write_bytes(block.cast::<u8>(), 0, malloc_usable_size(block));
        __libc_free(block);
    }
}

/// realloc(3), which leaves nothing of a block that it moves.
///
/// # Safety
/// As realloc(3).
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn realloc(block: *mut c_void, size: size_t) -> *mut c_void {
    if block.is_null() {
        // SAFETY: no block is involved.
        return unsafe { malloc(size) };
    }
    if size == 0 {
        // SAFETY: as the caller promised for realloc, which frees here.
        unsafe { free(block) };
        return null_mut();
    }
    // SAFETY: a block of the allocator, as the caller promised; the new one is larger than what is copied into it.
    unsafe {
        let room = malloc_usable_size(block);
        // Giving a part back is left to the next free: the rest of a large block is worth moving for.
        if size <= room && (room - size) < (1 << 16).max(room / 2) {
            return block;
        }
        let moved = malloc(size);
        if !moved.is_null() {
            copy_nonoverlapping(block.cast::<u8>(), moved.cast::<u8>(), room.min(size));
            free(block);
        }
        moved
    }
}
