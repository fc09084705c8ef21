//! `cloister-engine`: hosts the models and every reader of untrusted bytes, and talks to its parent over its
//! standard input and output. It opens no file and no socket: models come as descriptors that the parent hashed,
//! sources come as ranges of bytes it asks for. When its parent goes, it goes.

mod jobs;
mod link;
mod live;
mod models;
mod office;
mod source;

use anyhow::{Context, Result, bail};
use cloister_engine_client::protocol::{Fault, Reply, Request, Sealed, VERSION};
use cloister_seal::{Options, seal};
use link::{Link, Pipes};
use models::Models;

fn main() -> Result<()> {
    // A panic may carry what it choked on, so only the place is said. The parent sees the process end.
    std::panic::set_hook(Box::new(|_| {}));
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("asking to end with the parent")?;
    let pipes = Pipes::take().context("the pipes to the parent")?;
    // The driver of an accelerator opens files and starts threads, so it comes first; without `cuda` this does nothing.
    let accelerator = cloister_extraction::Accelerator::open().is_ok();
    // Before the first byte is read, and before the first thread: Landlock holds for threads that start later. Models
    // come after it, too: they are files that somebody else made.
    let report = seal(Options { accelerator, ..Options::engine() });
    let link = Link::start(pipes);
    let Some(Request::Hello { version, threads, speech, language, device, unsealed }) = link.next_request()? else {
        bail!("the first message must be a hello");
    };
    if version != VERSION {
        bail!("another protocol version");
    }
    if !unsealed && !report.is_enforced() {
        let words = report.facts().join("; ");
        return link.reply(&Reply::Failed(Fault::NotSealed { words }));
    }
    let build = env!("CARGO_PKG_VERSION").to_owned();
    link.reply(&Reply::Sealed(Sealed { version: VERSION, build, report }))?;
    let mut models = match Models::load(threads, speech, language, &device) {
        Ok(models) => models,
        Err(fault) => return link.reply(&Reply::Failed(fault)),
    };
    link.reply(&Reply::Ready(models.ready()))?;
    while let Some(request) = link.next_request()? {
        link.begin_job();
        let reply = jobs::run(&link, &mut models, request);
        link.reply(&reply)?;
    }
    Ok(())
}
