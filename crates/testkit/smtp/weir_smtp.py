"""A mail server that keeps what it is sent, for Weir's tests: STARTTLS on one port, TLS on another, login on both.

    .venv/bin/python crates/testkit/smtp/weir_smtp.py CONTROL_PORT

A test speaks to http://127.0.0.1:CONTROL_PORT. Tests share one server, so each has addresses of its own.

GET  /                {"host", "starttls", "tls", "ca", "user", "password"}: ports, the PEM that signs, the login
GET  /mails?to=X      what X was sent, oldest first: from, subject, message_id, headers, text, html, encrypted
POST /refuse          {"to": X, "answer": "451 later", "times": 1}: what to answer when a mail for X is announced
"""

import datetime
import email
import email.policy
import json
import socket
import ssl
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST, USER, PASSWORD = "localhost", "weir", "c0rrect horse"
MAILS, REFUSALS = [], []


def certificate():
    """A context with a certificate for HOST, and its PEM, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as both:
        both.write(private + pem)
        both.flush()
        context.load_cert_chain(both.name)
    return context, pem.decode()


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        for refusal in REFUSALS:
            if refusal["to"] == address and refusal["times"] > 0:
                refusal["times"] -= 1
                return refusal["answer"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = lambda kind: (part := mail.get_body((kind,))) and part.get_content()
        MAILS.append({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": mail["subject"],
            "message_id": mail["message-id"], "headers": [[name, str(value)] for name, value in mail.items()],
            "text": body("plain"), "html": body("html"),
            "encrypted": session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
        })
        return "250 kept"


def login(server, session, envelope, mechanism, data):
    # Not handled: the server itself is to say 235 or 535.
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def start(context, implicit):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tls = {"ssl_context": context, "auth_require_tls": False} if implicit else {
        "tls_context": context, "require_starttls": True}
    Controller(Keeper(), hostname="127.0.0.1", port=port, authenticator=login, auth_required=True, **tls).start()
    return port


class Control(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = urlsplit(self.path)
        to = parse_qs(asked.query).get("to", [""])[0]
        self.answer(self.server.about if asked.path == "/" else [mail for mail in MAILS if to in mail["to"]])

    def do_POST(self):
        REFUSALS.append({"times": 1} | json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.answer({})

    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    context, pem = certificate()
    control = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Control)
    control.about = {"host": HOST, "starttls": start(context, False), "tls": start(context, True), "ca": pem,
                     "user": USER, "password": PASSWORD}
    control.serve_forever()
