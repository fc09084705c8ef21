use cloister_access::{Grant, TranscribeEncounter};
use cloister_domain::{EncounterId, Sensitive, UserId};
use cloister_store::{NewTranscript, Stores};

fn write(
    stores: &Stores,
    by: &Grant<TranscribeEncounter>,
    new: (EncounterId, &Sensitive<String>, UserId),
    transcript: &NewTranscript<'_>,
) {
    let _ = stores.keep_transcript(by, Some(new), transcript);
}

fn main() {}
