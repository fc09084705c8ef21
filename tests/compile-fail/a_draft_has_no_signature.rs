use cloister_domain::{Note, note::Draft};

fn signature(note: &Note<Draft>) {
    let _ = note.sha256();
}

fn main() {}
