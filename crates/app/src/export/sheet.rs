//! An Excel workbook: results, data dictionary, provenance. Texts are written as texts, never as formulas.

use super::{About, Cell, Sink, cannot_write};
use crate::AppError;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::{io::Write, path::Path};

/// What a cell holds at most.
const LONGEST_CELL: usize = 32_767;
/// Rows of a sheet beside its header.
const MOST_ROWS: u32 = 1_048_575;

/// The results sheet as it grows. It is held in memory: nothing of it touches a disk before it is in its place.
pub(crate) struct Sheet {
    sheet: Worksheet,
    next: u32,
    cut: u64,
}

impl Sheet {
    pub(crate) fn new(header: &[String]) -> Result<Self, AppError> {
        let mut sheet = Worksheet::new();
        sheet.set_name("Results").map_err(fault)?;
        head(&mut sheet, header)?;
        Ok(Self { sheet, next: 1, cut: 0 })
    }

    pub(crate) fn add(&mut self, cells: &[Cell]) -> Result<(), AppError> {
        if self.next > MOST_ROWS {
            return Err(AppError::Usage("a sheet holds 1,048,575 rows at most; export as CSV".to_owned()));
        }
        for (i, cell) in cells.iter().enumerate() {
            let column =
                u16::try_from(i).map_err(|_| AppError::Usage("a sheet holds 16,384 columns at most".to_owned()))?;
            match cell {
                Cell::Number(n) => self.sheet.write_number(self.next, column, *n).map_err(fault)?,
                Cell::Text(s) if s.is_empty() => continue,
                Cell::Text(s) if s.chars().count() > LONGEST_CELL => {
                    self.cut += 1;
                    let kept: String = s.chars().take(LONGEST_CELL - 6).collect();
                    self.sheet.write_string(self.next, column, format!("{kept}…[cut]")).map_err(fault)?
                }
                Cell::Text(s) => self.sheet.write_string(self.next, column, s).map_err(fault)?,
            };
        }
        self.next += 1;
        Ok(())
    }

    /// Cells that did not fit.
    pub(crate) const fn cut(&self) -> u64 {
        self.cut
    }

    /// Writes the workbook with its other sheets.
    pub(crate) fn write(self, about: &About, sink: &mut Sink, path: &Path) -> Result<(), AppError> {
        let mut book = Workbook::new();
        book.push_worksheet(self.sheet);
        let dictionary = book.add_worksheet().set_name("Dictionary").map_err(fault)?;
        let columns = ["column", "type", "values", "description"];
        head(dictionary, &columns.map(str::to_owned))?;
        for (row, column) in (1..).zip(&about.dictionary) {
            for (i, name) in (0..).zip(columns) {
                let words: String = column[name].as_str().unwrap_or_default().chars().take(LONGEST_CELL).collect();
                dictionary.write_string(row, i, words).map_err(fault)?;
            }
        }
        dictionary.set_column_width(0, 28).and_then(|s| s.set_column_width(3, 70)).map_err(fault)?;
        let provenance = book.add_worksheet().set_name("Provenance").map_err(fault)?;
        for (row, (name, value)) in (0..).zip(about.provenance()) {
            provenance.write_string(row, 0, name).and_then(|s| s.write_string(row, 1, value)).map_err(fault)?;
        }
        provenance.set_column_width(0, 34).and_then(|s| s.set_column_width(1, 70)).map_err(fault)?;
        let bytes = book.save_to_buffer().map_err(fault)?;
        sink.write_all(&bytes).map_err(cannot_write(path))
    }
}

fn head(sheet: &mut Worksheet, names: &[String]) -> Result<(), AppError> {
    let bold = Format::new().set_bold();
    for (i, name) in (0..).zip(names) {
        sheet.write_string_with_format(0, i, name, &bold).map_err(fault)?;
    }
    sheet.set_freeze_panes(1, 0).map(|_| ()).map_err(fault)
}

fn fault(_: XlsxError) -> AppError {
    AppError::Internal("the workbook")
}
