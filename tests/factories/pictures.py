"""Picture files as phones make them, and as attackers do; a few bytes each where that is possible."""

import io
import struct
import zlib
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

HTML = b"<html><script>alert(document.domain)</script></html>"
ZIPPED = b"PK\x03\x04" + b"\0" * 26 + b"evil.exe"


def jpeg(width: int = 800, height: int = 600, mode: str = "RGB", **how: Any) -> bytes:
    """A plain one, or one of noise (`mode="noise"`), which is as heavy as a JPEG gets."""
    if mode == "noise":
        picture = Image.effect_noise((width, height), 80).convert("RGB")
    else:
        picture = Image.new(mode, (width, height), "#306080" if mode == "RGB" else 0)
    return _saved(picture, "JPEG", **how)


def from_phone(
    turned: int = 6, taken: str = "2024:05:06 11:40:05", offset: str = "+08:00"
) -> bytes:
    """A photo with what a phone writes along: how it was held, when and where it was taken."""
    picture = Image.new("RGB", (4000, 3000), "white")
    picture.paste("red", (0, 0, 1000, 3000))  # the left edge as the sensor has it
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F], exif[0x0110] = "SecretMaker", "SecretModel"
    exif.get_ifd(0x8769).update({0x9003: taken, 0x9011: offset, 0xA431: "SERIAL-77"})
    degrees = {1: "N", 2: _degrees(31, 42, 36), 3: "E", 4: _degrees(119, 56, 42)}
    exif.get_ifd(0x8825).update(degrees)
    return _saved(picture, "JPEG", exif=exif, quality=80, comment=b"private note")


