"""Seals a report: PAdES B-B with the organisation's key, certified as "no changes allowed"."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from asn1crypto import keys, pem, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Seal"
LEVEL = "PAdES B-B"
DEMO_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class Seal:
    """An organisation's sealing key. `certificate` (PEM) may bring the rest of its chain; `key` is PKCS #8 PEM."""

    certificate: bytes
    key: bytes

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        """The certificates, the sealing one first."""
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(self.certificate, multiple=True)]

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the sealing certificate: how a seal is recognised as ours."""
        return str(self.chain[0].sha256.hex())

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        return str(self.chain[0].subject.native.get("common_name", ""))


def demo_seal(organisation: str, now: datetime) -> Seal:
    """A fresh self-signed key for `organisation`: honest about integrity, known to nobody but Callout."""
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [(NameOID.COMMON_NAME, organisation[:64] or "Callout"), (NameOID.ORGANIZATION_NAME, organisation[:64])]
    name = certificates.Name([certificates.NameAttribute(kind, value) for kind, value in attributes if value])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    made = (
        certificates.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(certificates.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + DEMO_LIFETIME)
        .add_extension(certificates.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(certificates.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Seal(made.public_bytes(serialization.Encoding.PEM), private)


def seal(pdf: bytes, key: Seal, *, reason: str) -> bytes:
    """`pdf` with an invisible certification signature that allows no change afterwards."""
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(key.chain)
    signer = signers.SimpleSigner(
        signing_cert=key.chain[0],
        signing_key=keys.PrivateKeyInfo.load(pem.unarmor(key.key)[2]),
        cert_registry=store,
        embed_roots=True,
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=key.name,
        reason=reason,
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = fields.SigFieldSpec(FIELD, empty_field_appearance=False)
    signers.PdfSigner(metadata, signer=signer, new_field_spec=field).sign_pdf(writer, output=out)
    return out.getvalue()
