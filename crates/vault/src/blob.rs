//! Encrypted files: imported sources as they lie on disk.
//!
//! AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and
//! its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): segments of 1 MiB, the nonce a counter and a flag on the last
//! one, so that segments cannot be swapped, repeated or left out, and the end cannot be cut off. The file's own key
//! comes from the item key and a random salt, so sealing twice under one item key repeats no nonce.

use crate::{
    Fault, ItemKey, VaultError,
    encoding::bind,
    secret::{Key, random_bytes},
};
use cloister_domain::Entropy;
use serde::Serialize;
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

const MAGIC: [u8; 7] = *b"CLOBLOB";
const VERSION: u8 = 1;
/// Plaintext bytes in every segment but the last.
const SEGMENT: usize = 1024 * 1024;
const TAG: usize = 16;
const SALT: usize = 32;
/// Magic, version, salt, commitment.
const HEADER: usize = MAGIC.len() + 1 + SALT + 32;

const NAME: &str = "the encrypted file";

/// What the file's key is bound to, beside the salt.
#[derive(Serialize)]
struct BlobContext<'a> {
    format_version: u8,
    segment: usize,
    item: &'a str,
}

/// The segment key and the commitment to it, which tells a wrong key from a damaged file.
fn keys(key: &ItemKey, salt: &[u8], item: &str) -> Result<(Key, Key), VaultError> {
    let context = BlobContext { format_version: VERSION, segment: SEGMENT, item };
    let segments = Key::hkdf(salt, key.0.expose(), &bind("cloister/1/blob", &context)?)?;
    let commitment = Key::hkdf(salt, key.0.expose(), &bind("cloister/1/blob-commitment", &context)?)?;
    Ok((segments, commitment))
}

/// Counter and flag; the rest may be zero because the key is the file's own.
fn nonce(counter: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = last.into();
    nonce
}

/// Encrypts `from` to its end into `to`, under the item's key, bound to the item's id. Returns the number of plaintext
/// bytes. Memory: three segments, whatever the size.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::Entropy`]; beyond 4 PiB [`VaultError::Crypto`].
pub fn seal_blob(
    key: &ItemKey,
    item: &str,
    from: &mut dyn Read,
    to: &mut dyn Write,
    entropy: &dyn Entropy,
) -> Result<u64, VaultError> {
    let salt = random_bytes::<SALT>(entropy)?.0;
    let (segment_key, commitment) = keys(key, &salt, item)?;
    for part in [MAGIC.as_slice(), &[VERSION], &salt, commitment.expose()] {
        to.write_all(part).map_err(VaultError::io("writing an encrypted file"))?;
    }
    let mut total = 0;
    let mut current = read_segment(from, SEGMENT, "reading what is to be encrypted")?;
    for counter in 0..=u32::MAX {
        // Whether this segment is the last is known once the next one was tried.
        let next = if current.len() < SEGMENT {
            Zeroizing::default()
        } else {
            read_segment(from, SEGMENT, "reading what is to be encrypted")?
        };
        let last = next.is_empty();
        let sealed = segment_key.encrypt(&nonce(counter, last), &[], &current)?;
        to.write_all(&sealed).map_err(VaultError::io("writing an encrypted file"))?;
        total += current.len() as u64;
        if last {
            return Ok(total);
        }
        current = next;
    }
    Err(VaultError::Crypto("encrypting more than 4 PiB"))
}

/// Decrypts what [`seal_blob`] wrote. Returns the number of plaintext bytes.
///
/// Each segment is authentic before it is written to `to`, but only success says that all of them came: on an error,
/// discard what was written.
///
/// # Errors
/// [`VaultError::Refused`] with [`Fault::OtherKey`], [`Fault::Authentication`], [`Fault::Truncated`],
/// [`Fault::Malformed`] or [`Fault::Version`]; [`VaultError::Io`].
pub fn open_blob(key: &ItemKey, item: &str, from: &mut dyn Read, to: &mut dyn Write) -> Result<u64, VaultError> {
    let refused = |fault| VaultError::Refused { file: NAME.to_owned(), fault };
    let header = read_segment(from, HEADER, "reading an encrypted file")?;
    let rest = header.strip_prefix(&MAGIC).ok_or_else(|| refused(Fault::Malformed))?;
    let (&version, rest) = rest.split_first().ok_or_else(|| refused(Fault::Truncated))?;
    if version != VERSION {
        return Err(refused(Fault::Version(version.into())));
    }
    let (salt, commitment) = rest.split_at_checked(SALT).ok_or_else(|| refused(Fault::Truncated))?;
    let commitment: &[u8; 32] = commitment.try_into().map_err(|_| refused(Fault::Truncated))?;
    let (segment_key, expected) = keys(key, salt, item)?;
    if !expected.matches(commitment) {
        return Err(refused(Fault::OtherKey));
    }
    let mut total = 0;
    let mut current = read_segment(from, SEGMENT + TAG, "reading an encrypted file")?;
    for counter in 0..=u32::MAX {
        let next = if current.len() < SEGMENT + TAG {
            Zeroizing::default()
        } else {
            read_segment(from, SEGMENT + TAG, "reading an encrypted file")?
        };
        let last = next.is_empty();
        let plaintext = segment_key.decrypt(&nonce(counter, last), &[], &current).ok_or_else(|| {
            // A segment that is authentic but not the last stands where the file now ends: the end was cut off.
            let cut = last && segment_key.decrypt(&nonce(counter, false), &[], &current).is_some();
            refused(if cut || current.len() < TAG { Fault::Truncated } else { Fault::Authentication })
        })?;
        to.write_all(&plaintext).map_err(VaultError::io("writing what was decrypted"))?;
        total += plaintext.len() as u64;
        if last {
            return Ok(total);
        }
        current = next;
    }
    Err(refused(Fault::TooLarge))
}

