"""Seals a report: PAdES B-B with the organisation's key, B-LTA when there is a time-stamping authority.

Importing this costs a second of processor time, so only the task that seals does it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from media.reports.sealkey import Seal
from media.settings import settings

FIELD = "Seal"
BASIC, LONG_TERM = "PAdES B-B", "PAdES B-LTA"


@dataclass(frozen=True)
class Stamping:
    """Who tells the time of a seal. `roots`: where the certificates of the seal and of the authority end."""

    authority: TimeStamper
    roots: tuple[x509.Certificate, ...] = ()
    fetch: bool = True


def configured_stamping() -> Stamping | None:
    """The time-stamping authority of this installation; None without one."""
    told = settings()
    if told.tsa_url is None:
        return None
    roots = _certificates(told.tsa_roots.read_bytes()) if told.tsa_roots else ()
    return Stamping(HTTPTimeStamper(told.tsa_url), roots)


def seal(pdf: bytes, key: Seal, *, reason: str, stamping: Stamping | None = None) -> tuple[bytes, str]:
    """(`pdf` with an invisible certification signature that allows no change afterwards, the level reached)."""
    chain = _certificates(key.certificate)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(chain)
    signer = signers.SimpleSigner(
        signing_cert=chain[0],
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
        embed_validation_info=stamping is not None,
        use_pades_lta=stamping is not None,
        validation_context=_context(stamping, chain) if stamping else None,
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = fields.SigFieldSpec(FIELD, empty_field_appearance=False)
    authority = stamping.authority if stamping else None
    signers.PdfSigner(metadata, signer=signer, timestamper=authority, new_field_spec=field).sign_pdf(writer, output=out)
    return out.getvalue(), LONG_TERM if stamping else BASIC


def _context(stamping: Stamping, chain: tuple[x509.Certificate, ...]) -> ValidationContext:
    """A self-signed seal is its own root: it proves integrity and time, and claims no more."""
    own = tuple(certificate for certificate in chain if certificate.self_signed != "no")
    return ValidationContext(
        trust_roots=[*stamping.roots, *own], other_certs=list(chain[1:]), allow_fetching=stamping.fetch
    )


def _certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    return tuple(x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True))
