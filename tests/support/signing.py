"""A self-made certificate to sign papers with, as docs/operations.md tells how to make one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

PASSWORD = b"a long password"


def make_p12(path: Path, name: str = "武进区民政局（试用）", days: int = 365) -> dict[str, object]:
    """Writes the file (mode 0600) and gives the settings that use it; days < 0: long over."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    usage = x509.KeyUsage(True, True, *[False] * 7)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=800))
        .not_valid_after(end)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
    lock = BestAvailableEncryption(PASSWORD)
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"mealsvc", key, certificate, None, lock)
    )
    path.chmod(0o600)
    return {"SIGNING_P12": path, "SIGNING_PASSWORD": PASSWORD}
