//! The demo's dashboard: the real server, on this machine only, with an operator made for this run.

use std::future::pending;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use weir_core::operator::{OperatorName, Rights, Role};
use weir_engine::{Actor, Engine};
use weir_server::{Metrics, State, Token, Transport, serve};

use super::super::serve::chain;
use crate::app::App;
use crate::exit::CliError;

/// Where it listens, if nothing else does.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Who signs in.
const NAME: &str = "demo";
/// Letters that nobody takes for others: 32 of them, so that five bits are one letter.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A dashboard that is about to be served.
pub(super) struct Dashboard {
    listener: TcpListener,
    state: State,
}

impl Dashboard {
    /// Listens, and makes the operator. Nobody else knows the password, and the next demo has another.
    pub(super) async fn open(
        app: &App,
        engine: &Arc<Engine>,
        asked: Option<SocketAddr>,
    ) -> Result<Self, CliError> {
        let listener = listen(asked).await?;
        let password = password()?;
        let name = OperatorName::new(NAME).map_err(|error| CliError::Failed(error.to_string()))?;
        let rights = Rights::new(Role::Admin, None, None)
            .map_err(|error| CliError::Failed(error.to_string()))?;
        let by = Actor {
            name: super::prepare::AUTHOR.to_owned(),
            claimed: None,
        };
        engine
            .create_operator(&name, rights, &password, &by)
            .await?;
        let address = listener
            .local_addr()
            .map_err(CliError::io("the listener has no address"))?;
        app.printer.note(&format!(
            "The dashboard is at http://{address}\n  sign in as {NAME} with the password {password}"
        ));
        let token = secret()?;
        let token = Token::new(&token).map_err(|error| CliError::Failed(error.to_string()))?;
        let state = State {
            engine: Arc::clone(engine),
            token,
            metrics: Arc::new(Metrics::new(app.settings.metrics.most(), None)),
            metadata_keys: app.settings.metadata_keys.clone().into(),
            transport: Transport::Plain,
            people: app.settings.people,
            sso: None,
        };
        Ok(Self { listener, state })
    }

    /// Serves until it is dropped.
    pub(super) async fn serve(self) -> Result<(), CliError> {
        serve(self.listener, None, self.state, None, pending())
            .await
            .map_err(|error| CliError::Failed(chain(&error)))
    }
}

/// The usual port, else any: a demo starts beside whatever runs already.
async fn listen(asked: Option<SocketAddr>) -> Result<TcpListener, CliError> {
    if let Some(address) = asked.filter(|address| !address.ip().is_loopback()) {
        return Err(CliError::Usage(format!(
            "--listen {address} is open to the network: the demo stays on this machine, at 127.0.0.1"
        )));
    }
    let address = asked.unwrap_or(USUAL);
    let bound = match TcpListener::bind(address).await {
        Err(error) if asked.is_none() && error.kind() == ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
        }
        bound => bound,
    };
    bound.map_err(CliError::io(format!(
        "--listen: cannot listen on {address}; choose another address or end what listens there"
    )))
}

/// Eighty bits in four groups of four letters, to be typed.
fn password() -> Result<String, CliError> {
    let bytes = random::<16>()?;
    let groups: Vec<String> = bytes
        .chunks(4)
        .map(|group| {
            let letters = group.iter();
            letters
                .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
                .collect()
        })
        .collect();
    Ok(groups.join("-"))
}

fn secret() -> Result<String, CliError> {
    Ok(weir_core::operator::hex(&random::<32>()?))
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], CliError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::Failed(format!("no random numbers: {error}")))?;
    Ok(bytes)
}
