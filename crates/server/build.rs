//! The dashboard is in the binary: another build of it is another binary. Not with debug assertions, where
//! its files are read when they are asked for (see `src/dashboard.rs`).

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A build script is compiled with the profile's own debug assertions.
    if cfg!(not(debug_assertions)) {
        println!("cargo::rerun-if-changed=../../web/dist");
    }
}