/// Up to `len` bytes; fewer only at the end.
fn read_segment(from: &mut dyn Read, len: usize, act: &'static str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut out = Zeroizing::new(vec![0; len]);
    let mut filled = 0;
    while filled < len {
        match from.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(VaultError::io(act)(e)),
        }
    }
    out.truncate(filled);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{HEADER, SEGMENT, TAG, open_blob, seal_blob};
    use crate::{Fault, ItemKey, VaultError, secret::Key, testing::Seeded};
    use std::io::{self, Read};

    fn key(byte: u8) -> ItemKey {
        ItemKey(Key::from_slice(&[byte; 32]).unwrap())
    }

    fn text(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 31 % 251) as u8).collect()
    }

    fn seal(plaintext: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let total = seal_blob(&key(5), "doc-1", &mut &plaintext[..], &mut out, &Seeded::new(4)).unwrap();
        assert_eq!(total, plaintext.len() as u64);
        out
    }

    fn open(blob: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        match open_blob(&key(5), "doc-1", &mut &blob[..], &mut out) {
            Ok(total) => {
                assert_eq!(total, out.len() as u64);
                Ok(out)
            }
            Err(VaultError::Refused { fault, .. }) => Err(fault),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_length_around_a_segment_comes_back() {
        for len in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 7] {
            let blob = seal(&text(len));
            assert_eq!(blob.len(), HEADER + len + TAG * len.div_ceil(SEGMENT).max(1), "{len}");
            assert!(open(&blob).unwrap() == text(len), "{len}");
        }
    }

    #[test]
    fn a_cut_end_is_noticed() {
        let blob = seal(&text(2 * SEGMENT + 7));
        let second = HEADER + SEGMENT + TAG;
        for (len, expected) in [
            (0, Fault::Malformed),
            (6, Fault::Malformed),
            (7, Fault::Truncated),
            (HEADER - 1, Fault::Truncated),
            (HEADER, Fault::Truncated),
            (HEADER + 5, Fault::Truncated),
            (second, Fault::Truncated),
            (second + SEGMENT + TAG, Fault::Truncated),
            (second + 100, Fault::Authentication),
            (blob.len() - 1, Fault::Authentication),
        ] {
            assert_eq!(open(&blob[..len]), Err(expected), "{len}");
        }
        assert_eq!(open(&[blob.as_slice(), &[0]].concat()), Err(Fault::Authentication));
    }

    #[test]
    fn segments_cannot_be_swapped_repeated_or_left_out() {
        let blob = seal(&text(3 * SEGMENT));
        let (header, body) = blob.split_at(HEADER);
        let segments: Vec<&[u8]> = body.chunks(SEGMENT + TAG).collect();
        for order in [vec![1, 0, 2], vec![0, 0, 2], vec![0, 2], vec![0, 1, 2, 2], vec![2]] {
            let parts: Vec<u8> = order.iter().flat_map(|i| segments[*i].to_vec()).collect();
            assert_eq!(open(&[header, &parts].concat()), Err(Fault::Authentication), "{order:?}");
        }
    }

    #[test]
    fn another_key_item_or_version_is_named() {
        let blob = seal(b"a report");
        let try_with = |key: &ItemKey, item: &str| match open_blob(key, item, &mut &blob[..], &mut Vec::new()) {
            Err(VaultError::Refused { fault, .. }) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(try_with(&key(6), "doc-1"), Fault::OtherKey);
        assert_eq!(try_with(&key(5), "doc-2"), Fault::OtherKey);
        let mut newer = blob.clone();
        newer[7] = 2;
        assert_eq!(open(&newer), Err(Fault::Version(2)));
        let mut other_salt = blob;
        other_salt[8] ^= 1;
        assert_eq!(open(&other_salt), Err(Fault::OtherKey));
    }

    #[test]
    fn sealing_twice_under_one_key_shares_no_byte_of_ciphertext() {
        let entropy = Seeded::new(1);
        let [one, two] = [0, 1].map(|_| {
            let mut out = Vec::new();
            seal_blob(&key(5), "doc-1", &mut &text(64)[..], &mut out, &entropy).unwrap();
            out
        });
        assert_ne!(one[8..40], two[8..40], "salt");
        assert_ne!(one[HEADER..], two[HEADER..]);
    }

    /// A source that gives few bytes at a time, with interruptions.
    struct Trickle<'a>(&'a [u8], bool);
    impl Read for Trickle<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = out.len().min(self.0.len()).min(100_003);
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn short_reads_make_no_difference() {
        let plaintext = text(SEGMENT + 500);
        let mut blob = Vec::new();
        seal_blob(&key(5), "doc-1", &mut Trickle(&plaintext, false), &mut blob, &Seeded::new(4)).unwrap();
        assert!(blob == seal(&plaintext));
        let mut out = Vec::new();
        open_blob(&key(5), "doc-1", &mut Trickle(&blob, false), &mut out).unwrap();
        assert!(out == plaintext);
    }
}
