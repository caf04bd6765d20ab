//! Elements of a CloudTrail file: what stands before and on the lines after is not lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{call, ids, read};

fuzz_target!(|bytes: &[u8]| {
    let mut file = format!("{{\"Records\":[\n{},\n", call("first")).into_bytes();
    file.extend_from_slice(bytes);
    file.extend_from_slice(format!("\n,\n{}\n]}}", call("last")).as_bytes());
    let items = read(&file);
    assert_eq!(ids(&items).first(), Some(&"first"));
    if !bytes.contains(&b'\n') {
        assert_eq!(ids(&items).last(), Some(&"last"));
    }
});
