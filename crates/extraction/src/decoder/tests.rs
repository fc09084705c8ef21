#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use cloister_testkit::tiny_gguf::{GgufWriter, TinyModel, tensor_type};
use proptest::prelude::*;
use std::sync::Arc;

fn decoder(model: &TinyModel) -> Decoder {
    let bytes: ModelBytes = Arc::new(model.gguf());
    Decoder::load(&Header::read((*bytes).as_ref()).unwrap(), &bytes, CpuPath::detect(), 2).unwrap()
}

#[test]
fn with_its_matrices_on_an_accelerator_a_model_gives_nearly_the_same() {
    let tokens: Vec<TokenId> = (1..20).collect();
    for architecture in ["qwen2", "llama"] {
        for quantised in [true, false] {
            let model = TinyModel { architecture, quantised, ..TinyModel::default() };
            let bytes: ModelBytes = Arc::new(model.gguf());
            let header = Header::read((*bytes).as_ref()).unwrap();
            let stand_in = Accelerator::stand_in();
            let other = Decoder::load_on(Some(&stand_in), &header, &bytes, CpuPath::detect(), 2).unwrap();
            let ours = decoder(&model);
            let expected = read(&ours, &mut ours.cache(32), &tokens, &[]);
            let found = read(&other, &mut other.cache(32), &tokens, &[7, 1]);
            let most = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
            let apart = expected.iter().zip(&found).fold(0.0f32, |apart, (a, b)| apart.max((a - b).abs()));
            assert!(expected.len() == found.len() && apart <= 0.05 * most, "{architecture}: {apart} of {most}");
        }
    }
}

/// Logits after every token, read as one sequence cut where `chunks` says.
fn read(decoder: &Decoder, cache: &mut KvCache, tokens: &[TokenId], chunks: &[usize]) -> Vec<f32> {
    let mut values = Vec::new();
    let mut rest = tokens;
    for &n in chunks.iter().chain(std::iter::once(&usize::MAX)) {
        let (now, after) = rest.split_at(n.min(rest.len()));
        if !now.is_empty() {
            let mut step = [Step { cache, tokens: now, logits: Rows::All }];
            values.extend(decoder.forward(&mut step).unwrap().remove(0).values);
        }
        rest = after;
    }
    values
}

#[test]
fn a_tiny_model_gives_finite_logits_that_depend_on_the_text() {
    for architecture in ["qwen2", "llama"] {
        for quantised in [true, false] {
            let decoder = decoder(&TinyModel { architecture, quantised, ..TinyModel::default() });
            let a = read(&decoder, &mut decoder.cache(8), &[1, 2, 3], &[]);
            let b = read(&decoder, &mut decoder.cache(8), &[1, 9, 3], &[]);
            let vocabulary = decoder.config().vocabulary;
            assert_eq!(a.len(), 3 * vocabulary);
            assert!(a.iter().all(|x| x.is_finite()));
            assert_eq!(a[..vocabulary], b[..vocabulary], "the first row has seen the same token");
            assert_ne!(a[2 * vocabulary..], b[2 * vocabulary..], "the last has not");
        }
    }
}

