//! Frames on the pipes: a length (u32, little endian) and so many bytes of JSON. Requests carry passwords, so buffers are
//! overwritten.

use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// The longest frame that either side accepts.
pub const MAX_FRAME: usize = 1 << 20;

/// The next frame; `None` when the other side closed the pipe between two.
///
/// # Errors
/// When the pipe fails, closes within a frame, or a length is out of bounds.
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut head = [0u8; 4];
    let mut got = 0;
    while got < head.len() {
        match from.read(&mut head[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => got += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let len = u32::from_le_bytes(head) as usize;
    if len == 0 || len > MAX_FRAME {
        return Err(io::Error::new(ErrorKind::InvalidData, "a frame's length is out of bounds"));
    }
    let mut body = Zeroizing::new(vec![0; len]);
    from.read_exact(&mut body)?;
    Ok(Some(body))
}

/// Writes a frame.
///
/// # Errors
/// When the pipe fails or `body` is empty or longer than [`MAX_FRAME`].
pub fn write_frame(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let len = u32::try_from(body.len()).ok().filter(|n| *n > 0 && body.len() <= MAX_FRAME);
    let len = len.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "a frame's length is out of bounds"))?;
    to.write_all(&len.to_le_bytes())?;
    to.write_all(body)?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::{MAX_FRAME, read_frame, write_frame};
    use proptest::prelude::*;

    #[test]
    fn lying_lengths_and_cut_frames_are_refused() {
        assert!(read_frame(&mut [0xff, 0xff, 0xff, 0xff, 0].as_slice()).is_err());
        assert!(read_frame(&mut [0, 0, 0, 0].as_slice()).is_err());
        assert!(read_frame(&mut [9, 0, 0, 0, b'x'].as_slice()).is_err());
        assert!(read_frame(&mut [9, 0].as_slice()).is_err());
        assert!(read_frame(&mut [].as_slice()).unwrap().is_none());
        assert!(write_frame(&mut Vec::new(), &vec![0; MAX_FRAME + 1]).is_err());
    }

    proptest! {
        #[test]
        fn frames_come_back_as_sent(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 0..5)) {
            let mut pipe = Vec::new();
            for body in &bodies {
                write_frame(&mut pipe, body).unwrap();
            }
            let mut from = pipe.as_slice();
            for body in &bodies {
                let read = read_frame(&mut from).unwrap().unwrap();
                prop_assert_eq!(read.as_slice(), body.as_slice());
            }
            prop_assert!(read_frame(&mut from).unwrap().is_none());
        }
    }
}
