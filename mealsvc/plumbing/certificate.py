"""A certificate for serving in the local network: an authority of our own, and the server's own.

Tablets trust the authority once; the server's certificate is renewed under it.
"""

import fcntl
import ipaddress
import os
import secrets
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = "certificate"
CA_CERT, CA_KEY, CERT, KEY = "mealsvc-ca.crt", "ca.key", "server.crt", "server.key"
CA_DAYS, DAYS, RENEW_DAYS = 3650, 397, 30
BACKDATED = timedelta(days=1)  # a tablet's clock may be behind
GET_ADDRESS = 0x8915  # SIOCGIFADDR
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Served:
    """The files to serve with; `fingerprint` is the authority's SHA-256, as tablets show it."""

    ca: Path
    certificate: Path
    key: Path
    fingerprint: str
    names: tuple[str, ...]


def ensure(instance: Path, names: Iterable[str], now: datetime) -> Served:
    """The certificate of this installation: made at first use, renewed when it ends within 30 days
    or lacks a name; the authority stays."""
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    wanted = tuple(dict.fromkeys((*LOCAL_NAMES, *names)))
    authority, authority_key = _authority(folder, now)
    if not _fits(folder, authority, wanted, now):
        _issue(folder, authority, authority_key, wanted, now)
    return Served(
        folder / CA_CERT, folder / CERT, folder / KEY, fingerprint(folder / CA_CERT), wanted
    )


def fingerprint(path: Path) -> str:
    """The SHA-256 of a certificate, in pairs: AB:CD:…"""
    digest = _read(path).fingerprint(hashes.SHA256())
    return ":".join(f"{byte:02X}" for byte in digest)


def own_names() -> list[str]:
    """The host's names and its IPv4 addresses on every network."""
    host = socket.gethostname()
    names = [name for name in (host, socket.getfqdn()) if _is_host_name(name)]
    return list(dict.fromkeys([*names, *own_addresses()]))


def own_addresses() -> list[str]:
    """The IPv4 addresses of this machine's networks, its own loop left out."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, GET_ADDRESS, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # a network without an address
            found.append(socket.inet_ntoa(answer[20:24]))
    return [one for one in found if not one.startswith("127.")]


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate, key = folder / CA_CERT, folder / CA_KEY
    if certificate.exists() and key.exists():
        return _read(certificate), _read_key(key)
    made = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"老年助餐本地证书 {secrets.token_hex(3)}")
    signed = (
        _builder(name, name, made.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(made, hashes.SHA256())
    )
    _write_key(key, made)
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM))
    return signed, made


def _issue(
    folder: Path,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
    now: datetime,
) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    subject = _name(names[3] if len(names) > len(LOCAL_NAMES) else names[0])
    signed = (
        _builder(subject, authority.subject, made.public_key(), now, DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(map(_general_name, names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    _write_key(folder / KEY, made)
    _write(folder / CERT, signed.public_bytes(serialization.Encoding.PEM))


def _fits(folder: Path, authority: x509.Certificate, names: Iterable[str], now: datetime) -> bool:
    """Whether the present certificate is ours, lasts, and carries every name and its own key."""
    try:
        present, key = _read(folder / CERT), _read_key(folder / KEY)
        present.verify_directly_issued_by(authority)
        told = present.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasts = present.not_valid_after_utc - now >= timedelta(days=RENEW_DAYS)
    own = present.public_key() == key.public_key()
    return lasts and own and {_general_name(one) for one in names} <= set(told)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    begins = now - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _is_host_name(text: str) -> bool:
    return bool(text) and text.isascii() and all(one.isalnum() or one in "-." for one in text)


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("another kind of key")
    return key


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, pem)


def _write(path: Path, content: bytes) -> None:
    """In one step, for nobody else to read."""
    part = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
