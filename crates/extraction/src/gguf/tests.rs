#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use cloister_testkit::tiny_gguf::{GgufWriter, TinyModel, tensor_type};
use proptest::prelude::*;

fn refused(file: &[u8]) -> GgufError {
    Header::read(file).expect_err("a broken file must be refused")
}

#[test]
fn a_whole_model_file_is_read() {
    let file = TinyModel::default().gguf();
    let header = Header::read(&file).unwrap();
    assert_eq!(header.str("general.architecture").unwrap(), "qwen2");
    assert_eq!(header.u32("qwen2.block_count").unwrap(), 2);
    assert!(header.array("tokenizer.ggml.tokens").unwrap().as_strs().unwrap().contains(&"<|im_end|>"));
    let q = header.tensor("blk.0.attn_q.weight").unwrap();
    assert_eq!((q.kind(), q.dims()), (TensorType::Q4_K, &[256, 256][..]));
    assert_eq!(q.range().len(), 256 * 144);
    assert!(q.range().start.is_multiple_of(32));
}

#[test]
fn version_2_is_read_and_others_are_named() {
    for (version, expected) in [
        (2, None),
        (1, Some(GgufError::Version { version: 1 })),
        (4, Some(GgufError::Version { version: 4 })),
        (3u32.swap_bytes(), Some(GgufError::BigEndian)),
    ] {
        let mut w = GgufWriter::new();
        w.version = version;
        assert_eq!(Header::read(&w.finish()).err(), expected, "version {version}");
    }
    assert_eq!(refused(b"ggml"), GgufError::NotGguf);
    assert_eq!(refused(b""), GgufError::NotGguf);
}

