//! Who may use Weir itself.

pub(super) mod list;
