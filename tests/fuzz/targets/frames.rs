//! Any bytes on the pipes between the program and its engine, in both directions.
#![no_main]

use cloister_engine_client::{
    Frame, FrameReader,
    protocol::{Reply, Request},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut requests = FrameReader::new(bytes);
    while let Ok(Frame::Message(_) | Frame::Bytes(_)) = requests.read::<Request>() {}
    let mut replies = FrameReader::new(bytes);
    while let Ok(Frame::Message(_) | Frame::Bytes(_)) = replies.read::<Reply>() {}
});
