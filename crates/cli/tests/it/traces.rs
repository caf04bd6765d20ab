//! Traces by OTLP: what a receiver of the real protocol gets from a real process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use crate::world::{World, bytes};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Takes what is posted to `/v1/traces`, as long as somebody listens.
fn receiver() -> (String, Receiver<ExportTraceServiceRequest>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            while let Some(body) = posted(&mut reader) {
                let request = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
                if tell.send(request).is_err() {
                    return;
                }
                let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n\
                              Content-Length: 0\r\n\r\n";
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    (url, told)
}

/// The body of the next request on a connection.
fn posted(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut length = 0;
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(body)
}

/// Each span's name after those of the spans it is in.
fn paths(spans: &[&Span]) -> Vec<String> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (&span.span_id, *span)).collect();
    let path = |span: &&Span| {
        let mut names = vec![span.name.clone()];
        let mut parent = by_id.get(&span.parent_span_id);
        while let Some(span) = parent {
            names.insert(0, span.name.clone());
            parent = by_id.get(&span.parent_span_id);
        }
        names.join(" > ")
    };
    spans.iter().map(path).collect()
}

#[test]
fn a_request_is_traced_down_to_its_settle_and_names_nobody() {
    let (url, told) = receiver();
    let world = World::new();
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    let mut child = world
        .command(&[&["--database", "sqlite:traces.db"], &listen[..]].concat())
        .env("WEIR_SERVER_TOKEN", TOKEN)
        .env("WEIR_LOG", "off")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &url)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = said.next().unwrap().unwrap();
    let address = first.strip_prefix("listening on http://").unwrap();

    let body = bytes("mil_converse_request_metadata.json");
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\
         Authorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));

    // What was not sent before the end was sent at the end.
    let mut requests = Vec::new();
    while let Ok(request) = told.recv_timeout(Duration::from_millis(100)) {
        requests.push(request);
    }
    let resources: Vec<_> = requests
        .iter()
        .flat_map(|one| &one.resource_spans)
        .collect();
    assert!(format!("{:?}", resources[0].resource).contains("\"weir\""));
    let spans: Vec<&Span> = resources
        .iter()
        .flat_map(|one| &one.scope_spans)
        .flat_map(|one| &one.spans)
        .collect();
    let paths = paths(&spans);
    for expected in ["request > intake > settle", "dispatch"] {
        assert!(paths.iter().any(|path| path == expected), "{paths:?}");
    }
    let request = spans.iter().find(|span| span.name == "request").unwrap();
    let fields = format!("{:?}", request.attributes);
    for field in ["method", "POST", "/api/v1/events", "status", "200"] {
        assert!(fields.contains(field), "{fields}");
    }
    // Who called, and what was asked, is in the record; nothing of it is in the traces.
    let record = String::from_utf8(body).unwrap();
    let all = format!("{requests:?}");
    for word in record.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '-') {
        assert!(word.len() < 9 || !all.contains(word), "{word}");
    }
    for span in &spans {
        assert_eq!(span.events.len(), 0, "{}", span.name);
    }
}
