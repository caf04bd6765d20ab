//! Alerts through an incoming webhook as Slack has them; Mattermost, Rocket.Chat and others take the
//! same.

use async_trait::async_trait;
use serde_json::json;
use weir_core::message::{Message, Tone};
use weir_engine::notify::Letter;
use weir_engine::ports::{Alerts, EffectError};

use crate::http::{Post, post};
use weir_core::secret::Secret;

/// The longest text of one post.
const LONGEST: usize = 2_000;

/// Posts to a chat.
pub(crate) struct ChatAlerts {
    name: String,
    /// Whoever has the URL may post.
    url: Secret,
    client: reqwest::Client,
}

impl ChatAlerts {
    /// The name is what errors call the chat.
    pub(crate) fn new(name: &str, url: Secret, client: reqwest::Client) -> Self {
        Self {
            name: name.to_owned(),
            url,
            client,
        }
    }
}

#[async_trait]
impl Alerts for ChatAlerts {
    async fn publish(&self, message: &Message, letter: &Letter) -> Result<(), EffectError> {
        let mark = match message.kind().tone() {
            Tone::Warning => ":warning:",
            Tone::Block => ":red_circle:",
            Tone::Restore => ":large_green_circle:",
            Tone::Notice => ":information_source:",
        };
        let body = json!({ "text": format!("{mark} {}", escaped(&letter.notice)) }).to_string();
        post(
            &self.client,
            Post {
                what: format!("chat {}", self.name),
                url: &self.url,
                content_type: "application/json; charset=utf-8",
                headers: &[],
                body,
            },
        )
        .await
    }
}

/// `<!channel>` calls everybody, `<http://…|text>` is a link: what users write is neither.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(LONGEST) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn nobody_is_called_and_nothing_is_linked_by_what_users_write() {
        assert_eq!(
            super::escaped("<!channel> & <http://x|y>"),
            "&lt;!channel&gt; &amp; &lt;http://x|y&gt;"
        );
    }
}
