"""The interface as an OpenAPI 3.1 document, kept by hand; a test holds it to the routes."""

from mealsvc.accounts.sessions import DEVICE_COOKIE
from mealsvc.api.openapi_schemas import (
    KEY,
    MALFORMED,
    SCHEMAS,
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
from mealsvc.api.openapi_till import TILL_PATHS, TILL_SCHEMAS

_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": KEY,
    "description": "流水号，永久唯一；同号同内容是重放，答复与第一次相同",
}
_PATHS: Json = {
    **TILL_PATHS,
    "/api/v1/servings": {
        "post": {
            "operationId": "recordServing",
            "summary": "登记一份就餐",
            "parameters": [_IDEMPOTENCY],
            "requestBody": a_body(ref("Serving")),
            "responses": {
                "201": as_json(ref("Receipt"), "已登记"),
                "200": as_json(ref("Receipt"), "重放：以前已登记，内容相同"),
                "400": a_problem("缺少 Idempotency-Key，或会话缺少防伪令牌"),
                **UNSIGNED,
                "413": a_problem("请求过大"),
                "422": MALFORMED,
                **UNAVAILABLE,
            },
        }
    },
    "/api/v1/servings/batch": {
        "post": {
            "operationId": "recordServings",
            "summary": "登记一批就餐（最多500份），逐笔给出结果",
            "requestBody": a_body(an_object("*", servings=a_list(ref("BatchItem"), maxItems=500))),
            "responses": {
                "200": as_json(
                    an_object("*", results=a_list(ref("BatchResult"))), "逐笔结果，次序与请求相同"
                ),
                "400": a_problem("会话缺少防伪令牌"),
                **UNSIGNED,
                "413": a_problem("超过500份或1 MB"),
                "422": MALFORMED,
                **UNAVAILABLE,
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
            "requestBody": a_body(
                an_object("*", reason={**TEXT, "minLength": 1, "maxLength": 200})
            ),
            "responses": {
                "201": as_json(ref("Reversal"), "已冲正"),
                "200": as_json(ref("Reversal"), "重放：以前已冲正，内容相同"),
                "400": a_problem("缺少 Idempotency-Key，或会话缺少防伪令牌"),
                **UNSIGNED,
                "404": a_problem("unknown_serving"),
                "409": a_problem("already_reversed"),
                "413": a_problem("请求过大"),
                "422": MALFORMED,
                **UNAVAILABLE,
            },
        }
    },
    "/api/v1/openapi.json": {
        "get": {
            "operationId": "readInterface",
            "summary": "本文档",
            "security": [],
            "responses": {"200": as_json({"type": "object"}, "OpenAPI 3.1")},
        }
    },
    "/healthz": {
        "get": {
            "operationId": "isAlive",
            "summary": "进程是否在运行",
            "security": [],
            "responses": {"200": as_json(ref("Health"), "在运行")},
        }
    },
    "/readyz": {
        "get": {
            "operationId": "isReady",
            "summary": "能否保存：数据库可写、磁盘有空间、密钥可用",
            "security": [],
            "responses": {"200": as_json(ref("Health"), "能保存"), **UNAVAILABLE},
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
    "security": [
        {"device": []},
        {"session": [], "csrf": []},
        {"tablet": [], "csrf": []},
    ],
    "paths": _PATHS,
    "components": {
        "schemas": {**SCHEMAS, **TILL_SCHEMAS},
        "securitySchemes": {
            "device": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "mealsvc"},
            "tablet": {"type": "apiKey", "in": "cookie", "name": DEVICE_COOKIE},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        },
    },
}
