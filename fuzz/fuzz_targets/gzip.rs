//! Compressed, the same comes out; cut or damaged, nothing breaks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_fuzz::{gzip, read};

fuzz_target!(|bytes: &[u8]| {
    let whole = gzip(bytes);
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        assert_eq!(read(&whole), read(bytes));
    }
    read(&whole[..whole.len() / 2]);
    let middle = bytes.len() / 2;
    let members = [gzip(&bytes[..middle]), gzip(&bytes[middle..])].concat();
    assert_eq!(read(&members), read(&whole));
    let header = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], bytes].concat();
    read(&header);
});
