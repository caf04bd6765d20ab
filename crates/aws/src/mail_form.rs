//! The form of a mail: headers and the two bodies. Whatever is put into a header here is encoded by
//! the library and cannot end it.

use std::fmt;

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use weir_core::message::fingerprint;
use weir_engine::notify::Letter;

/// Who sends: `notify.from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads `Weir <weir@example.com>` or `weir@example.com`.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self)
            .map_err(|_| format!("`{text}` is not an address: write Weir <weir@example.com>"))
    }

    /// The address alone.
    pub fn address(&self) -> String {
        self.0.email.to_string()
    }
}

impl fmt::Display for Sender {
    /// As it stands in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a text is the address of a mailbox.
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

/// A mail, and where it goes.
pub(crate) fn mime(
    sender: &Sender,
    to: &str,
    id: &str,
    letter: &Letter,
) -> Result<(Envelope, Vec<u8>), String> {
    let address: lettre::Address = to
        .parse()
        .map_err(|_| format!("`{to}` is not an address"))?;
    let Letter {
        subject,
        text,
        html,
        notice: _,
    } = letter;
    let raw = |name: &'static str, value: &str| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
    };
    let message = lettre::Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, address))
        .subject(subject)
        .message_id(Some(message_id(sender, id)))
        // Nobody's out-of-office answers a machine.
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("X-Auto-Response-Suppress", "All"))
        .multipart(MultiPart::alternative_plain_html(
            text.clone(),
            html.clone(),
        ))
        .map_err(|error| error.to_string())?;
    Ok((message.envelope().clone(), message.formatted()))
}

/// The same for a repeat of the same message, so that mail programs show it once.
pub(crate) fn message_id(sender: &Sender, id: &str) -> String {
    format!("<{}@{}>", fingerprint(id), sender.0.email.domain())
}
