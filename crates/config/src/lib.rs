//! What every binary of Weir starts from: the configuration file and the environment become
//! [`Settings`], and [`Installation`] opens database, AWS and engine by them.
//!
//! What is typed on a command line is no part of it, and nothing here prints: what somebody should
//! know is handed to [`Tell`].

mod environment;
mod error;
mod installation;
mod login;
mod sections;
mod settings;

pub use environment::Environment;
pub use error::StartError;
pub use installation::{
    AnyDatabase, Databases, Installation, Needs, Process, ServersOnly, Tell, connect, open, require,
};
pub use sections::{
    CloudWatchWord, FileError, MetricsSection, QuotaEntry, Reader, TlsSection, thresholds,
};
pub use settings::{
    Asked, Database, Entrance, Item, LogFeed, NotifySettings, OidcSettings, QueueFeed,
    ServerSettings, Settings, redacted, short, sqlite_path,
};
