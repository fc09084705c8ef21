#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used)]
use cloister_speech::{AudioDecoder, Options, Recogniser};
use std::ops::ControlFlow;
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let (out, model, threads) = (&a[0], &a[1], a[2].parse().unwrap());
    let mut r = Recogniser::load(&std::fs::read(model).unwrap(), threads).unwrap();
    let (mut total, t0) = (0.0, std::time::Instant::now());
    for f in &a[3..] {
        let p = std::path::Path::new(f);
        let mut d = AudioDecoder::open(std::fs::File::open(p).unwrap(), None).unwrap();
        let h = r.transcribe(&mut d, &Options::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let text: Vec<&str> = h.segments.iter().map(|s| s.text.expose("bench").as_str()).collect();
        total += h.duration_s;
        std::fs::write(format!("{out}/{}.txt", p.file_stem().unwrap().to_str().unwrap()), text.join("\n")).unwrap();
    }
    let t = t0.elapsed().as_secs_f64();
    println!("{total:.1} s in {t:.1} s = {:.2}x", total / t);
}
