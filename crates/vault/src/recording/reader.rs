use super::{Examination, HEADER, NAME, SampleFormat, Sealing, SegmentEnd, SegmentId, SegmentSeal, TAG};
use crate::{Fault, ItemKey, VaultError};
use std::io::{self, Read, Seek, SeekFrom};
use zeroize::Zeroizing;

/// Opens a segment's frames, each by itself and only when it is authentic.
pub struct SegmentReader<R> {
    pub(super) from: R,
    sealing: Sealing,
    format: SampleFormat,
    /// Bytes after the header.
    body: u64,
}

impl<R> std::fmt::Debug for SegmentReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentReader").field("format", &self.format).finish_non_exhaustive()
    }
}

/// What stands at one place of the file.
enum Place {
    /// A frame's bytes, as long as a whole one.
    Whole(Vec<u8>),
    /// Fewer, at the end: the last frame, or what a crash left.
    Short(Vec<u8>),
    Nothing,
}

impl<R: Read + Seek> SegmentReader<R> {
    /// Reads and checks the header.
    ///
    /// # Errors
    /// [`VaultError::Refused`] with [`Fault::Malformed`], [`Fault::Version`], [`Fault::Truncated`],
    /// [`Fault::Foreign`] (of another recording or number), [`Fault::Field`] or [`Fault::OtherKey`];
    /// [`VaultError::Io`].
    pub fn open(key: &ItemKey, id: SegmentId, mut from: R) -> Result<Self, VaultError> {
        let failed = || VaultError::io("reading a recording");
        let length = from.seek(SeekFrom::End(0)).map_err(failed())?;
        from.seek(SeekFrom::Start(0)).map_err(failed())?;
        let mut header = Vec::with_capacity(HEADER);
        from.by_ref().take(HEADER as u64).read_to_end(&mut header).map_err(failed())?;
        let (sealing, format) = Sealing::read(key, id, &header).map_err(VaultError::refused(NAME))?;
        Ok(Self { from, sealing, format, body: length.saturating_sub(HEADER as u64) })
    }

    /// How its samples lie.
    #[must_use]
    pub const fn format(&self) -> SampleFormat {
        self.format
    }

    /// Places of frames in the file, the last and perhaps torn one included.
    #[must_use]
    pub const fn places(&self) -> u64 {
        self.body.div_ceil(self.format.sealed_frame())
    }

    /// The samples of frame `n` (from 0), channels interleaved; `None` beyond the end. The last frame is shorter than
    /// a second.
    ///
    /// # Errors
    /// [`VaultError::Refused`] with [`Fault::Authentication`] when it is not authentic; [`VaultError::Io`].
    pub fn frame(&mut self, n: u32) -> Result<Option<Zeroizing<Vec<i16>>>, VaultError> {
        let opened = match self.place(n)? {
            Place::Nothing => return Ok(None),
            Place::Whole(sealed) => self.sealing.open(n, false, &sealed),
            Place::Short(sealed) => self.sealing.open(n, true, &sealed),
        };
        let bytes = opened.ok_or(Fault::Authentication).map_err(VaultError::refused(NAME))?;
        let mut samples = Zeroizing::new(Vec::with_capacity(bytes.len() / 2));
        samples.extend(bytes.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])));
        Ok(Some(samples))
    }

    /// Reads the whole file and says which frames are authentic and how it ends. Memory: one frame.
    ///
    /// # Errors
    /// [`VaultError::Io`] alone: damage is an answer here.
    pub fn examine(&mut self) -> Result<Examination, VaultError> {
        let mut found = Examination {
            format: self.format,
            whole: 0,
            rest_bytes: 0,
            refused: Vec::new(),
            samples: 0,
            seal: SegmentSeal { frames: 0, last_tag: [0; TAG], end: SegmentEnd::Unterminated },
        };
        for n in 0.. {
            let (sealed, last) = match self.place(n)? {
                Place::Nothing => break,
                Place::Whole(sealed) => {
                    found.whole = n + 1;
                    (sealed, false)
                }
                Place::Short(sealed) => {
                    found.rest_bytes = sealed.len() as u64;
                    (sealed, true)
                }
            };
            match self.sealing.open(n, last, &sealed) {
                Some(bytes) => {
                    found.samples += (bytes.len() / 2) as u64;
                    found.seal.last_tag.copy_from_slice(&sealed[sealed.len() - TAG..]);
                    found.seal.frames = n + 1;
                    if last {
                        found.seal.end = SegmentEnd::Closed;
                    }
                }
                // What is left at the end after a crash is no frame and was never promised.
                None if last => {}
                None => found.refused.push(n),
            }
        }
        Ok(found)
    }

    fn place(&mut self, n: u32) -> Result<Place, VaultError> {
        let size = self.format.sealed_frame();
        let at = u64::from(n) * size;
        let here = self.body.saturating_sub(at).min(size);
        if here == 0 {
            return Ok(Place::Nothing);
        }
        let mut sealed = vec![0; usize::try_from(here).unwrap_or(0)];
        let read = |from: &mut R, sealed: &mut [u8]| -> io::Result<()> {
            from.seek(SeekFrom::Start(HEADER as u64 + at))?;
            from.read_exact(sealed)
        };
        read(&mut self.from, &mut sealed).map_err(VaultError::io("reading a recording"))?;
        Ok(if here == size { Place::Whole(sealed) } else { Place::Short(sealed) })
    }
}
