"""What a till keeps on the device: nothing that tells who somebody is, and never half of anything."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import func, select

from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from tests.factories import tills
from tests.support.people import one_password

ROSTER = "/api/v1/till/P01/roster"
PAGE = 2000
_DUMP = """async () => {
  const kept = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const { name, version } of await indexedDB.databases()) {
    const db = await new Promise((done) => {
      const asked = indexedDB.open(name, version);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      kept.push(store + JSON.stringify(await new Promise((done) => {
        all.onsuccess = () => done(all.result);
      })));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept.push(request.url, await (await cache.match(request)).text());
    }
  }
  return kept.join("\\n");
}"""
_FULL = """{
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (window.full) throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, given);
  };
}"""


def served() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Serving)) or 0


def test_nothing_on_the_device_tells_who_somebody_is(device):
    tablet = device().start().ready()
    number = tills.ID_NUMBERS["张国丰"]
    assert tablet.serve(number)["card"]["person"]["name"] == "张国丰"
    tablet.serve("欧阳秀英")
    tablet.offline()
    assert tablet.serve("C004")["outcome"]["status"] == "pending"
    assert tablet.serve(number)["message"] == "断网时请刷卡，或输入姓名。"
    kept = tablet.page.evaluate(_DUMP)
    session = tablet.context.cookies()[0]["value"]
    known = [*tills.ID_NUMBERS, *tills.ID_NUMBERS.values(), session, one_password().password]
    assert not [secret for secret in [*known, "C004"] if secret in kept]
    assert '"欧阳**"' in kept, "masked names are what the device knows"
    assert "/api/" not in [line for line in kept.splitlines() if line.startswith("http")]


def test_a_device_without_room_says_so_and_claims_nothing(device, server):
    tablet = device().start(script=_FULL).ready()
    tablet.page.evaluate("window.full = true")
    assert tablet.serve("C001")["outcome"]["status"] == "recorded", "the server has it"
    tablet.until("engine.state.storage.full")
    server.mode = "broken"
    outcome = tablet.serve("C002")["outcome"]
    assert (outcome["status"], outcome["message"][:4]) == ("refused", "没有登记")
    tablet.page.evaluate("window.full = false")
    server.mode = "ok"
    tablet.page.evaluate("engine.refresh()")
    tablet.until("engine.state.network === 'online' && !engine.state.storage.full")
    assert tablet.serve("C002")["outcome"]["status"] == "recorded"
    assert served() == 2


def big_roster(size: int, breaks_at: list[int]) -> Callable[[str], bytes]:
    """Answers as the interface does, for so many people; the next page in `breaks_at` is cut off."""

    def page(query: str) -> bytes:
        asked = {name: value[0] for name, value in parse_qs(query).items()}
        start = int(asked.get("after", "0"))
        if breaks_at and start == breaks_at[0]:
            breaks_at.pop(0)
            return b'{"residents": ['
        people = [someone(number) for number in range(start, min(start + PAGE, size))]
        more = start + PAGE < size
        return json.dumps(roster_page(people, str(start + PAGE) if more else None)).encode()

    return page


def someone(number: int) -> dict[str, Any]:
    amounts = {"tier": "T1", "subsidy_fen": 300, "reason": None}
    return {
        "token": f"R{number:015d}",
        "name": f"{'赵钱孙李周吴郑王'[number % 8]}*{'一二三四五'[number // 8 % 5]}",
        "title": "王奶奶",
        "age": 70,
        "place": "丰乐社区",
        "initials": [f"{'zqslzwzw'[number % 8]}{chr(97 + number // 8 % 26)}x"],
        "cards": [f"{number:064x}"],
        "meals": dict.fromkeys(("breakfast", "lunch", "dinner"), amounts),
    }


def roster_page(people: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {
        "point": "P01",
        "day": "2026-01-01",
        "sequence": 1,
        "full": True,
        "residents": people,
        "slots": [],
        "salt": "00" * 32,
        "prices": dict.fromkeys(("breakfast", "lunch", "dinner"), 1200),
        "reference_price_fen": 1500,
        "next": following,
    }


def test_half_a_roster_never_replaces_a_whole_one(device, server):
    tablet = device().start().ready()
    breaks_at = [PAGE]
    server.scripted[ROSTER] = big_roster(2 * PAGE + 5, breaks_at)
    tablet.load(tablet.page)
    tablet.until("!engine.state.roster.syncing", when=lambda: not breaks_at)
    assert tablet.state()["roster"]["people"] == len(tills.ELDERS) + len(tills.CARDS)
    tablet.offline()
    assert tablet.serve("C001")["outcome"]["status"] == "pending"
    tablet.offline(False)
    tablet.load(tablet.page)
    tablet.until(f"engine.state.roster.people === {2 * PAGE + 5}")


@pytest.mark.parametrize("typed", ["", "abc", "C001", "卡" * 40, "x" * 1000])
def test_card_digests_are_those_of_the_browser_also_where_it_has_none(
    page, visitor, address, typed
):
    page.goto(f"{address}/login")
    own, browsers = page.evaluate(
        """async (text) => {
          const { hex, hmac } = await import("/static/till/digest.js");
          const { digestOf } = await import("/static/till/digest.js");
          const salt = "0f".repeat(32);
          const key = new Uint8Array(32).fill(15);
          return [hex(hmac(key, new TextEncoder().encode(text))), await digestOf(salt, text)];
        }""",
        typed,
    )
    assert own == browsers
