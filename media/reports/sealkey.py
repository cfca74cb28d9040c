"""The organisation's sealing key: made here for a start, or brought by a configured certificate."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIFETIME = timedelta(days=3650)


class UnusableKey(ValueError):
    """This certificate and key cannot seal; the message is for a person."""


@dataclass(frozen=True)
class Seal:
    """An organisation's sealing key. `certificate` (PEM) may bring the rest of its chain; `key` is PKCS #8 PEM."""

    certificate: bytes
    key: bytes

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        """The certificates, the sealing one first."""
        return x509.load_pem_x509_certificates(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the sealing certificate: how a seal is recognised as ours."""
        return self.chain[0].fingerprint(hashes.SHA256()).hex()

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as devices register theirs."""
        public = self.chain[0].public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise UnusableKey("The sealing certificate is not of an EC key.")
        x, y = (number.to_bytes(32) for number in (public.public_numbers().x, public.public_numbers().y))
        return {"kty": "EC", "crv": "P-256", "x": _base64url(x), "y": _base64url(y)}

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        found = self.chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else ""


def demo_seal(organisation: str, now: datetime) -> Seal:
    """A fresh self-signed key for `organisation`: honest about integrity, known to nobody but Callout."""
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [(NameOID.COMMON_NAME, organisation[:64] or "Callout"), (NameOID.ORGANIZATION_NAME, organisation[:64])]
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes if value])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Seal(made.public_bytes(serialization.Encoding.PEM), _pkcs8(key))


def brought_seal(certificate: bytes, key: bytes, password: bytes | None, now: datetime) -> Seal:
    """A key that an authority has certified. Raises UnusableKey unless it is a P-256 key that may sign now.

    certificate: PEM, the sealing one first, then its chain. key: PEM, encrypted under `password` or not at all.
    """
    try:
        private = serialization.load_pem_private_key(key, password)
        chain = x509.load_pem_x509_certificates(certificate)
    except (ValueError, TypeError) as error:
        raise UnusableKey(f"The files cannot be read: {error}") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise UnusableKey("The key must be an EC key on P-256: receipts are signed with ES256.")
    if chain[0].public_key() != private.public_key():
        raise UnusableKey("The first certificate is not the one of this key.")
    if not chain[0].not_valid_before_utc <= now <= chain[0].not_valid_after_utc:
        raise UnusableKey("The certificate is not valid today.")
    if not _may_sign(chain[0]):
        raise UnusableKey("The certificate does not allow digital signatures.")
    return Seal(certificate, _pkcs8(private))


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
