"""Electronic signatures in PDFs: made with the unit's certificate, and read back.

pyHanko is imported only where a paper is signed or a signature is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from mealsvc.kernel.refusals import Refusal

FIELD = "Signature1"


class CannotSign(Refusal):
    """不能给文件签名：{why}。请系统管理员检查 MEALSVC_SIGNING_P12 和签名口令后重试。"""

    code = "cannot_sign"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed: the certificate's common name, and the SHA-256 (hex) of the certificate."""

    signer: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Seen(Signature):
    """A signature as it is found in a file. `whole`: nothing was added or changed after it."""

    at: datetime | None
    whole: bool
    in_term: bool  # the certificate was valid then


def is_configured(settings: Mapping[str, Any]) -> bool:
    """Whether papers are to be signed."""
    return bool(settings.get("SIGNING_P12"))


def sign(pdf: bytes, settings: Mapping[str, Any], now: datetime) -> tuple[bytes, Signature]:
    """The PDF with an invisible signature that allows no change after it; `CannotSign` else."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = _signer(settings)
    own = signer.signing_cert
    term = own.not_valid_before, own.not_valid_after
    if not term[0] <= now <= term[1]:
        raise CannotSign(
            why=f"证书的有效期是{term[0]:%Y-%m-%d}至{term[1]:%Y-%m-%d}，请换用有效的证书"
        )
    signature = _named(own)
    how = signers.PdfSignatureMetadata(
        field_name=FIELD,
        name=signature.signer,
        reason="出具文件",
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    signed = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), how, signer=signer)
    return signed.getvalue(), signature


def signature_in(pdf: bytes) -> Seen | None:
    """The signature that a PDF carries, checked over every byte; None if it carries none."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError

    try:
        found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
        return _seen(found[-1]) if found else None
    except (PdfError, SigningError, ValueError, LookupError, TypeError):
        return None


def _seen(found: Any) -> Seen:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    own = found.signer_cert
    trust = ValidationContext(trust_roots=[own], allow_fetching=False)
    status = validate_pdf_signature(found, trust)
    entire = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    at = found.self_reported_timestamp
    named = _named(own)
    return Seen(
        signer=named.signer,
        certificate=named.certificate,
        at=at,
        whole=bool(status.intact and status.valid and entire),
        in_term=at is not None and own.not_valid_before <= at <= own.not_valid_after,
    )


def _signer(settings: Mapping[str, Any]) -> Any:
    from pyhanko.sign import signers

    path, password = settings["SIGNING_P12"], settings.get("SIGNING_PASSWORD") or b""
    try:
        content = path.read_bytes()
        signer = signers.SimpleSigner.load_pkcs12_data(content, (), passphrase=password)
    except OSError as error:
        raise CannotSign(why=f"证书文件 {path} 不能读取（{error.strerror}）") from error
    except ValueError as error:
        raise CannotSign(why=f"证书文件 {path} 打不开，口令不对或文件损坏") from error
    return signer


def _named(certificate: Any) -> Signature:
    """The holder's name (or, without one, the whole subject) and the certificate's digest."""
    subject = certificate.subject.native
    name = subject.get("common_name") or certificate.subject.human_friendly
    return Signature(str(name), sha256(certificate.dump()).hexdigest())
