"""The local authority: a certificate that a real TLS client accepts, and only with the authority."""

import socket
import ssl
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from cryptography import x509

from ops import tls
from ops.offer import AUTHORITY_PATH, offer_authority

NAMES = ["localhost", "127.0.0.1", "::1", "vans.example"]


def handshake(made: tls.Certificate, trusting: ssl.SSLContext, name: str) -> str:
    """The TLS version that a client agrees on when it calls the server `name`."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(made.certificate, made.key)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            serving.wrap_socket(ours, server_side=True).close()
        except (ssl.SSLError, OSError):
            ours.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        with trusting.wrap_socket(theirs, server_hostname=name) as client:
            return str(client.version())
    finally:
        theirs.close()
        server.join()


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_trusts_the_authority_accepts_every_name(tmp_path: Path, name: str) -> None:
    made = tls.certificate(tmp_path, NAMES)
    assert handshake(made, ssl.create_default_context(cafile=made.authority), name) == "TLSv1.3"


def test_others_refuse_it_and_so_does_a_wrong_name(tmp_path: Path) -> None:
    made = tls.certificate(tmp_path, NAMES)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made, ssl.create_default_context(), "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(made, ssl.create_default_context(cafile=made.authority), "elsewhere.example")


def test_it_is_kept_until_names_change_and_the_authority_always(tmp_path: Path) -> None:
    made = tls.certificate(tmp_path, NAMES)
    first, authority = made.certificate.read_bytes(), made.authority.read_bytes()
    tls.certificate(tmp_path, NAMES)
    assert made.certificate.read_bytes() == first
    tls.certificate(tmp_path, [*NAMES, "192.0.2.7"])
    assert made.certificate.read_bytes() != first
    assert made.authority.read_bytes() == authority


def test_it_is_renewed_before_it_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "CERTIFICATE_DAYS", tls.RENEW_BEFORE_DAYS)
    first = tls.certificate(tmp_path, NAMES).certificate.read_bytes()
    monkeypatch.setattr(tls, "CERTIFICATE_DAYS", 397)
    renewed = x509.load_pem_x509_certificate(tls.certificate(tmp_path, NAMES).certificate.read_bytes())
    assert renewed != x509.load_pem_x509_certificate(first)
    assert (renewed.not_valid_after_utc - renewed.not_valid_before_utc).days <= 397


def test_keys_are_private_and_only_the_authority_is_offered(tmp_path: Path) -> None:
    made = tls.certificate(tmp_path, NAMES)
    for key in (made.key, tmp_path / "tls" / "authority.key"):
        assert key.stat().st_mode & 0o777 == 0o600
    offer = offer_authority(made.authority, "127.0.0.1", 0)
    here = f"http://127.0.0.1:{offer.server_address[1]}"
    try:
        with urllib.request.urlopen(here + AUTHORITY_PATH) as answer:
            assert answer.read() == made.authority.read_bytes()
        for other in ("/authority.key", "/../tls/authority.key"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(here + other)
    finally:
        offer.shutdown()
        offer.server_close()
