"""What a till of ours asks beyond recording: roster, state, report, search, preview, uploads."""

from mealsvc.api.openapi_schemas import (
    BACKED_UP,
    EPOCH,
    FEN,
    KEY,
    MALFORMED,
    MEAL,
    REASON,
    SEQUENCE,
    STOPPED,
    TEXT,
    UNAVAILABLE,
    UNSIGNED,
    Json,
    a_body,
    a_list,
    a_problem,
    an_object,
    as_json,
    ref,
)
from mealsvc.api.uploads import MOST
from mealsvc.kernel.meals import METHODS, MODES
from mealsvc.servings.ledger import LAST
from mealsvc.servings.rules import CREDENTIAL_LENGTH
from mealsvc.servings.till import MOST_SHOWN

_POINT = {"name": "point", "in": "path", "required": True, "schema": TEXT}
_NOW: Json = {**TEXT, "format": "date-time", "description": "服务器时间"}
_INSTANT: Json = {**TEXT, "format": "date-time"}
_NUMBER: Json = {"type": "integer"}
_MODE: Json = {**TEXT, "enum": list(MODES)}
_METHOD: Json = {**TEXT, "enum": list(METHODS)}
_PERHAPS_FEN: Json = {"type": ["integer", "null"], "description": "分；没有时为 null"}
_PERHAPS_TEXT: Json = {"type": ["string", "null"]}
_AMOUNTS = {"price_fen": FEN, "subsidy_fen": FEN, "self_pay_fen": FEN}
_PERSON: Json = {
    "token": {**TEXT, "description": "不透明的老人代号，可作 credential"},
    "name": {**TEXT, "description": "姓名，只用于当时显示，不在设备上保存"},
    "title": {**TEXT, "description": "称呼，如 张爷爷"},
    "age": _NUMBER,
    "place": TEXT,
}
_CLOCK = an_object(
    "",
    offset_ms={"type": ["integer", "null"], "description": "设备量得的偏差：服务器减设备"},
    doubtful={"type": "boolean", "description": "时钟可疑：不登记，交店长确认日期"},
)
_SAFETY = {"server_time": _NOW, "epoch": EPOCH, "backed_up": BACKED_UP}
_DEVICE_TIME = {"device_time": {**_INSTANT, "description": "设备自己的时钟，未经校正"}}
CONFLICTS = [None, "full_price", "amount", "refused", "clock"]

TILL_SCHEMAS: Json = {
    "TillState": an_object(
        "*",
        **_SAFETY,
        day={**TEXT, "format": "date"},
        point=an_object("*", code=TEXT, name=TEXT),
        sequence=SEQUENCE,
        csrf_token={**_PERHAPS_TEXT, "description": "写操作的 X-CSRFToken；用令牌时为 null"},
        operator={
            "description": "登录的人；设备自己时为 null",
            "type": ["object", "null"],
            "required": ["login", "name", "role", "role_name"],
            "properties": {"login": TEXT, "name": TEXT, "role": TEXT, "role_name": TEXT},
        },
        device={**_PERHAPS_TEXT, "description": "登记过的设备名"},
        count=an_object("*", servings=_NUMBER, subsidised=_NUMBER),
        capacity={"type": ["integer", "null"], "description": "日供餐能力"},
        day_closed={"type": "boolean", "description": "今天已日结"},
        stopped=STOPPED,
        conflicts={**_NUMBER, "description": "本点待店长处理的补传份数"},
        meal=MEAL,
        prices={
            "type": "object",
            "additionalProperties": an_object("*", elder_fen=_PERHAPS_FEN, public_fen=_PERHAPS_FEN),
        },
        last=a_list(
            an_object(
                "*",
                key=KEY,
                sequence=SEQUENCE,
                name={**TEXT, "description": "脱敏姓名"},
                title=TEXT,
                meal=MEAL,
                mode=_MODE,
                served_at=_INSTANT,
                **_AMOUNTS,
                reason=REASON,
                undone={"type": "boolean"},
                may_undo={"type": "boolean"},
            ),
            maxItems=LAST,
        ),
    ),
    "Safety": an_object("*", **_SAFETY),
    "Found": an_object(
        "people more",
        people=a_list(
            an_object(
                "*",
                **_PERSON,
                sex={**TEXT, "enum": ["male", "female"]},
                last4={**TEXT, "description": "身份证号后四位"},
                method=_METHOD,
            ),
            maxItems=MOST_SHOWN,
        ),
        more={"type": "boolean", "description": "还有更多，请输入更多字"},
        message={**TEXT, "description": "没有找到，或卡已挂失等"},
    ),
    "Preview": an_object(
        "*",
        **_PERSON,
        meal=MEAL,
        mode=_MODE,
        method=_METHOD,
        list_price_fen={**_PERHAPS_FEN, "description": "公示价"},
        discount_fen={**_PERHAPS_FEN, "description": "企业优惠"},
        price_fen={**_PERHAPS_FEN, "description": "老人餐价；还没有价格时为 null"},
        subsidy_fen=_PERHAPS_FEN,
        sources=a_list(an_object("*", name=TEXT, fen=FEN)),
        self_pay_fen=_PERHAPS_FEN,
        reason=REASON,
        reason_name=TEXT,
        sentence={**TEXT, "description": "一句话说明"},
        earlier={
            "description": "这一餐以前在何时何地补贴过",
            "type": ["object", "null"],
            "required": ["at", "point"],
            "properties": {"at": _INSTANT, "point": TEXT},
        },
        delivery_fen={**FEN, "description": "另补助餐点的送餐费"},
    ),
    "UploadEntry": {
        "description": "kind 为 serving：同 BatchItem，另有 shown、clock；为 reversal：key、reverses、reason",
        **an_object(
            "kind key",
            kind={**TEXT, "enum": ["serving", "reversal"]},
            key=KEY,
            shown=an_object("self_pay_fen", subsidy_fen=FEN, self_pay_fen=FEN),
            clock=_CLOCK,
            reverses=KEY,
            reason={**TEXT, "maxLength": 200},
        ),
    },
    "Uploaded": an_object(
        "*",
        **_SAFETY,
        results=a_list(
            {
                "description": "同 BatchResult；conflict 说明与设备当时显示的不同之处",
                "allOf": [ref("BatchResult")],
                "type": "object",
                "required": ["conflict"],
                "properties": {"conflict": {"type": ["string", "null"], "enum": CONFLICTS}},
            }
        ),
    ),
}


