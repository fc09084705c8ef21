//! Randomness as a parameter.

/// A source of cryptographically secure random bytes. Production code passes the operating system's; tests pass
/// a seeded one, so that identifiers and keys in fixtures are stable.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// When the operating system has none to give; nothing secret may be made in that case.
    fn fill(&self, out: &mut [u8]) -> Result<(), std::io::Error>;
}
