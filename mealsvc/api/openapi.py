"""The interface as an OpenAPI 3.1 document, kept by hand; a test holds it to the routes."""

from typing import Any

from mealsvc.kernel.meals import MEALS, METHODS, MODES
from mealsvc.policies.rules import REASONS
from mealsvc.servings.rules import CREDENTIAL_LENGTH, KEY_LENGTH

Json = dict[str, Any]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: Json) -> Json:
    """An object; `required` names its mandatory members, "*" all of them."""
    names = list(properties) if required == "*" else required.split()
    return {"type": "object", "required": names, "properties": properties}


def _list(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items, **more}


def _json(schema: Json, words: str) -> Json:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _problem(words: str) -> Json:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    return {"description": words, "content": content}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


TEXT: Json = {"type": "string"}
FEN: Json = {"type": "integer", "description": "分"}
KEY: Json = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH}
MEAL: Json = {"type": "string", "enum": list(MEALS)}
SEQUENCE: Json = {"type": "integer", "description": "服务器的顺序号，各助餐点统一编号"}
REASON: Json = {"type": ["string", "null"], "enum": [None, *REASONS]}
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
_ORDER_REQUIRED = "point credential served_at meal mode price_fen"
_PAID = {"price_fen": FEN, "subsidy_fen": FEN, "self_pay_fen": FEN}

SCHEMAS: Json = {
    "Serving": _object(_ORDER_REQUIRED, **_ORDER),
    "BatchItem": _object(f"key {_ORDER_REQUIRED}", key=KEY, **_ORDER),
    "Receipt": _object(
        "*",
        key=KEY,
        resident=_object("*", name={**TEXT, "description": "脱敏姓名"}, tier=TIER),
        **_PAID,
        reason=REASON,
        rules=_list(_object("*", rule=TEXT, subsidy_fen=FEN)),
        sequence=SEQUENCE,
    ),
    "BatchResult": {
        "description": "与单笔提交时相同的状态和内容，另有 key 和 status",
        **_object("key status", key={}, status={"type": "integer"}, code={**TEXT, "enum": CODES}),
    },
    "Reversal": _object("*", key=KEY, reverses=KEY, **_PAID, sequence=SEQUENCE),
    "Problem": {
        "description": "RFC 9457；程序以 code 判断",
        **_object(
            "type title status code",
            type=TEXT,
            title={**TEXT, "description": "给人看的说明和处理办法"},
            status={"type": "integer"},
            code={**TEXT, "enum": CODES},
            field={**TEXT, "description": "出错的字段"},
            server_time={**TEXT, "format": "date-time", "description": "in_future 时给出"},
            reference={**TEXT, "description": "日志中的错误编号"},
            failing=_list(TEXT),
        ),
    },
    "RosterResident": _object(
        "*",
        token={**TEXT, "description": "不透明的老人代号，可作 credential"},
        name={**TEXT, "description": "脱敏姓名"},
        cards=_list({**TEXT, "description": "HMAC-SHA256(salt, 卡号)，十六进制"}),
        meals={
            "type": "object",
            "description": "今天各餐在餐位未用时的补贴",
            "additionalProperties": _object(
                "*",
                tier=TIER,
                subsidy_fen=FEN,
                reason={"type": ["string", "null"], "enum": [*REASON["enum"], "resident_deceased"]},
            ),
        },
    ),
    "Roster": _object(
        "*",
        point=TEXT,
        day={**TEXT, "format": "date"},
        sequence={**SEQUENCE, "description": "第一页的这个数下次作为 since"},
        full={"type": "boolean", "description": "true：替换全部名单；false：只替换列出的老人"},
        residents=_list(_ref("RosterResident"), maxItems=2000),
        slots=_list(
            _object("*", token=TEXT, meal=MEAL),
            description="本页老人今天已用的餐位；未列出的为未用",
        ),
        salt={**TEXT, "description": "本点卡号摘要的密钥，十六进制"},
        prices={"type": "object", "additionalProperties": FEN, "description": "今天各餐的计算价"},
        reference_price_fen={**FEN, "description": "没有套餐价时用的计算价"},
        next={"type": ["string", "null"], "description": "下一页的 after；没有下一页时为 null"},
    ),
    "Health": _object("*", status={**TEXT, "const": "ok"}),
}

