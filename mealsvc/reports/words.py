"""Words that several papers use."""

SOURCE_TITLES = {
    "district": "区级财政",
    "town": "镇（街道）财政",
    "village": "村（社区）集体",
    "lottery": "福彩公益金",
    "charity": "慈善捐赠",
    "family": "老人自付",
}
