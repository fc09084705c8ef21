//! The decoder beside candle-transformers' own forward pass of the same file.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use candle_core::quantized::gguf_file::Content;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_qwen2::ModelWeights;
use cloister_extraction::Accelerator;
use cloister_extraction::decoder::{Decoder, ModelBytes, Rows, Step};
use cloister_extraction::gguf::Header;
use cloister_extraction::tokenizer::Tokenizer;
use cloister_kernels::CpuPath;
use std::io::Cursor;
use std::sync::Arc;

const TEXT: &str = "Mrs. Kowalski, 67, takes metoprolol 25 mg twice a day for hypertension. She denies chest pain \
                    and shortness of breath. Plan: increase metoprolol to 50 mg, repeat the echocardiogram in";
const GENERATED: usize = 12;

fn argmax(row: &[f32]) -> u32 {
    let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    best.unwrap().0 as u32
}

/// Reads a text with both, then lets both go on greedily along our tokens. Both round activations to bytes and add
/// in different orders, so that logits differ in their second decimals; what follows must be the same.
fn compare(file: &str, accelerator: Option<&Accelerator>) {
    let path = cloister_testkit::repository().join("models/weights").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {file} is not in models/weights");
        return;
    };
    let bytes: ModelBytes = Arc::new(bytes);
    let raw: &[u8] = (*bytes).as_ref();
    let header = Header::read(raw).unwrap();
    let ours = Decoder::load_on(accelerator, &header, &bytes, CpuPath::detect(), 2).unwrap();
    let mut tokens = Tokenizer::from_gguf(&header).unwrap().encode(TEXT);
    let mut reader = Cursor::new(raw);
    let content = Content::read(&mut reader).unwrap();
    let mut theirs = ModelWeights::from_gguf(content, &mut reader, &Device::Cpu).unwrap();

    let mut cache = ours.cache(tokens.len() + GENERATED);
    let (mut largest, mut agreed, mut read) = (0.0f32, 0, 0);
    for _ in 0..GENERATED {
        let new = tokens[read..].to_vec();
        let mut step = [Step { cache: &mut cache, tokens: &new, logits: Rows::Last(1) }];
        let logits = ours.forward(&mut step).unwrap().remove(0);
        let input = Tensor::new(new.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let expected: Vec<f32> = theirs.forward(&input, read).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        read = tokens.len();
        let differences = logits.last().iter().zip(&expected).map(|(a, b)| (a - b).abs());
        largest = largest.max(differences.fold(0.0, f32::max));
        let next = argmax(logits.last());
        agreed += usize::from(next == argmax(&expected));
        tokens.push(next);
    }
    println!("{file}: {agreed} of {GENERATED} greedy tokens agree, logits differ by at most {largest:.3}");
    assert!(agreed + 1 >= GENERATED, "{agreed} of {GENERATED}");
    assert!(largest < 1.0, "{largest}");
}

#[test]
fn the_default_model_is_computed_as_candle_computes_it() {
    compare("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", None);
}

#[test]
fn the_small_model_with_other_block_formats_likewise() {
    compare("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", None);
}

#[test]
fn an_accelerator_computes_what_the_processor_does() {
    match Accelerator::open() {
        Ok(accelerator) => {
            for file in ["qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"] {
                compare(file, Some(&accelerator));
            }
        }
        Err(why) => println!("skipped: {why}"),
    }
}
