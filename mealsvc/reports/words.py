"""Words that several papers use."""

from mealsvc.papers.rules import in_groups
from mealsvc.papers.services import Stamp

SOURCE_TITLES = {
    "district": "区级财政",
    "town": "镇（街道）财政",
    "village": "村（社区）集体",
    "lottery": "福彩公益金",
    "charity": "慈善捐赠",
    "family": "老人自付",
}


def foot_of(stamp: Stamp) -> dict[str, str]:
    """What `Paper` prints at the foot of each page of an issued paper."""
    code = in_groups(stamp.check_code)
    return {"number": stamp.number, "digest": f"{code}　已电子签名" if stamp.signed else code}
