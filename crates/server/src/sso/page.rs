//! The page for whoever is not let in: what happened and what to do, in their language, without a script.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use weir_engine::TurnedAway;

use crate::api::docs::escaped;

/// Why somebody is not let in.
pub(super) enum Trouble {
    /// It was begun in another browser, or too long ago.
    NotBegun,
    /// The provider is not there, or makes no sense.
    Provider,
    /// The provider denied it, in these words of its own.
    Denied(String),
    /// What the provider said proves nothing.
    Unproven,
    /// The provider vouches for them, and that does not do.
    Away(TurnedAway),
    /// Too many sign-ins from there failed: nothing was looked at, and nothing will be for so many seconds.
    TooSoon(i64),
}

/// As much as is shown of what a provider says.
const SHOWN: usize = 300;

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotBegun => StatusCode::BAD_REQUEST,
            Self::Provider => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSoon(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Denied(_) | Self::Unproven | Self::Away(_) => StatusCode::FORBIDDEN,
        }
    }

    fn spanish(&self) -> &'static str {
        match self {
            Self::NotBegun => {
                "Este inicio de sesión no empezó en este navegador, o hace más de diez minutos. Empiece otra vez."
            }
            Self::Provider => {
                "El proveedor de identidad no responde. Inténtelo dentro de unos minutos; mientras tanto, quien \
                 tenga una cuenta local puede entrar con ella."
            }
            Self::Denied(_) => {
                "El proveedor de identidad ha rechazado el inicio de sesión. Ha dicho:"
            }
            Self::Unproven => {
                "No se ha podido comprobar la respuesta del proveedor de identidad. Empiece otra vez; si se repite, \
                 un administrador encontrará la causa en el registro del servidor."
            }
            Self::Away(TurnedAway::Disabled) => {
                "Un administrador ha desactivado su acceso a Weir. Pregunte a un administrador."
            }
            Self::Away(TurnedAway::NoGroup) => {
                "El proveedor de identidad le conoce, pero ninguno de sus grupos da acceso a Weir. Pida a un \
                 administrador que le incluya en uno."
            }
            Self::Away(TurnedAway::NoUser) => {
                "El proveedor de identidad le conoce, pero no dice qué usuario de Weir es: su dirección de correo no está verificada o no es la de \
                 exactamente un usuario de Weir. Pida a un administrador que la anote en su usuario."
            }
            Self::TooSoon(_) => {
                "Demasiados intentos fallidos desde aquí. Espere estos segundos y empiece otra vez:"
            }
        }
    }

    fn english(&self) -> &'static str {
        match self {
            Self::NotBegun => {
                "This sign-in was not begun in this browser, or more than ten minutes ago. Begin again."
            }
            Self::Provider => {
                "The identity provider does not answer. Try again in a few minutes; meanwhile, whoever has a local \
                 account can sign in with it."
            }
            Self::Denied(_) => "The identity provider refused the sign-in. It said:",
            Self::Unproven => {
                "The answer of the identity provider could not be verified. Begin again; if it happens again, an \
                 administrator finds the cause in the server's log."
            }
            Self::Away(TurnedAway::Disabled) => {
                "An administrator switched off your access to Weir. Ask an administrator."
            }
            Self::Away(TurnedAway::NoGroup) => {
                "The identity provider knows you, but none of your groups lets you into Weir. Ask an administrator \
                 to put you into one."
            }
            Self::Away(TurnedAway::NoUser) => {
                "The identity provider knows you, but does not tell which user of Weir you are: your e-mail address is not verified, or not that of exactly \
                 one user of Weir. Ask an administrator to note it with your user."
            }
            Self::TooSoon(_) => {
                "Too many attempts from here failed. Wait these seconds and begin again:"
            }
        }
    }

    fn said(&self) -> Option<String> {
        match self {
            Self::Denied(words) => Some(words.chars().take(SHOWN).collect()),
            Self::TooSoon(seconds) => Some(seconds.to_string()),
            _ => None,
        }
    }
}

/// The page.
pub(super) fn of(headers: &HeaderMap, trouble: &Trouble) -> Response {
    let (lang, title, text, back) = if reads_spanish(headers) {
        let text = trouble.spanish();
        ("es", "No se ha podido iniciar sesión", text, "Volver")
    } else {
        ("en", "Not signed in", trouble.english(), "Back")
    };
    let said = trouble.said();
    let said = said.map_or_else(String::new, |said| {
        format!("<blockquote>{}</blockquote>", escaped(&said))
    });
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title} · Weir</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main>\
         <h1>{title}</h1><p>{text}</p>{said}<p><a href=\"/\">{back}</a></p></main></body></html>\n"
    );
    let guards = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let guards = guards.map(|(name, value)| (name, HeaderValue::from_static(value)));
    (trouble.status(), guards, Html(html)).into_response()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;color-scheme:light dark}\
    main{max-width:34rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.3rem}\
    blockquote{margin:1rem 0;padding:.5rem 1rem;border-left:4px solid #ec7266;overflow-wrap:anywhere}";

/// Whether Spanish comes before English among what a browser asks for.
fn reads_spanish(headers: &HeaderMap) -> bool {
    let asked = headers.get(header::ACCEPT_LANGUAGE);
    let asked = asked
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let primary = asked
        .split(',')
        .filter_map(|tag| tag.split([';', '-']).next())
        .map(|tag| tag.trim().to_lowercase());
    let ours = primary.into_iter().find(|tag| tag == "es" || tag == "en");
    ours.as_deref() == Some("es")
}
