"""What the interface speaks of, as JSON Schema: the parts of the OpenAPI document."""

from typing import Any

from mealsvc.api.reading import LONGEST_NOTE
from mealsvc.kernel.meals import MEALS, METHODS, MODES
from mealsvc.policies.rules import REASONS
from mealsvc.servings.rules import CREDENTIAL_LENGTH, KEY_LENGTH

Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(required: str, **properties: Json) -> Json:
    """An object; `required` names its mandatory members, "*" all of them."""
    names = list(properties) if required == "*" else required.split()
    return {"type": "object", "required": names, "properties": properties}


def a_list(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items, **more}


def as_json(schema: Json, words: str) -> Json:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def a_problem(words: str) -> Json:
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {"description": words, "content": content}


def a_body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


TEXT: Json = {"type": "string"}
FEN: Json = {"type": "integer", "description": "分"}
KEY: Json = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH}
MEAL: Json = {"type": "string", "enum": list(MEALS)}
SEQUENCE: Json = {"type": "integer", "description": "服务器的顺序号，各助餐点统一编号"}
EPOCH: Json = {**TEXT, "description": "恢复备份后改变；变了就要重发仍保留的记录"}
BACKED_UP: Json = {**SEQUENCE, "description": "这个顺序号及以前已备份，设备可以不再保留"}
REASON: Json = {"type": ["string", "null"], "enum": [None, *REASONS]}
STOPPED: Json = {
    "type": ["string", "null"],
    "enum": [None, "point", "subsidy"],
    "description": "point：本点今天不供餐；subsidy：照常供餐，补贴已暂停",
}
TIER: Json = {"type": ["string", "null"], "description": "补贴档次，全价时为 null"}
CODES = [
    "malformed",
    "unauthenticated",
    "forbidden",
    "must_change_password",
    "not_found",
    "method_not_allowed",
    "too_large",
    "unknown_point",
    "unknown_resident",
    "point_not_operating",
    "resident_deceased",
    "key_conflict",
    "bad_price",
    "in_future",
    "unknown_serving",
    "already_reversed",
    "not_reversible",
    "amount_changed",
    "clock_in_doubt",
    "unavailable",
    "error",
]

_ORDER: Json = {
    "point": {**TEXT, "minLength": 1, "maxLength": KEY_LENGTH, "description": "助餐点编号"},
    "credential": {
        **TEXT,
        "minLength": 1,
        "maxLength": CREDENTIAL_LENGTH,
        "description": "卡号、身份证号（15位或18位）或名单中的 token",
    },
    "served_at": {**TEXT, "format": "date-time", "description": "就餐时间，须带时区"},
    "meal": MEAL,
    "mode": {**TEXT, "enum": list(MODES)},
    "price_fen": {**FEN, "minimum": 1},
    "method": {**TEXT, "enum": list(METHODS), "default": "card"},
}
_TOLD: Json = {
    "operator": {**TEXT, "description": "操作员登录名，只采信设备令牌所报、且属于本点的账号"},
    "note": {**TEXT, "maxLength": LONGEST_NOTE, "description": "手工输入的原因"},
}
_ORDER_REQUIRED = "point credential served_at meal mode price_fen"
_PAID = {"price_fen": FEN, "subsidy_fen": FEN, "self_pay_fen": FEN}

SCHEMAS: Json = {
    "Serving": an_object(
        _ORDER_REQUIRED,
        **_ORDER,
        **_TOLD,
        expected_self_pay_fen={**FEN, "description": "已告知老人的自付；与决定不同则不登记"},
    ),
    "BatchItem": an_object(f"key {_ORDER_REQUIRED}", key=KEY, **_ORDER, **_TOLD),
    "Receipt": an_object(
        "*",
        key=KEY,
        resident=an_object("*", name={**TEXT, "description": "脱敏姓名"}, tier=TIER),
        **_PAID,
        reason=REASON,
        rules=a_list(an_object("*", rule=TEXT, subsidy_fen=FEN)),
        sequence=SEQUENCE,
    ),
    "BatchResult": {
        "description": "与单笔提交时相同的状态和内容，另有 key 和 status",
        **an_object("key status", key={}, status={"type": "integer"}, code={**TEXT, "enum": CODES}),
    },
    "Reversal": an_object("*", key=KEY, reverses=KEY, **_PAID, sequence=SEQUENCE),
    "Problem": {
        "description": "RFC 9457；程序以 code 判断",
        **an_object(
            "type title status code",
            type=TEXT,
            title={**TEXT, "description": "给人看的说明和处理办法"},
            status={"type": "integer"},
            code={**TEXT, "enum": CODES},
            field={**TEXT, "description": "出错的字段"},
            device={**TEXT, "const": "revoked", "description": "这台设备的登记已失效"},
            server_time={**TEXT, "format": "date-time", "description": "in_future 时给出"},
            reference={**TEXT, "description": "日志中的错误编号"},
            failing=a_list(TEXT),
        ),
    },
    "RosterResident": an_object(
        "*",
        token={**TEXT, "description": "不透明的老人代号，可作 credential"},
        name={**TEXT, "description": "脱敏姓名"},
        title={**TEXT, "description": "称呼，如 张爷爷"},
        age={"type": "integer", "description": "今天的周岁"},
        place={**TEXT, "description": "所在村（社区）"},
        initials=a_list({**TEXT, "description": "姓名的拼音首字母，各种读法"}),
        cards=a_list({**TEXT, "description": "HMAC-SHA256(salt, 卡号)，十六进制"}),
        meals={
            "type": "object",
            "description": "今天各餐在餐位未用时的补贴",
            "additionalProperties": an_object(
                "*",
                tier=TIER,
                subsidy_fen=FEN,
                reason={
                    "type": ["string", "null"],
                    "enum": [*REASON["enum"], "resident_deceased", "point_not_operating"],
                },
            ),
        },
    ),
    "Roster": an_object(
        "*",
        point=TEXT,
        epoch=EPOCH,
        backed_up=BACKED_UP,
        day={**TEXT, "format": "date"},
        sequence={**SEQUENCE, "description": "第一页的这个数下次作为 since"},
        full={"type": "boolean", "description": "true：替换全部名单；false：只替换列出的老人"},
        stopped=STOPPED,
        residents=a_list(ref("RosterResident"), maxItems=2000),
        slots=a_list(
            an_object("*", token=TEXT, meal=MEAL),
            description="本页老人今天已用的餐位；未列出的为未用",
        ),
        salt={**TEXT, "description": "本点卡号摘要的密钥，十六进制"},
        prices={"type": "object", "additionalProperties": FEN, "description": "今天各餐的计算价"},
        reference_price_fen={**FEN, "description": "没有套餐价时用的计算价"},
        next={"type": ["string", "null"], "description": "下一页的 after；没有下一页时为 null"},
    ),
    "Health": an_object("*", status={**TEXT, "const": "ok"}),
}

UNSIGNED = {
    "401": a_problem("令牌或登录无效"),
    "403": a_problem("不是本点的业务，或没有权限"),
}
UNAVAILABLE = {"503": a_problem("unavailable：暂时不能保存，请稍后用同一流水号重试")}
MALFORMED = a_problem("没有看懂或不予办理，见 code")