#[test]
fn lying_counts_are_refused_before_anything_is_sized_by_them() {
    for (at, what) in [(8, "tensors"), (16, "metadata entries")] {
        let mut file = TinyModel::default().gguf();
        file[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(refused(&file), GgufError::Count { what, count: u64::MAX });
    }
    let mut w = GgufWriter::new();
    let mut array = 0u32.to_le_bytes().to_vec();
    array.extend((1u64 << 60).to_le_bytes());
    w.meta("a", 9, &array);
    assert_eq!(refused(&w.finish()), GgufError::Count { what: "array values", count: 1 << 60 });
    let mut w = GgufWriter::new();
    w.meta("s", 8, &u64::MAX.to_le_bytes());
    assert_eq!(refused(&w.finish()), GgufError::TooLong { what: "metadata string", len: u64::MAX });
}

#[test]
fn impossible_shapes_are_refused() {
    let kind = tensor_type::Q4_K;
    for sizes in [&[][..], &[0], &[255], &[256, 1, 1, 1, 1], &[1 << 32, 1 << 32], &[1 << 40, 1 << 23, 1]] {
        let mut w = GgufWriter::new();
        w.describe("t", sizes, kind, 0);
        assert!(
            matches!(refused(&w.finish()), GgufError::Shape { .. } | GgufError::Truncated { .. }),
            "sizes {sizes:?}"
        );
    }
    let mut w = GgufWriter::new();
    w.describe("t", &[256], 99, 0);
    assert_eq!(refused(&w.finish()), GgufError::UnknownTensorType { name: "t".into(), code: 99 });
}

#[test]
fn tensors_outside_unaligned_or_overlapping_are_refused() {
    let mut w = GgufWriter::new();
    w.tensor("a", &[8], tensor_type::F32, &[0; 32]);
    w.describe("b", &[8], tensor_type::F32, 32);
    assert_eq!(refused(&w.finish()), GgufError::Truncated { what: "tensor b".into() });

    let mut w = GgufWriter::new();
    w.describe("a", &[8], tensor_type::F32, u64::MAX - 31);
    assert_eq!(refused(&w.finish()), GgufError::Truncated { what: "tensor a".into() });

    let mut w = GgufWriter::new();
    w.tensor("a", &[8], tensor_type::F32, &[0; 64]);
    w.describe("b", &[4], tensor_type::F32, 16);
    assert_eq!(refused(&w.finish()), GgufError::Misaligned { name: "b".into(), offset: 16 });

    let mut w = GgufWriter::new();
    w.tensor("a", &[16], tensor_type::F32, &[0; 64]);
    w.describe("b", &[8], tensor_type::F32, 32);
    assert_eq!(refused(&w.finish()), GgufError::Overlap { first: "a".into(), second: "b".into() });
}

#[test]
fn a_name_or_key_given_twice_is_refused() {
    let mut w = GgufWriter::new();
    w.tensor("a", &[8], tensor_type::F32, &[0; 32]);
    w.tensor("a", &[8], tensor_type::F32, &[0; 32]);
    assert_eq!(refused(&w.finish()), GgufError::DuplicateTensor { name: "a".into() });
    let mut w = GgufWriter::new();
    w.meta_u32("k", 1);
    w.meta_u32("k", 1);
    assert_eq!(refused(&w.finish()), GgufError::DuplicateKey { key: "k".into() });
}

#[test]
fn alignment_must_be_a_power_of_two() {
    for (alignment, fits) in [(8u32, true), (64, true), (0, false), (1, false), (48, false), (1 << 20, false)] {
        let mut w = GgufWriter::new();
        w.meta_u32("general.alignment", alignment);
        assert_eq!(Header::read(&w.finish()).err(), (!fits).then_some(GgufError::Alignment), "{alignment}");
    }
}

#[test]
fn values_outside_their_type_are_refused() {
    let mut w = GgufWriter::new();
    w.meta("b", 7, &[2]);
    assert_eq!(refused(&w.finish()), GgufError::NotBoolean { key: "b".into() });
    let mut w = GgufWriter::new();
    w.meta("v", 13, &[0; 8]);
    assert_eq!(refused(&w.finish()), GgufError::UnknownValueType { key: "v".into(), code: 13 });
    let mut w = GgufWriter::new();
    w.meta("n", 9, &[9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(refused(&w.finish()), GgufError::NestedArray { key: "n".into() });
    let mut w = GgufWriter::new();
    w.meta("s", 8, &[1, 0, 0, 0, 0, 0, 0, 0, 0xff]);
    assert_eq!(refused(&w.finish()), GgufError::NotUtf8 { what: "metadata string" });
}

#[test]
fn the_cut_file_among_the_bad_inputs_is_refused() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bad_inputs/models/cut.gguf");
    let Ok(file) = std::fs::read(path) else {
        println!("skipped: the bad inputs are not beside the repository");
        return;
    };
    let GgufError::Count { .. } = refused(&file) else { panic!("its counts cannot fit its 208 bytes") };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// No bytes after the magic make the reader panic, hang or allocate beyond the file.
    #[test]
    fn any_bytes_are_an_answer(tail in proptest::collection::vec(any::<u8>(), 0..400), version in 2u32..4) {
        let mut file = b"GGUF".to_vec();
        file.extend(version.to_le_bytes());
        file.extend(tail);
        let _ = Header::read(&file);
    }

    /// A model file with bytes of its header changed is read or refused; what is read lies inside the file.
    #[test]
    fn a_damaged_header_never_points_outside(damage in proptest::collection::vec((0usize..12_000, any::<u8>()), 1..8)) {
        thread_local!(static FILE: Vec<u8> = TinyModel { layers: 1, ..TinyModel::default() }.gguf());
        let mut file = FILE.with(Clone::clone);
        for (at, byte) in damage {
            file[at] = byte;
        }
        if let Ok(header) = Header::read(&file) {
            for (_, tensor) in header.tensors() {
                prop_assert!(file.get(tensor.range().clone()).is_some());
                prop_assert!(tensor.value_count() > 0);
            }
        }
    }

    /// Cut anywhere, the file is refused.
    #[test]
    fn a_cut_file_is_refused(keep in 0.0f64..1.0) {
        thread_local!(static FILE: Vec<u8> = TinyModel { layers: 1, ..TinyModel::default() }.gguf());
        let file = FILE.with(Clone::clone);
        let cut = (file.len() as f64 * keep) as usize;
        prop_assert!(Header::read(&file[..cut.min(file.len() - 1)]).is_err());
    }
}
