//! The real binaries under the Runtime API.
