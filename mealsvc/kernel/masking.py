"""What a list, an export or an ordinary print may show of a person (脱敏)."""

import re
from unicodedata import combining

# Compound surnames still in use; a name that starts so keeps both characters.
_DOUBLE_SURNAME = re.compile(
    "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|东方|端木|轩辕|长孙|宇文"
    "|闻人|南宫|西门|东郭|申屠|太史|公冶|钟离|澹台|淳于|单于|呼延|赫连|独孤|拓跋|第五|百里"
    "|完颜|纳兰|万俟|濮阳|公羊|公西|仲孙|鲜于|闾丘|宗政|左丘|梁丘|东门|亓官|叶赫|爱新"
)
_DOTS = "·•‧・．"
_PLACES = ("社区", "村", "街道", "镇")
_PLAIN = re.compile("[\u4e00-\u9fff]+")  # nearly every name: nothing to drop
_HOUSE_NUMBER = re.compile(r"\d")  # full-width digits too


def _characters(name: str) -> str:
    """One code point for each visible character: variation selectors and accents dropped."""
    if _PLAIN.fullmatch(name):
        return name
    return "".join(
        char
        for char in name.strip()
        if not (combining(char) or "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0100")
    )


def surname(name: str) -> str:
    """张 / 欧阳; of a name with · only its first character, as the mask shows it."""
    shown = _characters(name)
    return shown[: 2 if len(shown) in (3, 4) and _DOUBLE_SURNAME.match(shown) else 1]


def polite(name: str, sex: str) -> str:
    """张爷爷 / 欧阳奶奶: how a till greets an elder; it tells no more than the masked name."""
    return surname(name) + ("爷爷" if sex == "male" else "奶奶")


def mask_name(name: str) -> str:
    """张* / 张*丰 / 欧阳**; longer names keep their ends, names with · only their first character."""
    shown = _characters(name)
    if any(dot in shown for dot in _DOTS):
        return shown[0] + "".join(char if char in _DOTS else "*" for char in shown[1:])
    if len(shown) in (3, 4) and _DOUBLE_SURNAME.match(shown):
        return shown[:2] + "*" * (len(shown) - 2)
    if len(shown) <= 2:
        return shown[: len(shown) - 1] + "*" * bool(shown)
    return shown[0] + "*" * (len(shown) - 2) + shown[-1]


def _keep_ends(text: str, head: int, tail: int) -> str:
    """Stars between the first `head` and the last `tail`; all stars if too little would hide."""
    hidden = len(text) - head - tail
    return text[:head] + "*" * hidden + text[-tail:] if hidden >= 4 else "*" * len(text)


def mask_id(number: str) -> str:
    """3204**********0024"""
    return _keep_ends(number.strip(), 4, 4)


def mask_phone(number: str) -> str:
    """138****5678; a number shorter than a mobile's is hidden altogether."""
    return _keep_ends(number.strip(), 3, 4)


def mask_address(address: str) -> str:
    """The address down to its community (or street, or town); else its first 6 characters.

    Nothing from the first digit on is ever shown: house numbers start there.
    """
    written = address.strip()
    area = _HOUSE_NUMBER.split(written, maxsplit=1)[0]
    for place in _PLACES:
        at = area.find(place)
        if at > 0:
            shown = area[: at + len(place)]
            return shown if shown == written else shown + "…"
    return area[:6] + "…" if written else ""
