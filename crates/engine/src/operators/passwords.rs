//! Passwords: argon2id, a few at a time, and as slow for names that nobody has.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{OnceCell, Semaphore};

use super::secret::random_hex;
use crate::EngineError;

/// How many are hashed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords.
pub(crate) struct Passwords {
    slots: Semaphore,
    /// The hash of a password that nobody has.
    decoy: OnceCell<String>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            slots: Semaphore::new(AT_ONCE),
            decoy: OnceCell::new(),
        }
    }
}

impl Passwords {
    /// The hash of a password, with a salt of its own.
    pub(super) async fn hash(&self, password: &str) -> Result<String, EngineError> {
        let password = password.to_owned();
        self.work(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string())
                .map_err(|error| EngineError::Inconsistent(format!("cannot hash: {error}")))
        })
        .await?
    }

    /// Whether it is the password. Without a hash to hold it against the answer is no, after the same
    /// work.
    pub(super) async fn check(
        &self,
        password: &str,
        hash: Option<&str>,
    ) -> Result<bool, EngineError> {
        let decoy = async || self.hash(&random_hex::<16>()?).await;
        let decoy = self.decoy.get_or_try_init(decoy).await?;
        let there_is_one = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(decoy).to_owned());
        let fits = self
            .work(move || {
                let stored = PasswordHash::new(&hash).map_err(|error| {
                    EngineError::Inconsistent(format!("a stored password hash is none: {error}"))
                })?;
                let checked = Argon2::default().verify_password(password.as_bytes(), &stored);
                Ok::<_, EngineError>(checked.is_ok())
            })
            .await??;
        Ok(fits && there_is_one)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let broken = |error: String| EngineError::Inconsistent(format!("hashing broke: {error}"));
        let slot = self.slots.acquire().await;
        let _slot = slot.map_err(|error| broken(error.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| broken(error.to_string()))
    }
}
