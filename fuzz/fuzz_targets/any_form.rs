//! Anything at all; in whatever pieces it comes, the items are the same.
#![no_main]

use std::io::BufReader;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use weir_core::intake::Options;

fuzz_target!(|bytes: &[u8]| {
    let whole = weir_fuzz::read(bytes);
    let mut pieces = Vec::new();
    let done = weir_core::intake::read(
        BufReader::with_capacity(7, bytes),
        &Options::payload(),
        &mut |item| {
            pieces.push(item);
            ControlFlow::Continue(())
        },
    );
    assert!(done.is_ok(), "memory does not fail");
    assert_eq!(pieces, whole);
});
