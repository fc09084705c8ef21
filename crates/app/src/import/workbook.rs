//! Excel workbooks. Their bytes are read by an engine of their own; only rows of plain text come back.

use super::{
    Source,
    records::{FileFormat, FileSettings, Raw, RawRows, column_names, looks_like_header},
};
use crate::{AppError, engines::Engines};
use cloister_domain::Sensitive;
use cloister_engine_client::{Connection, EngineError, WorkbookPart, protocol::Fault, protocol::SheetRow};
use std::{
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
};

/// What the reading thread tells.
enum Told {
    Part(WorkbookPart),
    End(Result<u64, EngineError>),
}

/// Whether a file is an Excel workbook: by its ending and its first bytes. An old `.xls` is refused in words.
pub(super) fn is_one(path: &Path, source: &Source) -> Result<bool, AppError> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut first = [0u8; 4];
    let mut file = &source.file;
    let read = file.read(&mut first).and_then(|n| file.seek(SeekFrom::Start(0)).map(|_| n));
    let zipped = read.is_ok_and(|n| n == 4) && first == *b"PK\x03\x04";
    match ending.as_str() {
        "xlsx" | "xlsm" if zipped => Ok(true),
        "xlsx" | "xlsm" => {
            Err(AppError::input(source.name.clone(), "it is not an Excel workbook (.xlsx), or it is damaged"))
        }
        "xls" | "ods" | "xlsb" => Err(AppError::input(source.name.clone(), "save it as .xlsx or .csv first")),
        _ if zipped => Err(AppError::input(
            source.name.clone(),
            "it is an archive or an office file, not a table; a workbook's name ends in .xlsx",
        )),
        _ => Ok(false),
    }
}

/// The rows of the chosen sheet, or of the first.
pub(super) fn rows(
    path: &Path,
    source: Source,
    settings: &FileSettings,
    engines: &Engines,
) -> Result<RawRows, AppError> {
    let name = source.name.clone();
    let (spec, sheet, sha256, path) =
        (engines.bounded_spec(), settings.sheet.clone(), source.sha256, PathBuf::from(path));
    let mut file = source.file;
    // A few messages ahead: the engine reads while the store writes, and memory stays flat.
    let (tell, told) = sync_channel(4);
    std::thread::spawn(move || {
        let read = Connection::spawn(&spec).and_then(|mut engine| {
            engine.read_workbook(&mut file, sheet.as_deref(), &mut |part| {
                if tell.send(Told::Part(part)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        let _ = tell.send(Told::End(read));
    });
    let mut rows = SheetRows { told, ready: Vec::new().into_iter(), ended: false, name: name.clone() };
    let (sheets, chosen) = match rows.told.recv() {
        Ok(Told::Part(WorkbookPart::Sheets { names, chosen })) => (names, chosen),
        Ok(Told::End(Err(e))) => return Err(about(&name, e)),
        _ => return Err(AppError::Internal("a workbook without sheets")),
    };
    let first =
        rows.next().transpose()?.ok_or_else(|| AppError::input(name, format!("the sheet \"{chosen}\" is empty")))?;
    let header = settings.header.unwrap_or_else(|| looks_like_header(&first.cells));
    let names = column_names(&first.cells, header);
    let width = names.len();
    let before = (!header).then_some(Ok(first));
    // A sheet stores no empty cells at the end of a row: those belong to it all the same. Filled cells beyond the
    // header do not.
    let mut rows = before.into_iter().chain(rows).map(move |row| {
        let mut row = row?;
        while row.cells.len() > width && row.cells.last().is_some_and(|c| c.trim().is_empty()) {
            row.cells.pop();
        }
        if row.cells.len() < width {
            row.cells.resize(width, String::new());
        }
        Ok((u64::from(row.number), Raw::Cells(row.cells)))
    });
    let mut at_end = Some((path, sha256));
    let checked = std::iter::from_fn(move || match rows.next() {
        Some(row) => Some(row),
        // Ranges were read at any place and time, so that the whole is compared once they all were.
        None => at_end.take().and_then(|(path, sha256)| Source::check_unchanged(&path, &sha256).err().map(Err)),
    });
    let format = FileFormat { kind: "workbook".into(), header, sheets, sheet: Some(chosen), ..FileFormat::default() };
    Ok(RawRows { format, names, rows: Box::new(checked) })
}

struct SheetRows {
    told: Receiver<Told>,
    ready: std::vec::IntoIter<SheetRow>,
    ended: bool,
    name: String,
}

impl Iterator for SheetRows {
    type Item = Result<SheetRow, AppError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.told.recv() {
                Ok(Told::Part(WorkbookPart::Rows(rows))) => {
                    self.ready = Sensitive::into_exposed(rows, "rows of an import that was admitted").into_iter();
                }
                Ok(Told::Part(WorkbookPart::Sheets { .. })) => {}
                Ok(Told::End(Ok(_))) => self.ended = true,
                Ok(Told::End(Err(e))) => {
                    self.ended = true;
                    return Some(Err(about(&self.name, e)));
                }
                Err(_) => {
                    self.ended = true;
                    return Some(Err(AppError::Internal("a workbook's reader broke off")));
                }
            }
        }
    }
}

/// An engine's fault as one about this file.
pub(super) fn about(file: &str, e: EngineError) -> AppError {
    match e {
        EngineError::Fault(Fault::Text { words }) => AppError::input(file, words),
        EngineError::Died | EngineError::Hung => {
            AppError::input(file, "it needs more memory or time than a file of its kind may; it may be made to do harm")
        }
        other => other.into(),
    }
}
