"""What the lists to call are for, what callers say, and what can come of a call. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

QUIET, NEW, STOPPED_POINT, REGULAR, BLANK = "quiet", "new", "closure", "regular", "blank"
IN_NEED = ("TK", "DB", "SN", "DJ")
AGED = 80
MONTH = timedelta(days=30)
WEEKS_BACK = (
    4  # how long ago a regular may have stopped and still be listed: weeks beyond the first
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One list: why somebody is on it, and what the caller says (names and dates stand in)."""

    code: str
    name: str
    who: str
    advice: str
    script: tuple[str, ...]


_HELLO = "“您好，我是{caller}的工作人员，请问是{surname}老人家吗？耽误您两分钟。不会问您的身份证号和银行卡。”"
_BYE = "“谢谢您，有事请打{phone}。”"
TOPICS = {
    topic.code: topic
    for topic in (
        Topic(
            QUIET,
            "重点老人未就餐",
            "登记在册的特困、低保、失能、独居和80岁以上老人，所在村社区在服务半径内，{quiet_days}天没有就餐",
            "问清为什么没来：不知道、走不动、不合口味、还是有人照料。",
            (
                _HELLO,
                "“您家附近就有助餐点，您知道吗？吃饭方便吗？”",
                "“要是走不动，可以登记送餐。您愿意来吃，还是想送到家？”",
                _BYE,
            ),
        ),
        Topic(
            NEW,
            "新近满龄和新登记",
            "{new_days}天内年满{min_age}周岁或新登记，还没有就过餐",
            "告诉老人能享受什么、到哪里、带什么。",
            (
                _HELLO,
                "“您已经可以享受老年助餐补贴，到助餐点出示身份证或助餐卡就能用。”",
                "“离您近的是哪个点、几点开饭，我说给您听，您记得住吗？”",
                _BYE,
            ),
        ),
        Topic(
            STOPPED_POINT,
            "停餐影响",
            "停餐前30天内在停餐的点就餐{usual_meals}次以上",
            "告诉老人哪天起停、哪天恢复、附近还有哪里可以吃。",
            (
                _HELLO,
                "“{point}{stop}停餐，怕您跑空，先跟您说一声。”",
                "“这几天您可以到附近的点吃，也可以登记送餐，您看怎样方便？”",
                _BYE,
            ),
        ),
        Topic(
            REGULAR,
            "常客中断",
            "30天内就餐{regular_meals}次以上，最近{stopped_days}天以上没有来",
            "先问平安。联系不上的，请村社区当天上门看望。",
            (
                _HELLO,
                "“这几天没见您来吃饭，您身体还好吗？家里有人照应吗？”",
                "“要是不方便出门，可以先送几天餐。”",
                _BYE,
            ),
        ),
        Topic(
            BLANK,
            "空白点重点老人",
            "空白点村社区的特困、低保、失能、独居和80岁以上老人，30天内没有送餐",
            "登记有没有送餐的需要，作为设点和送餐线路的依据。",
            (
                _HELLO,
                "“您那里附近还没有助餐点，平时吃饭怎么解决？”",
                "“如果能送餐到家，您想不想要？一星期大概几次？”",
                _BYE,
            ),
        ),
    )
}
OUTCOMES = {
    "reached": "已联系上，情况正常",
    "will_come": "愿意来就餐",
    "wants_delivery": "想要送餐",
    "declined": "不需要",
    "no_answer": "无人接听",
    "wrong_number": "号码不对",
}
TONES = {
    "reached": "good",
    "will_come": "good",
    "wants_delivery": "info",
    "declined": "muted",
    "no_answer": "warn",
    "wrong_number": "warn",
}


def stop_weeks(day: date, stopped_days: int) -> Iterator[tuple[date, date]]:
    """The 30 days before a regular may have stopped: the last of them `stopped_days` ago, and as
    many steps further back as still count."""
    for back in range(1, WEEKS_BACK + 1):
        last = day - timedelta(days=stopped_days * back)
        yield last - MONTH + timedelta(days=1), last


def last_days(day: date, count: int) -> tuple[date, date]:
    """The last `count` days up to and with that day."""
    return day - timedelta(days=count - 1), day
