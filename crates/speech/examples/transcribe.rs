//! Transcribes one file: `transcribe FILE MODEL [--language L] [--words] [--threads N]`. Text to stdout, the time it
//! took to stderr.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use cloister_speech::{AudioDecoder, Event, Language, Options, Recogniser};
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    let (mut options, mut words, mut threads) = (Options::default(), false, 2);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--language" => {
                options.language = match args.next().as_deref() {
                    Some("auto") | None => Language::Detect,
                    Some(code) => Language::Fixed(code.to_owned()),
                };
            }
            "--terms" => options.vocabulary = args.next().unwrap_or_default().split(',').map(str::to_owned).collect(),
            "--words" => words = true,
            "--threads" => threads = args.next().unwrap_or_default().parse()?,
            _ => names.push(arg),
        }
    }
    let [file, model] = &names[..] else { return Err("usage: transcribe FILE MODEL".into()) };
    let mut recogniser = Recogniser::load(&std::fs::read(model)?, threads)?;
    let started = Instant::now();
    let extension = std::path::Path::new(file).extension().and_then(|e| e.to_str());
    let mut audio = AudioDecoder::open(std::fs::File::open(file)?, extension)?;
    let heard = recogniser.transcribe(&mut audio, &options, &mut |event| {
        if let Event::Segment(segment) = event {
            println!("{}", segment.text.expose("the person asked for it"));
            for word in segment.words.iter().filter(|_| words) {
                let text = word.text.expose("the person asked for it");
                println!("  {:8.2} {:8.2}  {:.2}  {text}", word.start_s, word.end_s, word.probability);
            }
        }
        ControlFlow::Continue(())
    })?;
    let took = started.elapsed().as_secs_f64();
    let speed = heard.duration_s / took;
    eprintln!(
        "{:?} {} {:.1} s in {took:.2} s: {speed:.1} times real time",
        audio.format(),
        heard.language,
        heard.duration_s
    );
    for warning in &heard.warnings {
        eprintln!("{warning}");
    }
    Ok(())
}
