"""Sealing keys: made, brought, rotated; whatever was sealed or countersigned before stays provable."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from sqlalchemy import select

from app.cli.keys import rotate
from app.kernel import vault
from app.kernel.config import config
from media import keys
from media.models import SealKey
from media.reports import UnusableKey, brought_seal, demo_seal, render
from media.reports.seal import BASIC, LONG_TERM, Stamping, seal
from tests import factories
from tests.media.reports.samples import document, report
from tests.media.reports.tools import signature_report
from tests.media.scene import Scene
from tests.media.test_sealing_http import done, report_pdf, verified, versions

NOW = datetime.now(UTC)


def certified(
    subject: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, days: int = 30, stamping: bool = False
) -> bytes:
    """A certificate (PEM) of `key`, signed by itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=60))
        .not_valid_after(NOW + timedelta(days=days))
    )
    if stamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def private(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def test_reports_and_receipts_of_a_retired_key_stay_provable(scene: Scene) -> None:
    kept = done(scene)
    scene.run_tasks()
    old = report_pdf(scene).data
    with scene.tx() as tx:
        retired, made = keys.rotate(tx)
    assert retired is not None
    assert verified(old).json["standing"] == "genuine"
    assert verified(old + b"\n").json["standing"] != "genuine"
    code = versions(scene)[0].code
    assert factories.app().test_client().get(f"/verify/{code}").status_code == 200
    with scene.tx() as tx:
        rows = {row.fingerprint: row for row in tx.session.scalars(select(SealKey))}
        assert rows[retired].wrapped_key == b"", "nobody can seal with a retired key"
        assert keys.active(tx).fingerprint == made
    kid = jwt.get_unverified_header(kept["receipt"])["kid"]
    assert kid == retired
    answer = factories.app().test_client().get(f"/api/v1/verify/certificates/{kid}")
    public = x509.load_pem_x509_certificate(answer.data).public_key()
    opened = jwt.PyJWS().decode_complete(kept["receipt"], public, algorithms=["ES256"])  # type: ignore[arg-type]
    assert json.loads(opened["payload"])["signoff_id"] == kept["id"]


def test_an_unknown_certificate_is_not_found() -> None:
    for fingerprint in ("0" * 64, "nonsense", "A" * 64):
        assert factories.app().test_client().get(f"/api/v1/verify/certificates/{fingerprint}").status_code == 404


@pytest.mark.committed
def test_a_brought_key_seals_from_then_on(scene: Scene, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "c.pem").write_bytes(certified("Certified Repairs Ltd", key))
    (tmp_path / "k.pem").write_bytes(private(key, b"secret"))
    arguments = ["--certificate", str(tmp_path / "c.pem"), "--key", str(tmp_path / "k.pem"), "--password", "secret"]
    ran = CliRunner().invoke(rotate, [*arguments, "--organisation", str(scene.org_id)])
    assert ran.exit_code == 0, ran.output
    done(scene)
    scene.run_tasks()
    pdf = report_pdf(scene).data
    assert "Certified Repairs Ltd" in signature_report(pdf, tmp_path)
    assert verified(pdf).json["standing"] == "genuine"


@pytest.mark.parametrize("wrong", ["rsa", "other", "expired", "password", "nonsense"])
def test_a_key_that_cannot_seal_is_refused(wrong: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate, pem_key, password = certified("X", key), private(key, b"secret"), b"secret"
    if wrong == "rsa":
        pem_key = private(rsa.generate_private_key(65537, 2048), b"secret")
    elif wrong == "other":
        certificate = certified("X", ec.generate_private_key(ec.SECP256R1()))
    elif wrong == "expired":
        certificate = certified("X", key, days=-1)
    elif wrong == "password":
        password = b"guess"
    else:
        certificate = b"no certificate"
    with pytest.raises(UnusableKey):
        brought_seal(certificate, pem_key, password, NOW)


def test_what_was_encrypted_under_the_former_secret_stays_readable(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene.tx() as tx:
        before = keys.active(tx)
    present = config()
    monkeypatch.setattr(vault, "config", lambda: replace(present, secret="a new one"))
    with scene.tx() as tx, pytest.raises(vault.Unreadable):
        keys.active(tx)
    monkeypatch.setattr(vault, "config", lambda: replace(present, secret="a new one", secret_before=present.secret))
    with scene.tx() as tx:
        assert keys.active(tx).key == before.key


def test_with_a_time_stamping_authority_the_seal_is_long_term(tmp_path: Path) -> None:
    authority = rsa.generate_private_key(65537, 2048)
    (_, _, der), (_, _, key) = (
        pem.unarmor(data) for data in (certified("Time", authority, stamping=True), private(authority))
    )
    certificate = asn1_x509.Certificate.load(der)
    stamper = DummyTimeStamper(certificate, asn1_keys.PrivateKeyInfo.load(key))
    own = demo_seal("Gateway Building Services", NOW)
    unsealed = render(report(document()))
    plain, basic = seal(unsealed, own, reason="Service report")
    pdf, level = seal(unsealed, own, reason="Service report", stamping=Stamping(stamper, (certificate,), fetch=False))
    assert (basic, level) == (BASIC, LONG_TERM)
    reader = PdfFileReader(io.BytesIO(pdf))
    assert len(reader.embedded_timestamp_signatures) == 1
    assert "/DSS" in reader.root
    assert "Signature is Valid" in signature_report(pdf, tmp_path)
    assert len(pdf) > len(plain)
