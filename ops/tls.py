"""A local certificate authority, so that phones on the same network get a secure context from `./callout up --tls`."""

import ipaddress
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ops.folders import make_folder

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397  # phones refuse certificates that live longer
RENEW_BEFORE_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """Files of a server certificate; the key is PKCS#8 PEM, the certificate PEM with its authority."""

    certificate: Path
    key: Path
    authority: Path

    @property
    def fingerprint(self) -> str:
        """The authority's SHA-256, in the form in which phones show it."""
        found = x509.load_pem_x509_certificate(self.authority.read_bytes())
        return found.fingerprint(hashes.SHA256()).hex(":").upper()


def certificate(data: Path, names: list[str]) -> Certificate:
    """A certificate for `names` (host names or addresses), made or renewed when needed, by this folder's authority."""
    folder = make_folder(data / "tls", 0o700)
    files = Certificate(folder / "server.crt", folder / "server.key", folder / "authority.crt")
    authority, authority_key = _authority(folder)
    if not _serves(files.certificate, names, authority):
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Callout")]), CERTIFICATE_DAYS)
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
            .sign(authority_key, hashes.SHA256())
        )
        _write_key(files.key, key)
        files.certificate.write_bytes(_pem(made) + _pem(authority))
    return files


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate_file, key_file = folder / "authority.crt", folder / "authority.key"
    if certificate_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(certificate_file.read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Callout on {socket.gethostname()}"[:64])])
    usage = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "encipher_only", "decipher_only"),
        ),
        False,
    )
    made = (
        _builder(name, AUTHORITY_DAYS)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    certificate_file.write_bytes(_pem(made))
    return made, key


def _builder(subject: x509.Name, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days - 1))
    )


def _serves(path: Path, names: list[str], authority: x509.Certificate) -> bool:
    """True when the certificate at `path` is by this authority, for these names, and not about to expire."""
    if not path.exists():
        return False
    found = x509.load_pem_x509_certificate(path.read_bytes())
    covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    fresh = found.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEW_BEFORE_DAYS)
    return fresh and found.issuer == authority.subject and set(covered) == {_general_name(name) for name in names}


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