def _post(operation: str, summary: str, body: Json, answer: str, words: str) -> Json:
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "parameters": [_POINT],
            "requestBody": a_body(body),
            "responses": {
                "200": as_json(ref(answer), words),
                "400": a_problem("会话或设备登记缺少防伪令牌"),
                **UNSIGNED,
                "404": a_problem("unknown_point"),
                "413": a_problem("请求过大"),
                "422": MALFORMED,
                **UNAVAILABLE,
            },
        }
    }


TILL_PATHS: Json = {
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
                "200": as_json(ref("Roster"), "一页名单，最多2,000人"),
                **UNSIGNED,
                "404": a_problem("unknown_point"),
                "422": MALFORMED,
                **UNAVAILABLE,
            },
        }
    },
    "/api/v1/till/{point}/state": {
        "get": {
            "operationId": "readTill",
            "summary": "收银台现状：份数、价格、最近的登记、备份到哪里",
            "parameters": [_POINT],
            "responses": {
                "200": as_json(ref("TillState"), "现状"),
                **UNSIGNED,
                "404": a_problem("unknown_point"),
                **UNAVAILABLE,
            },
        }
    },
    "/api/v1/till/{point}/report": _post(
        "reportTill",
        "设备报告待上传份数和时钟偏差",
        an_object(
            "",
            pending={"type": ["integer", "null"]},
            clock_offset_ms={"type": ["integer", "null"], "description": "服务器减设备"},
            **_DEVICE_TIME,
        ),
        "Safety",
        "已记下",
    ),
    "/api/v1/till/{point}/search": _post(
        "findElder",
        "按卡号、姓名、拼音首字母、身份证号或后四位查找",
        an_object("*", q={**TEXT, "maxLength": CREDENTIAL_LENGTH}),
        "Found",
        "找到的人；没有时 people 为空，message 说明",
    ),
    "/api/v1/till/{point}/preview": _post(
        "previewServing",
        "试算一餐，不登记",
        an_object(
            "credential",
            credential={**TEXT, "minLength": 1, "maxLength": CREDENTIAL_LENGTH},
            meal=MEAL,
            mode=_MODE,
            price_fen={"type": ["integer", "null"]},
            method=_METHOD,
        ),
        "Preview",
        "按现在登记会得到的金额",
    ),
    "/api/v1/till/{point}/uploads": _post(
        "uploadServings",
        f"补传断网期间的记录（最多{MOST}份），按次序逐笔给出结果",
        an_object("entries", **_DEVICE_TIME, entries=a_list(ref("UploadEntry"), maxItems=MOST)),
        "Uploaded",
        "逐笔结果，次序与请求相同",
    ),
}
