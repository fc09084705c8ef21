//! What one guess at a password costs: Argon2id (RFC 9106).

use crate::{VaultError, secret::Key};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use cloister_domain::Clock;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroize;

/// Argon2id's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argon2Cost {
    /// Memory in KiB.
    m_kib: u32,
    /// Passes over it.
    t: u32,
    /// Lanes.
    p: u32,
}

impl Argon2Cost {
    /// The least that a vault is made with: 64 MiB, 3 passes, 1 lane (RFC 9106's second recommendation with one
    /// lane, because a workstation shares its processors).
    pub const FLOOR: Self = Self { m_kib: 64 * 1024, t: 3, p: 1 };

    /// The most that a file may ask for, so that a forged one cannot exhaust the machine.
    const CEILING: Self = Self { m_kib: 4 * 1024 * 1024, t: 64, p: 16 };

    /// Chosen parameters.
    ///
    /// # Errors
    /// [`VaultError::Cost`] below [`Self::FLOOR`] or above 4 GiB, 64 passes, 16 lanes.
    pub const fn new(m_kib: u32, t: u32, p: u32) -> Result<Self, VaultError> {
        let cost = Self { m_kib, t, p };
        if m_kib >= Self::FLOOR.m_kib && t >= Self::FLOOR.t && p >= Self::FLOOR.p && cost.is_sane() {
            Ok(cost)
        } else {
            Err(VaultError::Cost)
        }
    }

    /// Parameters that take about `target` on this machine: memory first, up to 1 GiB, then passes. Never below
    /// [`Self::FLOOR`]. Half a second is the design's target.
    ///
    /// # Errors
    /// [`VaultError::Crypto`] when not even the floor's memory can be had.
    pub fn calibrate(target: Duration, clock: &dyn Clock) -> Result<Self, VaultError> {
        const MAX_KIB: u64 = 1024 * 1024;
        let began = clock.boottime_ms();
        Self::FLOOR.stretch(b"calibration", &[0; 16])?;
        let took_ms = clock.boottime_ms().saturating_sub(began).max(1);
        let target_ms = u64::try_from(target.as_millis()).unwrap_or(u64::MAX);

        // Time grows with memory times passes.
        let wanted_kib = (u64::from(Self::FLOOR.m_kib).saturating_mul(target_ms) / took_ms) & !1023;
        let m_kib = wanted_kib.clamp(Self::FLOOR.m_kib.into(), MAX_KIB);
        let passes = u64::from(Self::FLOOR.t).saturating_mul(wanted_kib) / m_kib;
        let t = passes.clamp(Self::FLOOR.t.into(), Self::CEILING.t.into());
        Self::new(u32::try_from(m_kib).unwrap_or(Self::FLOOR.m_kib), u32::try_from(t).unwrap_or(Self::FLOOR.t), 1)
    }

    /// Next to nothing, for tests that open many slots.
    #[cfg(any(test, feature = "test-costs"))]
    #[must_use]
    pub const fn for_tests() -> Self {
        Self { m_kib: 64, t: 1, p: 1 }
    }

    /// Memory in MiB, passes, lanes: for display.
    #[must_use]
    pub const fn figures(self) -> (u32, u32, u32) {
        (self.m_kib / 1024, self.t, self.p)
    }

    /// Whether a file may ask for this. The floor is held where slots are made; a slot is signed by its owner, so
    /// nobody else can lower its cost afterwards.
    pub(crate) const fn is_sane(self) -> bool {
        self.p >= 1
            && self.p <= Self::CEILING.p
            && self.t >= 1
            && self.t <= Self::CEILING.t
            && self.m_kib >= 8 * self.p
            && self.m_kib <= Self::CEILING.m_kib
    }

    /// The 32-byte key that a password and a salt yield. Argon2's memory is overwritten afterwards: it would
    /// otherwise go back to the allocator with everything needed to check guesses fast.
    pub(crate) fn stretch(self, password: &[u8], salt: &[u8; 16]) -> Result<Key, VaultError> {
        let params = Params::new(self.m_kib, self.t, self.p, Some(32)).map_err(|_| VaultError::Cost)?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| VaultError::Crypto("having memory for Argon2id"))?;
        memory.resize(params.block_count(), Block::new());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let key = Key::try_filled(|out| argon2.hash_password_into_with_memory(password, salt, out, &mut memory));
        memory.zeroize();
        key.map_err(|_| VaultError::Crypto("Argon2id"))
    }
}

#[cfg(test)]
mod tests {
    use super::Argon2Cost;
    use cloister_domain::{Clock, Timestamp};
    use std::{
        sync::atomic::{AtomicU64, Ordering::Relaxed},
        time::Duration,
    };

    /// A machine on which the floor takes this many milliseconds.
    struct Takes(u64, AtomicU64);
    impl Clock for Takes {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(0)
        }
        fn boottime_ms(&self) -> u64 {
            self.1.fetch_add(self.0, Relaxed)
        }
        fn boot_id(&self) -> String {
            String::new()
        }
    }

    #[test]
    fn calibration_meets_the_target_and_never_goes_below_the_floor() {
        let calibrated = |floor_ms| {
            let cost = Argon2Cost::calibrate(Duration::from_millis(500), &Takes(floor_ms, AtomicU64::new(0))).unwrap();
            cost.figures()
        };
        assert_eq!(calibrated(250), (128, 3, 1));
        assert_eq!(calibrated(100), (320, 3, 1));
        assert_eq!(calibrated(2_000), (64, 3, 1), "a slow machine");
        assert_eq!(calibrated(10), (1024, 9, 1), "memory is capped, then passes");
        assert_eq!(calibrated(0), (1024, 64, 1), "a clock that stands still");
    }

    #[test]
    fn the_floor_holds() {
        assert!(Argon2Cost::new(64 * 1024, 3, 1).is_ok());
        for (m, t, p) in
            [(64 * 1024 - 1, 3, 1), (64 * 1024, 2, 1), (64 * 1024, 3, 0), (u32::MAX, 3, 1), (64 * 1024, 65, 1)]
        {
            assert!(Argon2Cost::new(m, t, p).is_err(), "{m} {t} {p}");
        }
    }
}
