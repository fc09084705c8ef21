//! Audio files to transcripts.

use crate::{
    args::{Transcribe, TranscriptFormat},
    face::{Failure, Terminal},
    print,
};
use cloister_app::{dto::TranscriptDto, file_stem, transcript_text, write_file};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    iter,
    path::{Path, PathBuf},
};

pub(crate) fn run(terminal: &Terminal, what: &Transcribe) -> Result<(), Failure> {
    terminal.sign_in()?;
    if what.encounter.is_some() && what.files.len() > 1 {
        return Err(Failure::Usage("one visit takes one file at a time".to_owned()));
    }
    if what.files.is_empty() {
        let transcript = terminal.call("transcribe_recording", asked(what))?;
        let output = what.output.as_ref().filter(|o| !o.is_dir());
        write(terminal, what.format, &transcript, output.map(PathBuf::as_path))?;
        if terminal.json {
            print::json(&transcript);
        }
        return Ok(());
    }
    let mut failed = 0;
    let mut documents = Vec::new();
    for (file, output) in what.files.iter().zip(destinations(what)) {
        match one(terminal, what, file, output.as_deref()) {
            Ok(transcript) => documents.push(transcript),
            // The others go on; this one is told and counted.
            Err(e @ Failure::App(_)) if what.files.len() > 1 && e.exit_code() == 1 => {
                print::message(&e.to_string());
                failed += 1;
            }
            Err(e) => return Err(e),
        }
    }
    if terminal.json {
        match documents.as_slice() {
            [only] if what.files.len() == 1 => print::json(only),
            several => print::json(&Value::from(several.to_vec())),
        }
    }
    if failed > 0 {
        return Err(Failure::Some(format!("{failed} of {} files could not be transcribed", what.files.len())));
    }
    Ok(())
}

fn one(terminal: &Terminal, what: &Transcribe, file: &Path, output: Option<&Path>) -> Result<Value, Failure> {
    let mut answer = terminal.call_with("import_audio", asked(what), Some(file))?;
    for warning in answer["warnings"].as_array().into_iter().flatten() {
        print::message(&format!("{}: {}", file.display(), print::cell(warning)));
    }
    let transcript = answer["transcript"].take();
    write(terminal, what.format, &transcript, output)?;
    Ok(transcript)
}

fn asked(what: &Transcribe) -> Value {
    json!({
        "encounter": what.encounter,
        "language": what.language,
        "model": what.model,
        "vocabulary": what.vocabulary,
        "terms": what.terms,
    })
}

/// The spoken words alone.
pub(crate) fn text_of(transcript: Value) -> Result<String, Failure> {
    typed(transcript).map(|t| transcript_text::plain(&t))
}

fn typed(transcript: Value) -> Result<TranscriptDto, Failure> {
    serde_json::from_value(transcript).map_err(|_| Failure::Some("the transcript cannot be read back".to_owned()))
}

fn write(
    terminal: &Terminal,
    format: TranscriptFormat,
    transcript: &Value,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let typed = typed(transcript.clone())?;
    let text = match format {
        TranscriptFormat::Txt => transcript_text::plain(&typed),
        TranscriptFormat::Srt => transcript_text::srt(&typed),
        TranscriptFormat::Vtt => transcript_text::vtt(&typed),
        TranscriptFormat::Json => format!("{transcript}\n"),
    };
    match output {
        Some(output) => write_file(output, text.as_bytes())?,
        None if !terminal.json => print::data(&text),
        None => {}
    }
    Ok(())
}

/// Where each input's text goes: a file for one input; a folder for several, with one `INPUTSTEM.FORMAT` each.
/// Of inputs with one stem the first has that name, the others `INPUTSTEM-2.FORMAT` and on.
fn destinations(what: &Transcribe) -> Vec<Option<PathBuf>> {
    let Some(output) = &what.output else { return vec![None; what.files.len()] };
    if what.files.len() == 1 && !output.is_dir() {
        return vec![Some(output.clone())];
    }
    let mut taken = BTreeSet::new();
    let mut free = |file: &PathBuf| {
        let stem = file_stem(file);
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let name = iter::once(stem.clone()).chain(numbered).find(|name| taken.insert(name.clone()))?;
        let path = output.join(format!("{name}.{}", what.format.ending()));
        if name != stem {
            print::message(&format!("{}: goes to {}, another input has its name", file.display(), path.display()));
        }
        Some(path)
    };
    what.files.iter().map(&mut free).collect()
}
