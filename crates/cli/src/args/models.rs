//! `cloister models`.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// Every model this build knows, and whether it is here
    #[command(after_help = "Example:\n  cloister models list")]
    List,
    /// Read every model file whole and compare its hash
    #[command(after_help = "Example:\n  cloister models verify")]
    Verify,
    /// Put a signed bundle's models where every vault of this workstation finds them; needs no vault
    #[command(after_help = "Example:\n  sudo cloister models install /mnt/stick/cloister-models-0.1.0.tar")]
    Install {
        /// A signed bundle
        bundle: PathBuf,
        /// The minisign key that it is signed with; else the one in /etc/cloister/models.pub
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
    /// Bring in a model file, or those of a folder or a signed bundle: known by hash, or named by an administrator
    #[command(
        after_help = "Examples:\n  cloister --user ada models import /mnt/stick/models\n  cloister --user ada models \
                            import medical.gguf --name medical --licence Apache-2.0"
    )]
    Import {
        /// A GGUF or ggml file, a folder of them, or a signed bundle
        path: PathBuf,
        /// The minisign key that a bundle is signed with; else the one in /etc/cloister/models.pub
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// What it is called, where the manifest does not know it
        #[arg(long, value_name = "NAME", requires = "licence")]
        name: Option<String>,
        /// Under which licence it may be used
        #[arg(long, value_name = "LICENCE", requires = "name")]
        licence: Option<String>,
    },
    /// The model that a task uses when none is named
    #[command(after_help = "Example:\n  cloister --user ada models default language qwen2.5-coder-0.5b")]
    Default {
        /// Which task
        #[arg(value_parser = ["speech", "language"])]
        task: String,
        /// A model that is here
        name: String,
    },
    /// Run a model over a bundled sample: whether it works here, and how fast
    #[command(after_help = "Example:\n  cloister --user ada models try whisper-base")]
    Try {
        /// A model that is here
        name: String,
    },
    /// Take a model's file away
    #[command(after_help = "Example:\n  cloister --user ada models remove whisper-tiny.en --yes")]
    Remove {
        /// A model that is here
        name: String,
        /// Say that you mean it
        #[arg(long)]
        yes: bool,
    },
}
