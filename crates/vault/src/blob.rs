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

/// Seven zero bytes are not needed for uniqueness: the key is the file's own.
fn nonce(counter: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = last.into();
    nonce
}

/// Encrypts `from` to its end into `to`, under the item's key, bound to the item's id. Returns the number of plaintext
/// bytes. Memory: two segments, whatever the size.
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
