"""Settings from the environment (prefix MEALSVC_) and key files of the instance folder."""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Any

KEY_BYTES = 32
KEY_FILES = {"SECRET_KEY": "secret.key", "DATA_KEY": "data.key"}
PUBLIC_URL = "http://127.0.0.1:8000"
PAPER_FONTS = ("BODY", "TITLE", "HEI", "KAI", "TABLE", "CHART")


class ConfigError(Exception):
    """A setting that stops the start; the text says what to do."""


def load(environ: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything `create_app` needs; raises `ConfigError` with a sentence for the person at the shell."""
    env = dict(os.environ) if environ is None else environ
    instance = Path(env.get("MEALSVC_INSTANCE") or "instance").resolve()
    url = env.get("MEALSVC_DATABASE_URL") or f"sqlite:///{instance / 'mealsvc.db'}"
    return {
        "INSTANCE": instance,
        "DATABASE_URL": url,
        "HTTPS": env.get("MEALSVC_HTTPS", "") == "1",
        "PROXIES": _count(env.get("MEALSVC_PROXIES", "0")),
        "PUBLIC_URL": _public_url(env.get("MEALSVC_PUBLIC_URL") or PUBLIC_URL),
        **_signing(env),
        **{
            f"PAPER_FONT_{use}": env[f"MEALSVC_PAPER_FONT_{use}"]
            for use in PAPER_FONTS
            if env.get(f"MEALSVC_PAPER_FONT_{use}")
        },
        **{name: _key(name, env, instance) for name in KEY_FILES},
    }


def make_keys(instance: Path) -> None:
    """First use: the folder and both key files (32 random bytes, base64, mode 0600)."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    for filename in KEY_FILES.values():
        path = instance / filename
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")


def _count(text: str) -> int:
    if text.isdecimal() and int(text) <= 5:
        return int(text)
    raise ConfigError("MEALSVC_PROXIES 应为0至5的整数：前面有几层反向代理就写几。")


def _public_url(text: str) -> str:
    if not text.startswith(("http://", "https://")) or any(letter.isspace() for letter in text):
        raise ConfigError(
            "MEALSVC_PUBLIC_URL 应为网址，例如 https://zhucan.example.cn：纸上的二维码指向它。"
        )
    return text.rstrip("/")


def _signing(env: dict[str, str]) -> dict[str, Any]:
    """The certificate that papers are signed with, if there is one: it must open, else no start."""
    given = env.get("MEALSVC_SIGNING_P12")
    if not given:
        return {}
    path = Path(given).resolve()
    content = _private(path, "签名证书")
    password = env.get("MEALSVC_SIGNING_PASSWORD", "").encode()
    if not password and (file := env.get("MEALSVC_SIGNING_PASSWORD_FILE")):
        password = _private(Path(file), "签名口令文件").strip()
    if not _opens(content, password):
        raise ConfigError(
            f"签名证书 {path} 打不开：请核对 MEALSVC_SIGNING_PASSWORD（或 _FILE）中的口令，"
            "证书应为带私钥的 PKCS#12 文件（.p12 或 .pfx）；暂不签名时请取消 MEALSVC_SIGNING_P12。"
        )
    return {"SIGNING_P12": path, "SIGNING_PASSWORD": password}


def _opens(content: bytes, password: bytes) -> bool:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    try:
        key, certificate, _ = load_key_and_certificates(content, password or None)
    except (ValueError, TypeError):
        return False
    return key is not None and certificate is not None


def _private(path: Path, what: str) -> bytes:
    """The content of a file that nobody else may read."""
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{what} {path} 不能读取：请核对路径和权限后重试。") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"{what} {path} 可被他人读取：请运行 chmod 600 {path} 后重试。")
    return content


def _key(name: str, env: dict[str, str], instance: Path) -> bytes:
    given = env.get(f"MEALSVC_{name}")
    if given:
        return _decoded(given, f"环境变量 MEALSVC_{name}")
    path = instance / KEY_FILES[name]
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii", "replace")
    except OSError as error:
        raise ConfigError(
            f"缺少密钥文件 {path}：首次使用请先运行 mealsvc init；已有数据时请从备份恢复该文件。"
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigError(f"密钥文件 {path} 可被他人读取：请运行 chmod 600 {path} 后重试。")
    return _decoded(text, f"密钥文件 {path}")


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"{where} 不是32字节以上的base64密钥：请用 openssl rand -base64 32 生成。"
        )
    return key