#[test]
fn every_processor_path_gives_the_same_logits() {
    let bytes: ModelBytes = Arc::new(TinyModel::default().gguf());
    let header = Header::read((*bytes).as_ref()).unwrap();
    let logits: Vec<Vec<f32>> = CpuPath::available()
        .into_iter()
        .map(|path| {
            let decoder = Decoder::load(&header, &bytes, path, 2).unwrap();
            read(&decoder, &mut decoder.cache(64), &[3, 1, 4, 1, 5, 9, 2, 6, 5, 3], &[])
        })
        .collect();
    assert!(logits.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn last_and_all_agree_and_none_gives_none() {
    let decoder = decoder(&TinyModel::default());
    let tokens = [5, 6, 7, 8];
    let all = read(&decoder, &mut decoder.cache(8), &tokens, &[]);
    let mut cache = decoder.cache(8);
    let last = decoder.forward(&mut [Step { cache: &mut cache, tokens: &tokens, logits: Rows::Last(1) }]).unwrap();
    assert_eq!(last[0].rows(), 1);
    assert_eq!(last[0].last(), &all[3 * decoder.config().vocabulary..]);
    let mut cache = decoder.cache(8);
    let two = decoder.forward(&mut [Step { cache: &mut cache, tokens: &tokens, logits: Rows::Last(2) }]).unwrap();
    assert_eq!(two[0].values, all[2 * decoder.config().vocabulary..]);
    let mut cache = decoder.cache(8);
    let none = decoder.forward(&mut [Step { cache: &mut cache, tokens: &tokens, logits: Rows::None }]).unwrap();
    assert_eq!((none[0].rows(), cache.len()), (0, 4));
}

#[test]
fn a_forked_start_and_a_batch_give_the_same_bytes_as_each_alone() {
    let decoder = decoder(&TinyModel::default());
    let (start, a, b) = ([1, 2, 3, 4, 5], [6, 7, 8], [9, 10]);
    let alone = |rest: &[TokenId]| {
        let whole: Vec<TokenId> = start.iter().chain(rest).copied().collect();
        let all = read(&decoder, &mut decoder.cache(16), &whole, &[]);
        all[start.len() * decoder.config().vocabulary..].to_vec()
    };
    let mut cache = decoder.cache(8);
    decoder.forward(&mut [Step { cache: &mut cache, tokens: &start, logits: Rows::None }]).unwrap();
    let prefix = cache.into_prefix().unwrap();
    let (mut for_a, mut for_b) = (decoder.cache_after(&prefix, 4), decoder.cache_after(&prefix, 4));
    let batch = decoder
        .forward(&mut [
            Step { cache: &mut for_a, tokens: &a, logits: Rows::All },
            Step { cache: &mut for_b, tokens: &b, logits: Rows::All },
        ])
        .unwrap();
    assert_eq!(batch[0].values, alone(&a));
    assert_eq!(batch[1].values, alone(&b));
    assert!(for_a.into_prefix().is_none(), "a fork is no start");
}

#[test]
fn what_was_truncated_leaves_no_trace() {
    let decoder = decoder(&TinyModel::default());
    let mut cache = decoder.cache(16);
    read(&decoder, &mut cache, &[1, 2, 3, 4, 5, 6], &[]);
    cache.truncate(2);
    let again = read(&decoder, &mut cache, &[9, 9], &[]);
    let fresh = read(&decoder, &mut decoder.cache(16), &[1, 2, 9, 9], &[]);
    assert_eq!(again, fresh[2 * decoder.config().vocabulary..]);
}

#[test]
fn steps_that_do_not_fit_are_refused() {
    let decoder = decoder(&TinyModel { context: 6, ..TinyModel::default() });
    let refused = |capacity: usize, tokens: &[TokenId]| {
        let mut cache = decoder.cache(capacity);
        decoder.forward(&mut [Step { cache: &mut cache, tokens, logits: Rows::Last(1) }]).is_err()
    };
    assert!(refused(4, &[]) && refused(2, &[1, 2, 3]) && refused(4, &[9999]) && refused(9, &[1; 7]));
    assert!(!refused(6, &[1; 6]));
}

#[test]
fn other_families_and_variants_are_refused_by_name() {
    let load = |file: Vec<u8>| {
        let bytes: ModelBytes = Arc::new(file);
        let header = Header::read((*bytes).as_ref()).unwrap();
        Decoder::load(&header, &bytes, CpuPath::detect(), 1).unwrap_err()
    };
    let gemma = TinyModel { architecture: "gemma2", ..TinyModel::default() }.gguf();
    assert_eq!(load(gemma), LoadError::Architecture { name: "gemma2".into() });
    let with = |key: &str, value: &str| {
        let mut w = GgufWriter::new();
        w.meta_str("general.architecture", "qwen2");
        w.meta_str(key, value);
        w.finish()
    };
    let yarn = load(with("qwen2.rope.scaling.type", "yarn"));
    assert_eq!(yarn, LoadError::Feature { feature: "rope scaling yarn".into() });
    assert!(matches!(load(with("general.name", "empty")), LoadError::Gguf(_)));
}

#[test]
fn a_tensor_of_another_shape_is_refused_by_name() {
    let mut w = GgufWriter::new();
    w.meta_str("general.architecture", "llama");
    for (key, value) in [
        ("block_count", 1),
        ("context_length", 8),
        ("embedding_length", 256),
        ("feed_forward_length", 256),
        ("attention.head_count", 4),
    ] {
        w.meta_u32(&format!("llama.{key}"), value);
    }
    w.meta_f32("llama.attention.layer_norm_rms_epsilon", 1e-6);
    w.tensor("token_embd.weight", &[4, 128], tensor_type::F32, &[0; 4 * 128 * 4]);
    let bytes: ModelBytes = Arc::new(w.finish());
    let header = Header::read((*bytes).as_ref()).unwrap();
    let name = "token_embd.weight".to_owned();
    let error = LoadError::TensorShape { name, found: vec![4, 128], expected: vec![4, 256] };
    assert_eq!(Decoder::load(&header, &bytes, CpuPath::detect(), 1).unwrap_err(), error);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    /// However a text is cut into chunks, the logits are the same to the last bit.
    #[test]
    fn chunks_change_nothing(
        tokens in proptest::collection::vec(0u32..256, 1..40),
        chunks in proptest::collection::vec(1usize..12, 0..6),
    ) {
        thread_local!(static TINY: Decoder = decoder(&TinyModel::default()));
        TINY.with(|decoder| {
            let whole = read(decoder, &mut decoder.cache(64), &tokens, &[]);
            let cut = read(decoder, &mut decoder.cache(64), &tokens, &chunks);
            prop_assert!(whole == cut);
            Ok(())
        })?;
    }
}
