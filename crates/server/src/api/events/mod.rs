//! What happens, as it happens.

mod own;
pub(super) mod watch;
