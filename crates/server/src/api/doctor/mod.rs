//! What is wrong with the installation.

pub(super) mod show;
