//! The parent's side of the institution's directory: how it is to be asked, the protocol to the process that asks it,
//! and what it answered. Nothing here opens a socket: `cloister-directory` does, and nothing else.

mod broker;
mod fault;
mod frame;
pub mod protocol;
mod server;
mod settings;

pub use broker::{Broker, BrokerError, Client, longest};
pub use fault::Fault;
pub use frame::{MAX_FRAME, read_frame, write_frame};
pub use protocol::{Step, StepName, StepState, Verified};
pub use server::{Server, ServerFault, Transport};
pub use settings::{
    Authorities, BindMode, DirectoryKind, GivenGroup, GivenSettings, GroupRole, SettingFault, Settings,
};

use secrecy::SecretString;

/// Whether the directory lets somebody in, and as what. The broker's client is one; tests bring their own.
pub trait Directory: Sync {
    /// Asks about a name and a password.
    ///
    /// # Errors
    /// [`Fault`]: what the directory refused, or why it could not be asked. [`Fault::is_decided`] tells them apart.
    fn verify(&self, name: &str, password: &SecretString) -> Result<Verified, Fault>;

    /// The fewest characters of a password that a slot is made with.
    fn minimum_password_length(&self) -> u32;
}
