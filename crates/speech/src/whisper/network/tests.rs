//! The network beside whisper.cpp: same weights, same sound.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use super::*;
use crate::AudioDecoder;
use crate::model_file::read_model;
use std::path::{Path, PathBuf};
use whisper_rs::{WhisperContext, WhisperContextParameters};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn sound(file: &str) -> Vec<f32> {
    let file = std::fs::File::open(repository().join(file)).unwrap();
    let mut audio = AudioDecoder::open(file, None).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = audio.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    samples
}

/// The distance between two vectors of logits in units of their spread, a constant shift left out.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let mean = |x: &[f32]| x.iter().map(|x| f64::from(*x)).sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut off, mut spread) = (0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a) - mean_a, f64::from(*b) - mean_b);
        off += (a - b) * (a - b);
        spread += b * b;
    }
    (off / spread).sqrt()
}

fn likeliest(logits: &[f32]) -> i32 {
    logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i as i32)
}

/// Writes down `samples` with both, whisper.cpp's choice each time. Gives the worst and the mean distance of the logits,
/// and how many of the choices were the same.
fn beside(model: &[u8], samples: &[f32]) -> (f64, f64, usize, usize) {
    let file = read_model(model).unwrap();
    let network = Network::read(&file, CpuPath::detect()).unwrap();
    let mut work = Workspace::new(1).unwrap();
    let mut page = network.page();
    assert!(network.hear(samples, AUDIO_CONTEXT, &mut page, &mut work, &mut || true));

    whisper_rs::install_logging_hooks();
    let mut parameters = WhisperContextParameters::default();
    parameters.flash_attn(false);
    let context = WhisperContext::new_from_buffer_with_params(model, parameters).unwrap();
    let mut state = context.create_state().unwrap();
    state.pcm_to_mel(samples, 1).unwrap();
    state.encode(0, 1).unwrap();

    let start = context.token_sot();
    let mut prompt = vec![start];
    if file.shape.multilingual {
        prompt.extend([context.token_lang(0), context.token_transcribe()]);
    }
    prompt.push(context.token_beg());
    for (i, token) in prompt.iter().enumerate() {
        state.decode(&[*token], i, 1).unwrap();
    }
    let (mut worst, mut sum, mut same, mut past) = (0.0f64, 0.0, 0, prompt.len());
    let mut pending = prompt;
    let most = 60;
    for n in 1.. {
        let ours = network.read_tokens(&mut [page.reading(&pending)], &mut work).next().unwrap();
        let theirs = state.get_logits().unwrap();
        let d = distance(ours, theirs);
        (worst, sum) = (worst.max(d), sum + d);
        let next = likeliest(theirs);
        same += usize::from(likeliest(ours) == next);
        if next == context.token_eot() || n == most {
            return (worst, sum / f64::from(n), same, n as usize);
        }
        state.decode(&[next], past, 1).unwrap();
        past += 1;
        pending = vec![next];
    }
    unreachable!()
}

#[test]
fn logits_are_those_of_whisper_cpp_with_models() {
    for model in ["ggml-base-q8_0.bin", "ggml-tiny.en.bin"] {
        let Ok(model) = std::fs::read(repository().join("models/weights").join(model)) else {
            println!("skipped: {model} is not there");
            continue;
        };
        let visit = sound("crates/app/assets/demo/visit.ogg");
        for samples in
            [&sound("tests/fixtures/greeting.flac")[..], &visit[..28 * 16_000], &visit[40 * 16_000..60 * 16_000]]
        {
            let (worst, mean, same, all) = beside(&model, samples);
            println!("{worst:.4} at worst, {mean:.4} in the mean, {same} of {all} choices the same");
            assert!(worst < 0.1 && mean < 0.05 && same * 20 >= all * 19);
        }
    }
}
