//! Workbooks, Word documents and folders of texts into the vault, hostile ones too.

use cloister_testkit::{Outcome, Workstation};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};
use zip::{ZipWriter, write::SimpleFileOptions};

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Cover").unwrap().write_string(0, 0, "nothing here").unwrap();
    let sheet = book.add_worksheet().set_name("Reports").unwrap();
    let rows = [
        ["accession", "patient", "befund", "dx"],
        ["A-1", "p1", "Größe 170 cm.", "tall"],
        ["A-2", "p1", "=1+1 is a text", ""],
        ["A-3", "p2", "", "no text"],
    ];
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(row) {
            sheet.write_string(r, c, cell).unwrap();
        }
    }
    sheet.write_string(0, 4, "seen").unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_datetime_with_format(1, 4, ExcelDateTime::from_ymd(2026, 3, 5).unwrap(), &day).unwrap();
    sheet.write_number(2, 4, 7.0).unwrap();
    book.save_to_buffer().unwrap()
}

fn docx(words: &str) -> Vec<u8> {
    let xml =
        format!("<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>");
    zipped(&[("word/document.xml", xml.as_bytes())])
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn act(station: &Workstation, act: &str, path: &Path, more: &[&str]) -> Outcome {
    let path = path.to_string_lossy();
    station.run(["dataset", act, &path].into_iter().chain(more.iter().copied())).unwrap()
}

fn listed(station: &Workstation) -> Value {
    station.run(["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap()
}

#[test]
fn a_sheet_is_chosen_previewed_and_imported() {
    let station = Workstation::with_vault().unwrap();
    let path = station.file("reports.xlsx", workbook()).unwrap();
    let sheet = ["--sheet", "Reports", "--text-column", "befund", "--json"];
    let seen = act(&station, "preview", &path, &sheet).succeeded().unwrap().json().unwrap();
    assert_eq!(seen["format"]["sheets"], json!(["Cover", "Reports"]));
    assert_eq!(seen["columns"], json!(["accession", "patient", "befund", "dx", "seen"]));
    assert_eq!(seen["rows"][0], json!(["A-1", "p1", "Größe 170 cm.", "tall", "2026-03-05"]));
    assert_eq!(seen["rows"][1][4], "7");
    let counts = ["total", "usable", "patients", "left_out"].map(|k| seen[k].as_u64().unwrap());
    assert_eq!(counts, [3, 2, 1, 1]);
    assert_eq!(seen["problems"], json!([{"row": 4, "reason": "its text is empty"}]));
    assert_eq!(listed(&station), json!([]), "a preview imported something");

    let import = [&sheet[..], &["--name", "set", "--gold-column", "diagnosis=dx"]].concat();
    let done = act(&station, "import", &path, &import).succeeded().unwrap().json().unwrap();
    assert_eq!((&done["documents"], &done["source_sha256"]), (&json!(2), &seen["source_sha256"]));
    let wrong = act(&station, "import", &path, &["--name", "x", "--sheet", "Nowhere"]).exited(1).unwrap();
    assert!(wrong.stderr.contains("Cover, Reports"), "{}", wrong.stderr);
}

#[test]
fn a_folder_of_texts_is_a_dataset_and_its_folders_are_patients() {
    let station = Workstation::with_vault().unwrap();
    station.file("texts/p1/first.txt", "Größe 170.").unwrap();
    station.file("texts/p1/second.md", "# Visit\nWell.").unwrap();
    station.file("texts/p2/letter.docx", docx("Dear colleague")).unwrap();
    station.file("texts/p2/broken.docx", &docx("Quillfeather")[..60]).unwrap();
    station.file("texts/p2/blank.txt", " \n").unwrap();
    station.file("texts/p2/picture.png", "no text").unwrap();
    station.file("texts/.hidden.txt", "hidden").unwrap();
    let path = station.path("texts");
    let seen = act(&station, "preview", &path, &["--json"]).succeeded().unwrap().json().unwrap();
    let counts = ["total", "usable", "patients", "left_out"].map(|k| seen[k].as_u64().unwrap());
    assert_eq!(counts, [5, 3, 2, 2], "{seen}");
    let out = act(&station, "import", &path, &["--name", "letters", "--json"]).succeeded().unwrap();
    assert_eq!(out.json().unwrap()["documents"], 3);
    assert!(!(out.stdout + &out.stderr).contains("Quillfeather"));
    let none = station.path("texts/none");
    fs::create_dir(&none).unwrap();
    let refused = act(&station, "import", &none, &["--name", "empty"]).exited(1).unwrap();
    assert!(refused.stderr.contains("none"), "{}", refused.stderr);
}

#[test]
fn bombs_and_broken_workbooks_are_refused_by_name_and_leave_nothing() {
    let station = Workstation::with_vault().unwrap();
    let blank = vec![b' '; 64 << 20];
    let shared = format!("<sst>{}</sst>", "<si><t>x</t></si>".repeat(10));
    let whole = workbook();
    let there = station.file("there.xlsx", with_cell_at("B2")).unwrap();
    let seen = act(&station, "preview", &there, &["--json"]).succeeded().unwrap().json().unwrap();
    assert_eq!(seen["usable"], 1, "{seen}");
    // A place that does not fit a number of 32 bits would come out as B2.
    let cases: [(&str, Vec<u8>); 8] = [
        ("far.xlsx", with_cell_at("B4294967298")),
        ("beyond.xlsx", with_cell_at("B1048577")),
        ("bomb.xlsx", zipped(&[("xl/workbook.xml", blank.as_slice())])),
        ("cut.xlsx", whole[..whole.len() / 2].to_vec()),
        ("no-book.xlsx", zipped(&[("xl/sharedStrings.xml", shared.as_bytes())])),
        ("text.xlsx", b"id,text\n1,x\n".to_vec()),
        ("old.xls", b"\xd0\xcf\x11\xe0".to_vec()),
        ("archive.csv", zipped(&[("a.txt", b"a")])),
    ];
    for (name, bytes) in cases {
        let path = station.file(name, bytes).unwrap();
        let out = act(&station, "import", &path, &["--name", "set"]).exited(1).unwrap();
        assert!(out.stderr.contains(name), "{name}: {}", out.stderr);
    }
    assert_eq!(listed(&station), json!([]));
}

#[test]
fn what_lies_about_its_length_runs_into_the_bounds_of_memory() {
    let station = Workstation::with_vault().unwrap();
    // Three gigabytes of one shared string, in three megabytes: the archive says it is small.
    let mut bytes = whole_with_long_string(3 << 30);
    let declared = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap().by_name("xl/sharedStrings.xml").unwrap().size();
    let declared = u32::try_from(declared).unwrap().to_le_bytes();
    let at: Vec<usize> = (0..bytes.len() - 4).filter(|i| bytes[*i..*i + 4] == declared).collect();
    assert!(!at.is_empty());
    for i in at {
        bytes[i..i + 4].copy_from_slice(&1_000u32.to_le_bytes());
    }
    let path = station.file("liar.xlsx", bytes).unwrap();
    let out = act(&station, "import", &path, &["--name", "set"]).exited(1).unwrap();
    assert!(out.stderr.contains("liar.xlsx"), "{}", out.stderr);
    assert_eq!(listed(&station), json!([]));
}

/// A workbook of two rows, whose last cell says that it stands at `place`.
fn with_cell_at(place: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in (0..).zip([["id", "text"], ["1", "moved"]]) {
        for (c, cell) in (0..).zip(row) {
            sheet.write_string(r, c, cell).unwrap();
        }
    }
    let mut from = zip::ZipArchive::new(Cursor::new(book.save_to_buffer().unwrap())).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..from.len() {
        let mut part = from.by_index(i).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        to.start_file(part.name().unwrap(), SimpleFileOptions::default()).unwrap();
        to.write_all(text.replace("r=\"B2\"", &format!("r=\"{place}\"")).as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

fn whole_with_long_string(length: u64) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let fast = SimpleFileOptions::default();
    let mut add = |name: &str, text: &str| {
        zip.start_file(name, fast).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    add(
        "xl/workbook.xml",
        &format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{rel}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        &format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
        ),
    );
    add(
        "xl/worksheets/sheet1.xml",
        &format!(
            "<worksheet xmlns=\"{main}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>"
        ),
    );
    zip.start_file("xl/sharedStrings.xml", fast).unwrap();
    zip.write_all(format!("<sst xmlns=\"{main}\"><si><t>").as_bytes()).unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..length >> 20 {
        zip.write_all(&block).unwrap();
    }
    zip.write_all(b"</t></si></sst>").unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_dataset_is_shared_by_name_and_deleted_only_on_purpose() {
    let station = Workstation::with_vault().unwrap();
    let okafor = station.user("okafor", "researcher").unwrap();
    let path = station.file("notes.csv", "id,text\n1,Well.\n").unwrap();
    act(&station, "import", &path, &["--name", "set"]).succeeded().unwrap();
    let theirs =
        || station.run_as(&okafor, ["dataset", "list", "--json"]).unwrap().succeeded().unwrap().json().unwrap();
    assert_eq!(theirs(), json!([]));
    let out = station.run(["dataset", "share", "set", "--with", "okafor", "--json"]).unwrap().succeeded().unwrap();
    assert_eq!(out.json().unwrap(), json!(["okafor"]));
    assert_eq!(theirs()[0]["name"], "set");
    station.run_as(&okafor, ["dataset", "delete", "set", "--yes"]).unwrap().exited(3).unwrap();
    station.run(["dataset", "share", "set", "--without", "okafor"]).unwrap().succeeded().unwrap();
    assert_eq!(theirs(), json!([]));
    station.run(["dataset", "delete", "set"]).unwrap().exited(2).unwrap();
    station.run(["dataset", "delete", "set", "--yes"]).unwrap().succeeded().unwrap();
    assert_eq!(listed(&station), json!([]));
}