def png(
    width: int, height: int, depth: int = 8, colour: int = 2, extra: bytes = b"", rows: int = -1
) -> bytes:
    """Zeros as a PNG: a bomb of a few kilobytes where width × height is large.

    `rows`: how many are really there.
    """
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    row = b"\0" + bytes(width * channels * depth // 8)
    packer, packed = zlib.compressobj(9), b""
    for _ in range(height if rows < 0 else rows):
        packed += packer.compress(row)
    packed += packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", head) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def webp(width: int = 800, height: int = 600, frames: int = 1, **how: Any) -> bytes:
    """Several frames of different colours move."""
    pictures = [Image.new("RGBA", (width, height), (at * 60, 90, 20, 200)) for at in range(frames)]
    more = {"save_all": True, "append_images": pictures[1:], "duration": 100} if frames > 1 else {}
    return _saved(pictures[0], "WEBP", **more, **how)


def grey16(width: int = 400, height: int = 300) -> bytes:
    """A PNG with 16 bits of grey: white on the left, black on the right."""
    picture = Image.new("I;16", (width, height))
    picture.paste(65535, (0, 0, width // 2, height))
    return _saved(picture, "PNG")


def many_scans(scans: int = 400) -> bytes:
    """A small progressive JPEG whose decoder would go over a big picture again and again."""
    whole = jpeg(900, 900, progressive=True)
    start, end = whole.rindex(b"\xff\xda"), whole.rindex(b"\xff\xd9")
    return whole[:start] + whole[start:end] * scans + whole[end:]


def claims(content: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header tells another size."""
    at = next(at for at in (content.find(b"\xff\xc0"), content.find(b"\xff\xc2")) if at > 0)
    return content[: at + 5] + struct.pack(">HH", height, width) + content[at + 9 :]


HOSTILE: dict[str, tuple[Any, str]] = {
    # name: (what makes it, code of the refusal or "kept")
    "empty": (lambda: b"", "empty_photo"),
    "text": (lambda: HTML, "not_a_photo"),
    "svg": (lambda: b'<?xml version="1.0"?><svg onload="alert(1)"/>', "not_a_photo"),
    "pdf": (lambda: b"%PDF-1.7\n" + ZIPPED, "not_a_photo"),
    "gif": (lambda: _saved(Image.new("P", (80, 80)), "GIF"), "not_a_photo"),
    "tiff": (lambda: _saved(Image.new("L", (80, 80)), "TIFF"), "not_a_photo"),
    "bmp": (lambda: _saved(Image.new("L", (80, 80)), "BMP"), "not_a_photo"),
    "zip": (lambda: ZIPPED * 50, "not_a_photo"),
    "too heavy": (lambda: jpeg(100, 100) + b"\0" * (12 * 1024 * 1024), "photo_too_big"),
    "jpeg of 65535": (lambda: claims(jpeg(64, 64), 65535, 65535), "too_many_pixels"),
    "jpeg with a lie": (lambda: claims(jpeg(64, 64), 8000, 8000), "kept"),
    "jpeg of 150 megapixels": (lambda: claims(jpeg(64, 64), 15000, 10000), "too_many_pixels"),
    "jpeg cut off": (lambda: jpeg(2000, 1500, "noise")[:-4000], "broken_photo"),
    "jpeg without a picture": (
        lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 64,
        "broken_photo",
    ),
    "jpeg of markers": (lambda: b"\xff\xd8" + b"\xff\xe0\0\x02" * 2_900_000, "broken_photo"),
    "jpeg of many scans": (many_scans, "too_many_pixels"),
    "jpeg progressive, too big": (
        lambda: claims(jpeg(64, 64, progressive=True), 6000, 4200),
        "too_many_pixels",
    ),
    "png of 100000": (lambda: png(100_000, 100_000, rows=2), "too_many_pixels"),
    "png of 25 megapixels": (lambda: png(5000, 5000, 8, 0), "too_many_pixels"),
    "png cut off": (lambda: png(900, 900)[:-20], "broken_photo"),
    "png of chunks": (lambda: png(20, 20, extra=chunk(b"tEXt", b"") * 30_000), "broken_photo"),
    "png that moves": (
        lambda: png(40, 40, extra=chunk(b"acTL", struct.pack(">II", 2, 0))),
        "moving_picture",
    ),
    "webp that moves": (lambda: webp(60, 60, frames=3), "moving_picture"),
    "webp of 16383": (
        lambda: b"RIFF\xff\xff\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0" * 2 + b"\0" * 99,
        "too_many_pixels",
    ),
    "webp cut off": (lambda: webp(900, 700, quality=90)[:-40], "broken_photo"),
    "one pixel": (lambda: png(1, 1), "photo_too_small"),
    "jpeg and web page": (lambda: jpeg(300, 200, comment=HTML) + HTML, "kept"),
    "jpeg and archive": (lambda: jpeg(300, 200) + ZIPPED * 9, "kept"),
    "png and web page": (lambda: png(300, 200, extra=chunk(b"tEXt", b"a\0" + HTML)) + HTML, "kept"),
    "png text bomb": (lambda: png(300, 200, extra=_text_bomb()), "kept"),
    "heaviest jpeg": (lambda: jpeg(3190, 3190, "noise", quality=70), "kept"),
    "biggest jpeg": (lambda: jpeg(10_600, 7_500, "L", quality=10), "kept"),
    "biggest progressive": (
        lambda: jpeg(5100, 4000, "noise", quality=35, progressive=True, subsampling=0),
        "kept",
    ),
    "biggest png": (lambda: png(4000, 4000, 16, 6), "kept"),
    "biggest webp": (lambda: webp(3535, 3535, lossless=True), "kept"),
    "thin": (lambda: png(900_000, 17), "kept"),
    "cmyk": (lambda: jpeg(4000, 3000, "CMYK"), "kept"),
    "16 bits": (grey16, "kept"),
}


def _text_bomb() -> bytes:
    """A megabyte and more of text in a kilobyte, forty times."""
    return chunk(b"zTXt", b"a\0\0" + zlib.compress(b"A" * 1_000_000, 9)) * 40


def _degrees(*parts: int) -> tuple[IFDRational, ...]:
    return tuple(IFDRational(part) for part in parts)


def _saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **how)
    return written.getvalue()
