//! Length-prefixed frames on a pipe: `u32` length (little endian) of what follows, one byte of kind, payload.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// The longest frame either side accepts. Answers and source ranges are far shorter; a longer one is a fault.
pub const MAX_FRAME: usize = 64 << 20;

const MESSAGE: u8 = 0;
const BYTES: u8 = 1;

/// One frame.
#[derive(Debug)]
pub enum Frame<M> {
    /// A typed message, as JSON.
    Message(M),
    /// Raw bytes: the answer to a `Need`.
    Bytes(Vec<u8>),
}

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side closed the pipe between frames.
    #[error("the pipe is closed")]
    Closed,
    /// The pipe failed, or closed inside a frame.
    #[error("the pipe failed: {0}")]
    Pipe(#[from] io::Error),
    /// A frame that this protocol does not know.
    #[error("a frame that is not of this protocol: {0}")]
    Malformed(&'static str),
}

/// Reads frames. The payload of a message is never part of an error: it may be clinical.
#[derive(Debug)]
pub struct FrameReader<R>(R);

impl<R: Read> FrameReader<R> {
    /// Reads from `r`.
    pub const fn new(r: R) -> Self {
        Self(r)
    }

    /// The pipe's end.
    pub const fn get_ref(&self) -> &R {
        &self.0
    }

    /// The next frame.
    ///
    /// # Errors
    /// [`FrameError::Closed`] at a clean end; the others as they say.
    pub fn read<M: DeserializeOwned>(&mut self) -> Result<Frame<M>, FrameError> {
        let mut head = [0u8; 4];
        let mut got = 0;
        while got < 4 {
            match self.0.read(&mut head[got..]) {
                Ok(0) if got == 0 => return Err(FrameError::Closed),
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Ok(n) => got += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        let len = u32::from_le_bytes(head) as usize;
        if len == 0 || len > MAX_FRAME {
            return Err(FrameError::Malformed("length out of bounds"));
        }
        let mut kind = [0u8; 1];
        self.0.read_exact(&mut kind)?;
        let mut payload = vec![0u8; len - 1];
        self.0.read_exact(&mut payload)?;
        match kind[0] {
            MESSAGE => serde_json::from_slice(&payload)
                .map(Frame::Message)
                .map_err(|_| FrameError::Malformed("a message that does not fit its type")),
            BYTES => Ok(Frame::Bytes(payload)),
            _ => Err(FrameError::Malformed("unknown kind")),
        }
    }
}

/// Writes frames, one `write_all` each.
#[derive(Debug)]
pub struct FrameWriter<W>(W);

impl<W: Write> FrameWriter<W> {
    /// Writes to `w`.
    pub const fn new(w: W) -> Self {
        Self(w)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When the pipe fails or the message is longer than [`MAX_FRAME`].
    pub fn message<M: Serialize>(&mut self, m: &M) -> Result<(), FrameError> {
        let body = serde_json::to_vec(m).map_err(|_| FrameError::Malformed("a message that cannot be written"))?;
        self.send(MESSAGE, &body)
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    /// As [`Self::message`].
    pub fn bytes(&mut self, body: &[u8]) -> Result<(), FrameError> {
        self.send(BYTES, body)
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> Result<(), FrameError> {
        let len = body.len() + 1;
        let head = u32::try_from(len).ok().filter(|_| len <= MAX_FRAME);
        let head = head.ok_or(FrameError::Malformed("a message that is too long"))?.to_le_bytes();
        let mut frame = Vec::with_capacity(len + 4);
        frame.extend_from_slice(&head);
        frame.push(kind);
        frame.extend_from_slice(body);
        self.0.write_all(&frame)?;
        Ok(self.0.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_sent() {
        let mut pipe = Vec::new();
        let mut w = FrameWriter::new(&mut pipe);
        w.message(&vec!["Größe", "170"]).unwrap();
        w.bytes(&[0, 255, 7]).unwrap();
        let mut r = FrameReader::new(pipe.as_slice());
        assert!(matches!(r.read::<Vec<String>>().unwrap(), Frame::Message(m) if m == ["Größe", "170"]));
        assert!(matches!(r.read::<Vec<String>>().unwrap(), Frame::Bytes(b) if b == [0, 255, 7]));
        assert!(matches!(r.read::<Vec<String>>(), Err(FrameError::Closed)));
    }

    #[test]
    fn a_lying_length_is_refused_before_anything_is_allocated() {
        let mut r = FrameReader::new([0xff, 0xff, 0xff, 0xff, 0].as_slice());
        assert!(matches!(r.read::<()>(), Err(FrameError::Malformed(_))));
    }

    #[test]
    fn a_cut_frame_is_a_failure_and_not_an_end() {
        let mut r = FrameReader::new([9, 0, 0, 0, 0, b'"'].as_slice());
        assert!(matches!(r.read::<String>(), Err(FrameError::Pipe(_))));
    }

    #[test]
    fn a_message_error_does_not_quote_the_message() {
        let mut pipe = Vec::new();
        FrameWriter::new(&mut pipe).message(&"metoprolol").unwrap();
        let e = FrameReader::new(pipe.as_slice()).read::<u32>().unwrap_err();
        assert!(!format!("{e} {e:?}").contains("metoprolol"));
    }
}
