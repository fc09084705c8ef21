//! The parts of a document that no validator sees.

use super::{Ids, resources::quantity_of, xhtml};
use proptest::prelude::*;
use quick_xml::{Reader, events::Event};

#[test]
fn identifiers_are_uuids_of_version_8_and_of_the_note() {
    let (one, other) = ("a".repeat(64), "b".repeat(64));
    let (one, other) = (Ids { sha: &one }, Ids { sha: &other });
    let id = one.uuid("patient");
    let shape: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(shape, [8, 4, 4, 4, 12]);
    assert!(id.as_bytes()[14] == b'8' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
    assert_eq!(id, one.uuid("patient"));
    assert!(id != one.uuid("author") && id != other.uuid("patient"));
}

#[test]
fn only_a_plain_number_with_one_unit_becomes_a_quantity() {
    assert_eq!(quantity_of("81.5 kg"), Some(("81.5".to_owned(), "kg")));
    assert_eq!(quantity_of("97 %"), Some(("97".to_owned(), "%")));
    assert_eq!(quantity_of("38.4°C"), Some(("38.4".to_owned(), "°C")));
    for said in
        ["140/85 mmHg", "78", "38.40 °C", "six kg", "1,5 l", "about 5 kg", "5-7 mg", "5 mg daily", "1e3 kg", "..5 kg"]
    {
        assert_eq!(quantity_of(said), None, "{said}");
    }
}

proptest! {
    #[test]
    fn any_text_is_text_in_a_narrative(said in "\\PC{0,60}|.{0,60}") {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", xhtml(&said));
        let mut reader = Reader::from_str(&div);
        let (mut depth, mut text) = (0, String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(t) => text.push_str(&t),
                Event::GeneralRef(r) => text.push(match r.as_ref() {
                    "amp" => '&', "lt" => '<', "gt" => '>', "quot" => '"', "apos" => '\'', other => panic!("{other}"),
                }),
                Event::Eof => break,
                other => prop_assert!(false, "{other:?}"),
            }
            prop_assert!(depth <= 1);
        }
        prop_assert_eq!(text, super::without_controls(&said));
    }
}
