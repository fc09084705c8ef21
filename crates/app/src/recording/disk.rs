//! How much longer the disk lasts.

use std::path::Path;

/// Below this a recording ends in order: the log, the store and the system need the rest.
const FLOOR: u64 = 48 << 20;
/// From here on there is a warning.
const LOW: u64 = 300 << 20;
/// 16 kHz, 16 bits, a tag a second.
const BYTES_A_SECOND: u64 = 32_016;

/// Room on the disk of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Enough, or the system does not say; with seconds of recording left.
    Enough(Option<u64>),
    /// Soon none.
    Low(u64),
    /// The recording must end.
    None,
}

pub(crate) fn room(folder: &Path) -> Room {
    rustix::fs::statvfs(folder).map_or(Room::Enough(None), |fs| of(fs.f_bavail.saturating_mul(fs.f_frsize)))
}

fn of(free: u64) -> Room {
    let seconds = free.saturating_sub(FLOOR) / BYTES_A_SECOND;
    match free {
        _ if free < FLOOR => Room::None,
        _ if free < LOW => Room::Low(seconds),
        _ => Room::Enough(Some(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Room, of};

    #[test]
    fn it_warns_hours_before_the_end_and_ends_before_the_disk_is_full() {
        assert!(matches!(of(10 << 30), Room::Enough(Some(s)) if s > 90 * 3600));
        assert!(matches!(of(299 << 20), Room::Low(s) if s > 2 * 3600));
        assert_eq!(of(47 << 20), Room::None);
    }
}
