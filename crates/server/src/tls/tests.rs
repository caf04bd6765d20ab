//! Files that are good and files that are not; handshakes that come to nothing.

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use super::*;

fn made(directory: &TempDir) -> TlsFiles {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2131, 5, 4);
    let certificate = params.self_signed(&key).unwrap();
    let files = TlsFiles {
        certificate: directory.path().join("certificate.pem"),
        key: directory.path().join("key.pem"),
    };
    std::fs::write(&files.certificate, certificate.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}

#[test]
fn good_files_say_when_the_first_of_the_chain_ends() {
    let directory = TempDir::new().unwrap();
    let files = made(&directory);
    let end = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(files.end().unwrap(), end("2131-05-04T00:00:00Z"));

    let mut params = CertificateParams::new(vec!["authority".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2031, 5, 4);
    let between = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let own = std::fs::read_to_string(&files.certificate).unwrap();
    std::fs::write(&files.certificate, own + &between.pem()).unwrap();
    assert_eq!(files.end().unwrap(), end("2031-05-04T00:00:00Z"));
}

#[test]
fn files_that_are_wrong_are_told_by_name_with_what_to_do() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (good, another) = (made(&one), made(&other));
    let nothing = one.path().join("nothing.pem");
    let of = |certificate: &PathBuf, key: &PathBuf| TlsFiles {
        certificate: certificate.clone(),
        key: key.clone(),
    };
    let cases = [
        (
            of(&nothing, &good.key),
            ["certificate_file", "cannot be read", "who runs Weir"],
        ),
        (
            of(&good.certificate, &nothing),
            ["key_file", "cannot be read", "who runs Weir"],
        ),
        (
            of(&good.key, &good.key),
            ["certificate_file", "no certificate", "PEM file"],
        ),
        (
            of(&good.certificate, &good.certificate),
            ["key_file", "no key", "without a password"],
        ),
        (
            of(&good.certificate, &another.key),
            ["key_file", "is not the key of", "made together"],
        ),
    ];
    for (files, says) in cases {
        let error = Tls::load(files).err().unwrap().to_string();
        for part in says {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(error.contains(".pem"), "{error}");
        assert!(!error.contains("PRIVATE KEY"), "{error}");
    }
}

#[tokio::test]
async fn a_handshake_that_goes_nowhere_is_given_up() {
    let directory = TempDir::new().unwrap();
    let tls = Tls::load(made(&directory)).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let mut listener = tls.over(tcp);
    listener.patience = Duration::from_millis(50);
    let mut hanging = TcpStream::connect(address).await.unwrap();
    let mut byte = [0];
    let read = async {
        tokio::select! {
            _ = listener.accept() => unreachable!("nobody shakes hands"),
            read = hanging.read(&mut byte) => read,
        }
    };
    let read = timeout(Duration::from_secs(9), read).await.unwrap();
    assert_eq!(read.unwrap(), 0, "closed");
}
