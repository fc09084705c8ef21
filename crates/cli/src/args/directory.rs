//! The institution's directory.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Directory {
    /// Set how the directory is asked; it counts from the next start of Cloister on
    #[command(after_help = SETTINGS)]
    Set {
        /// Settings in TOML
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A file whose first line is the password of the account that searches; else it is asked for
        #[arg(long, value_name = "FILE")]
        search_password_file: Option<PathBuf>,
    },
    /// What is set
    #[command(after_help = "Example:\n  cloister --user ada directory show")]
    Show,
    /// Take each step of a sign-in by itself, and say which one fails
    #[command(after_help = "Examples:\n  cloister --user ada directory test --as okafor\n  \
                      cloister directory test --file directory.toml --as okafor")]
    Test {
        /// As whom; their password is asked for
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// A file whose first line is their password
        #[arg(long, value_name = "FILE", requires = "name")]
        as_password_file: Option<PathBuf>,
        /// Do not ask for their password, and leave the last step out
        #[arg(long, requires = "name", conflicts_with = "as_password_file")]
        without_password: bool,
        /// Try these settings, which need not be set; no vault is opened
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// With --file: a file whose first line is the password of the account that searches; else it is asked for
        #[arg(long, value_name = "FILE", requires = "file")]
        search_password_file: Option<PathBuf>,
    },
    /// Have no directory any more; its accounts stay shut until somebody resets them
    #[command(after_help = "Example:\n  cloister --user ada directory remove")]
    Remove,
}

impl Directory {
    /// Whether it asks a directory that need not be set.
    pub(crate) const fn needs_broker(&self) -> bool {
        matches!(self, Self::Test { file: Some(_), .. })
    }
}

const SETTINGS: &str = "\
Example:
  cloister --user ada directory set directory.toml

  kind = \"openldap\"                        # or \"active-directory\"
  servers = [\"ldaps://10.0.0.5?name=dc1.clinic.example\"]
  ca_file = \"clinic-ca.pem\"                # beside this file
  bind = \"search\"                          # or \"direct\", with bind_template = \"uid={name},ou=people,…\"
  search_account = \"cn=cloister,dc=clinic\" # left out: the directory lets anybody search
  people_base = \"ou=people,dc=clinic\"
  [[groups]]
  dn = \"cn=clinicians,ou=groups,dc=clinic\"
  role = \"clinician\"";
