//! `cloister user`: accounts, their keys and their second factor.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// A new account: a local one, or with --directory one whose password is the directory's
    #[command(after_help = "Examples:\n  cloister --user ada user add okafor --role clinician\n  \
                      cloister --user ada user add okafor --role clinician --directory")]
    Add {
        /// The name to sign in with
        name: String,
        /// What they may do
        #[arg(long, value_name = "ROLE", value_parser = ["administrator", "clinician", "researcher", "viewer", "auditor"])]
        role: String,
        /// A file whose first line is their password; else it is asked for
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
        /// Their password is the directory's; prints the code for their first sign-in
        #[arg(long, conflicts_with = "new_password_file")]
        directory: bool,
    },
    /// First sign-in by the directory, or the first after the password was changed there
    #[command(
        after_help = "Examples:\n  cloister --user okafor user enrol\n  cloister --user okafor user enrol --request"
    )]
    Enrol {
        /// A file whose first line is the code that an administrator gave you; else it is asked for
        #[arg(long, value_name = "FILE", group = "way")]
        code_file: Option<PathBuf>,
        /// After a change of password: a file whose first line is the one before; no code is needed then
        #[arg(long, value_name = "FILE", group = "way")]
        previous_password_file: Option<PathBuf>,
        /// Ask an administrator to let you in, and print the fingerprint to read to them
        #[arg(long, group = "way")]
        request: bool,
    },
    /// Who asks to be let in by the directory, with the fingerprints to compare
    #[command(after_help = "Example:\n  cloister --user ada user requests")]
    Requests,
    /// Let somebody in who asks, or give them the role that the directory gives them
    #[command(after_help = "Example:\n  cloister --user ada user approve okafor --fingerprint 7KQ2-9XTD-M3AB-81ZW")]
    Approve {
        /// Who
        name: String,
        /// The fingerprint that they read out; else it is asked for
        #[arg(long, value_name = "FINGERPRINT")]
        fingerprint: Option<String>,
    },
    /// Do not let somebody in who asks
    #[command(after_help = "Example:\n  cloister --user ada user refuse okafor")]
    Refuse {
        /// Who
        name: String,
    },
    /// A one-time code, valid for a week, with which somebody from the directory gets fresh keys
    #[command(after_help = "Example:\n  cloister --user ada user enrol-code okafor")]
    EnrolCode {
        /// Whose
        name: String,
        /// Make a local account one of the directory
        #[arg(long)]
        to_directory: bool,
    },
    /// Every account
    #[command(after_help = "Example:\n  cloister --user ada user list")]
    List,
    /// Who may see what: last sign-ins, roles, what was shared and given, emergencies
    #[command(after_help = "Example:\n  cloister --user ada user review --json")]
    Review,
    /// Another role for somebody
    #[command(after_help = "Example:\n  cloister --user ada user role okafor researcher")]
    Role {
        /// Whose
        name: String,
        /// What they may do from now on
        #[arg(value_parser = ["administrator", "clinician", "researcher", "viewer", "auditor"])]
        role: String,
    },
    /// Take somebody's keys away
    #[command(after_help = "Example:\n  cloister --user ada user disable okafor --rotate")]
    Disable {
        /// Whose
        name: String,
        /// Rotate the keys as well, so that what they kept of them opens nothing
        #[arg(long)]
        rotate: bool,
    },
    /// New keys for the stores: what somebody kept of the old ones opens nothing any more
    #[command(after_help = ROTATE)]
    RotateKeys {
        /// Only this store
        #[arg(long, value_name = "STORE", value_parser = ["visits", "research"])]
        only: Option<String>,
    },
    /// Give a disabled account its keys back
    #[command(after_help = "Example:\n  cloister --user ada user enable okafor")]
    Enable {
        /// Whose
        name: String,
    },
    /// New keys and a new password for somebody who lost theirs; their second factor goes
    #[command(after_help = "Example:\n  cloister --user ada user reset okafor")]
    Reset {
        /// Whose
        name: String,
        /// A file whose first line is their password; else it is asked for
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Let a locked-out name try again
    #[command(after_help = "Example:\n  cloister --user ada user unlock okafor")]
    Unlock {
        /// Whose
        name: String,
    },
    /// Change one's own password
    #[command(after_help = "Example:\n  cloister --user okafor user password")]
    Password {
        /// A file whose first line is the new password; else it is asked for
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Set up one's own second factor, or take it away
    #[command(after_help = "Example:\n  cloister --user okafor user totp enrol")]
    Totp {
        #[command(subcommand)]
        act: Totp,
    },
    /// With the recovery key: a new password for an account when nobody else can give it one
    #[command(after_help = "Example:\n  cloister user recover ada --recovery-key-file paper.txt")]
    Recover {
        /// Whose
        name: String,
        /// A file whose first line is the recovery key; else it is asked for
        #[arg(long, value_name = "FILE")]
        recovery_key_file: Option<PathBuf>,
        /// A file whose first line is the new password; else it is asked for
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Totp {
    /// Show a secret for an authenticator, ask for its code, and print recovery codes
    #[command(after_help = "Example:\n  cloister --user okafor user totp enrol")]
    Enrol {
        /// The secret of an earlier try, when the code is given with --code
        #[arg(long, value_name = "SECRET", requires = "code")]
        secret: Option<String>,
        /// The authenticator's code; else it is asked for
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
    },
    /// Take the second factor away, where the policy allows it
    #[command(after_help = "Example:\n  cloister --user okafor user totp remove")]
    Remove,
}

const ROTATE: &str = "\
Example:
  cloister --user ada user rotate-keys

Everything in the stores is written anew under the new keys, so it takes a while, needs as much room on the disk again,
and nobody else may be signed in meanwhile. It cannot undo what was read or copied before: a copy of the disk or a backup
from before opens with the old keys, and so does a recording's file for who kept its key.";
