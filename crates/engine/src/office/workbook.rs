//! The rows of one sheet of an Excel workbook, handed on as they are read.

use super::{open, text};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx};
use cloister_engine_client::protocol::{Fault, SheetRow};
use std::{
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// One message's worth of rows.
const ROWS_AT_ONCE: usize = 512;
const BYTES_AT_ONCE: usize = 1 << 20;
/// A row above this does not fit one message.
const LONGEST_ROW: usize = 48 << 20;
/// Excel's own limits.
const MOST_COLUMNS: u32 = 16_384;
const MOST_ROWS: u32 = 1_048_576;

/// What is told while a workbook is read.
pub(crate) enum Part {
    /// First: the names of the sheets, and the one that is read.
    Sheets { names: Vec<String>, chosen: String },
    /// Then its rows, in order; empty rows are passed over.
    Rows(Vec<SheetRow>),
}

/// Reads the sheet called `sheet`, or the first. Returns how many rows were read.
///
/// # Errors
/// [`Fault::Text`] with what is wrong; [`Fault::Cancelled`] when `each` breaks off.
pub(crate) fn read_workbook<R: Read + Seek>(
    source: R,
    sheet: Option<&str>,
    each: &mut dyn FnMut(Part) -> ControlFlow<()>,
) -> Result<u64, Fault> {
    // The crate that reads it reckons places without looking for overflow: compiled to look (profile `ci`), it panics
    // where it would else put a cell into another row.
    catch_unwind(AssertUnwindSafe(|| read(source, sheet, each))).unwrap_or_else(|_| Err(damaged()))
}

fn damaged() -> Fault {
    text("it is not an Excel workbook (.xlsx), or it is damaged")
}

fn read<R: Read + Seek>(
    mut source: R,
    sheet: Option<&str>,
    each: &mut dyn FnMut(Part) -> ControlFlow<()>,
) -> Result<u64, Fault> {
    drop(open(&mut source)?);
    source.seek(SeekFrom::Start(0)).map_err(|_| damaged())?;
    let mut book = Xlsx::new(source).map_err(|_| damaged())?;
    let sheets = book.sheets_metadata().iter().filter(|s| s.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|s| s.name.clone()).collect();
    let chosen = match sheet {
        None => names.first().cloned().ok_or_else(|| text("there is no sheet in it"))?,
        Some(wanted) => names
            .iter()
            .find(|n| n.as_str() == wanted)
            .cloned()
            .ok_or_else(|| text(&format!("there is no sheet of that name; there are: {}", names.join(", "))))?,
    };
    if each(Part::Sheets { names, chosen: chosen.clone() }).is_break() {
        return Err(Fault::Cancelled);
    }
    let mut cells = book.worksheet_cells_reader(&chosen).map_err(|_| damaged())?;
    let mut rows = Rows { each, ready: Vec::new(), bytes: 0, told: 0 };
    let mut row = SheetRow { number: 0, cells: Vec::new() };
    let mut length = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
        let (r, c) = cell.get_position();
        if c >= MOST_COLUMNS || r >= MOST_ROWS || r < row.number.saturating_sub(1) {
            return Err(damaged());
        }
        if r + 1 != row.number {
            rows.push(std::mem::replace(&mut row, SheetRow { number: r + 1, cells: Vec::new() }))?;
            length = 0;
        }
        let shown = shown(cell.get_value());
        length += shown.len();
        if length > LONGEST_ROW {
            return Err(text(&format!("row {} is longer than 48 MiB", r + 1)));
        }
        let c = c as usize;
        if row.cells.len() <= c {
            row.cells.resize(c + 1, String::new());
        }
        row.cells[c] = shown;
    }
    rows.push(row)?;
    rows.flush()?;
    Ok(rows.told)
}

struct Rows<'a> {
    each: &'a mut dyn FnMut(Part) -> ControlFlow<()>,
    ready: Vec<SheetRow>,
    bytes: usize,
    told: u64,
}

impl Rows<'_> {
    fn push(&mut self, row: SheetRow) -> Result<(), Fault> {
        if row.cells.iter().all(String::is_empty) {
            return Ok(());
        }
        let bytes = row.cells.iter().map(|c| c.len() + 8).sum::<usize>();
        if self.bytes + bytes > BYTES_AT_ONCE || self.ready.len() >= ROWS_AT_ONCE {
            self.flush()?;
        }
        self.bytes += bytes;
        self.told += 1;
        self.ready.push(row);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.ready);
        if rows.is_empty() || (self.each)(Part::Rows(rows)).is_continue() { Ok(()) } else { Err(Fault::Cancelled) }
    }
}

/// A cell as a person would read it: whole numbers without a point, dates by ISO 8601.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(x) => x.to_string(),
        DataRef::String(s) => s.replace('\0', " "),
        DataRef::SharedString(s) => s.replace('\0', " "),
        DataRef::Bool(b) => b.to_string(),
        DataRef::DateTime(d) => moment(d),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn moment(d: &ExcelDateTime) -> String {
    if d.is_duration() {
        let seconds = (d.as_f64() * 86_400.0).round();
        return format!("{}:{:02}:{:02}", (seconds / 3600.0) as i64, (seconds / 60.0) as i64 % 60, seconds as i64 % 60);
    }
    let (year, month, day, hour, minute, second, _) = d.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    match (d.as_f64() < 1.0, (hour, minute, second) == (0, 0, 0)) {
        (true, _) => time,
        (_, true) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{time}"),
    }
}
