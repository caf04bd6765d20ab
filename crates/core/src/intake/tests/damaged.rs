//! Every way in that is fuzzed, with every fixture and damaged copies of it.

#[path = "../../../../../fuzz/ways.rs"]
#[expect(unreachable_pub, reason = "public for the fuzz targets")]
mod ways;

use super::support::fixtures;

/// Copies of each fixture, for each way.
const COPIES: u64 = 24;
/// What a damaged place becomes, besides being cut out or doubled: what parsers stumble over.
const STUMBLES: [&[u8]; 10] = [
    b"\"", b"{", b"]", b",", b"\\", b"\n", b"\0", b"\xff", b"-1e999", b"null",
];

#[test]
fn damage_breaks_nothing_whichever_way_it_comes() {
    let names = std::fs::read_dir(fixtures()).unwrap();
    let mut paths: Vec<_> = names.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 20, "the fixtures are there");
    for path in paths.iter().filter(|path| path.is_file()) {
        let whole = std::fs::read(path).unwrap();
        for (name, way) in ways::WAYS {
            way(&whole);
            for copy in 0..COPIES {
                let bytes = damaged(&whole, copy);
                let done = std::panic::catch_unwind(|| way(&bytes));
                assert!(done.is_ok(), "{name}, {}, copy {copy}", path.display());
            }
        }
    }
}

/// One to three places damaged, the same for the same copy.
fn damaged(whole: &[u8], copy: u64) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let mut draw = Draw(copy * 0x9e37_79b9 + 1);
    for _ in 0..=draw.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = draw.below(bytes.len());
        let end = (at + 1 + draw.below(40)).min(bytes.len());
        match draw.below(4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
            _ => {
                let stumble = STUMBLES[draw.below(STUMBLES.len())].to_vec();
                bytes.splice(at..=at, stumble);
            }
        }
    }
    bytes
}

/// Numbers that look random and are always the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}
