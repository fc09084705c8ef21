//! The state file: the one secret of the log, and how far the log has come.

use crate::{files::FileName, ratchet::Seed};
use sha2::{Digest, Sha256};
use std::{fs::File, io, os::unix::fs::FileExt};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"CLSTLOG1";
const SIZE: usize = 128;
const CHECKED: usize = SIZE - 32;

/// Where the log ends, and the seed of the line after that.
///
/// The record is overwritten in place, so that the old seed is gone from the file; 128 bytes at offset 0 lie in one
/// sector, which disks write whole or not at all. Little-endian: magic 8, segment 4, year 2, month 1, zero 1, length
/// of the file in bytes 8, seq 8, SHA-256 of line `seq` 32, seed 32, then SHA-256 of all that 32. The digest is
/// against accidents; against people there is the chain, which must announce this very seed's key.
pub(crate) struct State {
    /// The newest file.
    pub(crate) file: FileName,
    /// Its length once line `seq` is in it.
    pub(crate) length: u64,
    /// The last line written.
    pub(crate) seq: u64,
    /// That line's SHA-256, newline included.
    pub(crate) hash: [u8; 32],
    /// Signs line `seq + 1`.
    pub(crate) seed: Seed,
}

/// Why there is no state to go on from.
#[derive(Debug)]
pub(crate) enum StateFault {
    /// The file's size, magic, digest or a value is wrong.
    Damaged,
    Io(io::Error),
}

impl State {
    pub(crate) fn read(file: &File) -> Result<Self, StateFault> {
        // One byte more than there should be, to notice a longer file.
        let mut bytes = Zeroizing::new([0; SIZE + 1]);
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(&mut bytes[filled..], filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(StateFault::Io(e)),
            }
        }
        if filled == SIZE { Self::decode(&bytes[..SIZE]).ok_or(StateFault::Damaged) } else { Err(StateFault::Damaged) }
    }

    /// Writes without syncing.
    pub(crate) fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(self.encode().as_slice(), 0)
    }

    fn encode(&self) -> Zeroizing<[u8; SIZE]> {
        let mut out = Zeroizing::new([0; SIZE]);
        out[..8].copy_from_slice(MAGIC);
        out[8..12].copy_from_slice(&self.file.segment.to_le_bytes());
        out[12..14].copy_from_slice(&self.file.year.to_le_bytes());
        out[14] = self.file.month;
        out[16..24].copy_from_slice(&self.length.to_le_bytes());
        out[24..32].copy_from_slice(&self.seq.to_le_bytes());
        out[32..64].copy_from_slice(&self.hash);
        out[64..96].copy_from_slice(self.seed.expose());
        let check = Sha256::digest(&out[..CHECKED]);
        out[CHECKED..].copy_from_slice(&check);
        out
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let take = |at: usize, n: usize| bytes.get(at..at + n);
        if take(0, 8)? != MAGIC || take(CHECKED, 32)? != Sha256::digest(take(0, CHECKED)?).as_slice() || bytes[15] != 0
        {
            return None;
        }
        let mut seed = Zeroizing::new([0; 32]);
        seed.copy_from_slice(take(64, 32)?);
        Some(Self {
            file: FileName {
                segment: u32::from_le_bytes(take(8, 4)?.try_into().ok()?),
                year: u16::from_le_bytes(take(12, 2)?.try_into().ok()?),
                month: bytes[14],
            },
            length: u64::from_le_bytes(take(16, 8)?.try_into().ok()?),
            seq: u64::from_le_bytes(take(24, 8)?.try_into().ok()?),
            hash: take(32, 32)?.try_into().ok()?,
            seed: Seed::new(seed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{SIZE, Seed, State, StateFault};
    use crate::files::FileName;
    use std::os::unix::fs::FileExt;
    use zeroize::Zeroizing;

    #[test]
    fn it_is_read_back_and_any_flipped_bit_or_other_length_is_noticed() {
        let file = tempfile::tempfile().unwrap();
        let state = State {
            file: FileName { segment: 1, year: 2026, month: 11 },
            length: 900,
            seq: 3,
            hash: [4; 32],
            seed: Seed::new(Zeroizing::new([5; 32])),
        };
        state.write(&file).unwrap();
        let back = State::read(&file).ok().unwrap();
        assert_eq!((back.file, back.length, back.seq, back.hash), (state.file, 900, 3, [4; 32]));
        assert_eq!(back.seed.expose(), &[5; 32]);
        for bit in 0..SIZE * 8 {
            let mut byte = [0];
            let at = (bit / 8) as u64;
            file.read_exact_at(&mut byte, at).unwrap();
            file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], at).unwrap();
            assert!(matches!(State::read(&file), Err(StateFault::Damaged)), "bit {bit}");
            file.write_all_at(&byte, at).unwrap();
        }
        file.write_all_at(b"x", SIZE as u64).unwrap();
        assert!(matches!(State::read(&file), Err(StateFault::Damaged)));
    }
}
