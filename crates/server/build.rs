//! The dashboard is in the binary: another build of it is another binary.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
