//! The bytes of a model file, held so that they are read fast.

use memmap2::{Mmap, MmapMut};
use std::io::{self, Read};
use std::sync::Arc;

/// A whole model file in memory, mapped or read.
pub type ModelBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Reads `len` bytes into memory of their own, in large pages where the system has them. Writing one token reads
/// nearly all of a model: with pages of 4 KiB, as a mapped file has them, a tenth of that time goes into finding them
/// (benches/results). Nobody can change or cut the bytes afterwards, whatever happens to the file.
///
/// # Errors
/// When there is not that much memory or the file does not give that many bytes.
pub fn read_model(file: &mut impl Read, len: usize) -> io::Result<ModelBytes> {
    let mut memory = MmapMut::map_anon(len)?;
    // Small pages are slower and as good.
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    file.read_exact(&mut memory)?;
    let memory: Mmap = memory.make_read_only()?;
    Ok(Arc::new(memory))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_bytes_are_the_files() {
        let bytes: Vec<u8> = (0..5_000_000u32).map(|i| (i.wrapping_mul(31) >> 3) as u8).collect();
        let read = read_model(&mut bytes.as_slice(), bytes.len()).unwrap();
        assert!((*read).as_ref() == bytes);
        assert!(read_model(&mut bytes.as_slice(), bytes.len() + 1).is_err());
    }
}
