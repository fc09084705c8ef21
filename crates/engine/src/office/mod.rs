//! Office files: zip archives of XML that anybody may have made. They are read here, in the process that holds no key
//! and opens no file, and the parent bounds its memory and its processor time from outside.

mod docx;
mod workbook;

pub(crate) use docx::read_docx;
pub(crate) use workbook::{Part, read_workbook};

use cloister_engine_client::protocol::Fault;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// More parts than any office program writes.
const MOST_PARTS: usize = 10_000;
/// All parts together, unpacked, by the archive's own account.
const MOST_UNPACKED: u64 = 2 << 30;
/// A part that claims to unpack to more than this many times its packed length is a bomb, unless it is small.
const MOST_RATIO: u64 = 400;
const SMALL: u64 = 32 << 20;

/// Opens the archive and refuses what claims to be out of proportion. What lies about its length runs into the
/// process's limits.
fn open<R: Read + Seek>(source: R) -> Result<ZipArchive<R>, Fault> {
    let mut archive = ZipArchive::new(source).map_err(|_| text("it is not an office file, or it is damaged"))?;
    if archive.len() > MOST_PARTS {
        return Err(text("it holds more parts than an office file has"));
    }
    let mut all: u64 = 0;
    for i in 0..archive.len() {
        let part = archive.by_index_raw(i).map_err(|_| text("its table of contents is damaged"))?;
        if part.encrypted() {
            return Err(text("it is protected by a password; save it without one first"));
        }
        all = all.saturating_add(part.size());
        if part.size() > SMALL && part.size() / part.compressed_size().max(1) > MOST_RATIO {
            return Err(text("it unpacks to hundreds of times its length, as no real file does"));
        }
    }
    if all > MOST_UNPACKED {
        return Err(text("it unpacks to more than 2 GiB; split it first"));
    }
    Ok(archive)
}

fn text(words: &str) -> Fault {
    Fault::Text { words: words.to_owned() }
}