_UNSIGNED = {
    "401": _problem("令牌或登录无效"),
    "403": _problem("不是本点的业务，或没有权限"),
}
_UNAVAILABLE = {"503": _problem("unavailable：暂时不能保存，请稍后用同一流水号重试")}
_MALFORMED = _problem("没有看懂或不予办理，见 code")
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": KEY,
    "description": "流水号，永久唯一；同号同内容是重放，答复与第一次相同",
}
_PATHS: Json = {
    "/api/v1/servings": {
        "post": {
            "operationId": "recordServing",
            "summary": "登记一份就餐",
            "parameters": [_IDEMPOTENCY],
            "requestBody": _body(_ref("Serving")),
            "responses": {
                "201": _json(_ref("Receipt"), "已登记"),
                "200": _json(_ref("Receipt"), "重放：以前已登记，内容相同"),
                "400": _problem("缺少 Idempotency-Key，或会话缺少防伪令牌"),
                **_UNSIGNED,
                "413": _problem("请求过大"),
                "422": _MALFORMED,
                **_UNAVAILABLE,
            },
        }
    },
    "/api/v1/servings/batch": {
        "post": {
            "operationId": "recordServings",
            "summary": "登记一批就餐（最多500份），逐笔给出结果",
            "requestBody": _body(_object("*", servings=_list(_ref("BatchItem"), maxItems=500))),
            "responses": {
                "200": _json(
                    _object("*", results=_list(_ref("BatchResult"))), "逐笔结果，次序与请求相同"
                ),
                "400": _problem("会话缺少防伪令牌"),
                **_UNSIGNED,
                "413": _problem("超过500份或1 MB"),
                "422": _MALFORMED,
                **_UNAVAILABLE,
            },
        }
    },
    "/api/v1/servings/{reverses}/reversal": {
        "post": {
            "operationId": "reverseServing",
            "summary": "冲正一份就餐",
            "parameters": [
                {
                    "name": "reverses",
                    "in": "path",
                    "required": True,
                    "schema": KEY,
                    "description": "原流水号，按网址规则编码（/ 写成 %2F）",
                },
                _IDEMPOTENCY,
            ],
            "requestBody": _body(_object("*", reason={**TEXT, "minLength": 1, "maxLength": 200})),
            "responses": {
                "201": _json(_ref("Reversal"), "已冲正"),
                "200": _json(_ref("Reversal"), "重放：以前已冲正，内容相同"),
                "400": _problem("缺少 Idempotency-Key，或会话缺少防伪令牌"),
                **_UNSIGNED,
                "404": _problem("unknown_serving"),
                "409": _problem("already_reversed"),
                "413": _problem("请求过大"),
                "422": _MALFORMED,
                **_UNAVAILABLE,
            },
        }
    },
    "/api/v1/till/{point}/roster": {
        "get": {
            "operationId": "readRoster",
            "summary": "收银台离线时所需的名单",
            "parameters": [
                {"name": "point", "in": "path", "required": True, "schema": TEXT},
                {
                    "name": "since",
                    "in": "query",
                    "schema": {"type": "integer", "minimum": 0, "default": 0},
                    "description": "上次名单第一页的 sequence；0 取全部",
                },
                {
                    "name": "after",
                    "in": "query",
                    "schema": TEXT,
                    "description": "上一页给出的 next",
                },
            ],
            "responses": {
                "200": _json(_ref("Roster"), "一页名单，最多2,000人"),
                **_UNSIGNED,
                "404": _problem("unknown_point"),
                "422": _MALFORMED,
                **_UNAVAILABLE,
            },
        }
    },
    "/api/v1/openapi.json": {
        "get": {
            "operationId": "readInterface",
            "summary": "本文档",
            "security": [],
            "responses": {"200": _json({"type": "object"}, "OpenAPI 3.1")},
        }
    },
    "/healthz": {
        "get": {
            "operationId": "isAlive",
            "summary": "进程是否在运行",
            "security": [],
            "responses": {"200": _json(_ref("Health"), "在运行")},
        }
    },
    "/readyz": {
        "get": {
            "operationId": "isReady",
            "summary": "能否保存：数据库可写、磁盘有空间、密钥可用",
            "security": [],
            "responses": {"200": _json(_ref("Health"), "能保存"), **_UNAVAILABLE},
        }
    },
}

DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {
        "title": "老年助餐服务管理：收银接口",
        "version": "1",
        "description": "金额一律为整数分，时间为带时区的 ISO 8601。",
    },
    "security": [{"device": []}, {"session": [], "csrf": []}],
    "paths": _PATHS,
    "components": {
        "schemas": SCHEMAS,
        "securitySchemes": {
            "device": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "mealsvc"},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        },
    },
}
