//! The dashboard is in the binary: another build of it is another binary. Not with debug assertions, where
//! its files are read when they are asked for (see `src/dashboard.rs`).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none() {
        println!("cargo::rerun-if-changed=../../web/dist");
    }
}
