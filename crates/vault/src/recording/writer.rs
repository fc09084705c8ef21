use super::{SampleFormat, Sealing, SegmentEnd, SegmentId, SegmentSeal, TAG};
use crate::{ItemKey, VaultError};
use std::io::Write;
use zeroize::Zeroizing;

/// Seals audio as it comes, second by second. It never reads, and needs no key but the segment's own.
pub struct SegmentWriter<W: Write> {
    out: W,
    sealing: Sealing,
    format: SampleFormat,
    counter: u32,
    last_tag: [u8; TAG],
    /// A frame may be half written: nothing authentic can follow it.
    broken: bool,
}

impl<W: Write> std::fmt::Debug for SegmentWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentWriter").field("frames", &self.counter).finish_non_exhaustive()
    }
}

impl<W: Write> SegmentWriter<W> {
    /// Writes the header. `key` must be fresh: nonces are a counter.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn begin(key: &ItemKey, id: SegmentId, format: SampleFormat, mut out: W) -> Result<Self, VaultError> {
        let sealing = Sealing::new(key, id, format)?;
        out.write_all(&sealing.header).map_err(VaultError::io("writing a recording"))?;
        Ok(Self { out, sealing, format, counter: 0, last_tag: [0; TAG], broken: false })
    }

    /// Seals one whole second: exactly [`SampleFormat::frame_samples`] samples.
    ///
    /// # Errors
    /// [`VaultError::Io`], after which the segment takes no more; [`VaultError::Crypto`] for another length.
    pub fn frame(&mut self, samples: &[i16]) -> Result<(), VaultError> {
        if samples.len() != self.format.frame_samples() {
            return Err(VaultError::Crypto("sealing a frame that is not one second"));
        }
        self.put(samples, false)
    }

    /// Seals the rest, less than a second and perhaps nothing, as the last frame.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub fn close(mut self, rest: &[i16]) -> Result<(W, SegmentSeal), VaultError> {
        let whole_moments = rest.len().is_multiple_of(usize::from(self.format.channels));
        if rest.len() >= self.format.frame_samples() || !whole_moments {
            return Err(VaultError::Crypto("closing with a frame that is not shorter than a second"));
        }
        self.put(rest, true)?;
        let seal = SegmentSeal { frames: self.counter, last_tag: self.last_tag, end: SegmentEnd::Closed };
        Ok((self.out, seal))
    }

    /// Frames written so far.
    #[must_use]
    pub const fn frames(&self) -> u32 {
        self.counter
    }

    /// Where the frames go, to sync it.
    #[must_use]
    pub const fn get_ref(&self) -> &W {
        &self.out
    }

    fn put(&mut self, samples: &[i16], last: bool) -> Result<(), VaultError> {
        if self.broken || self.counter == u32::MAX {
            return Err(VaultError::Crypto("adding to a segment that takes no more"));
        }
        let mut plaintext = Zeroizing::new(Vec::with_capacity(samples.len() * 2));
        plaintext.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        let sealed = self.sealing.seal(self.counter, last, &plaintext)?;
        if let Err(e) = self.out.write_all(&sealed).and_then(|()| self.out.flush()) {
            self.broken = true;
            return Err(VaultError::io("writing a recording")(e));
        }
        self.last_tag.copy_from_slice(&sealed[sealed.len() - TAG..]);
        self.counter += 1;
        Ok(())
    }
}
