"""The contract's sections 2 and 3 as one clerk with a ledger book would follow them."""

import json
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle import values
from tests.oracle.reading import covers, holds, layer_of, worth
from tests.oracle.values import SHANGHAI, Bad, plain

SOURCES = ("district", "town", "village", "lottery", "charity")
LAST_PRICE = 20000
Row = dict[str, str]
Answer = tuple[dict[str, Any], list[tuple[int, str]]]


class Refused(Exception):
    """A command that ends with status 1."""


class World:
    """Everything that was taken in so far; `lines` in order of recording."""

    def __init__(self, now: datetime):
        self.now = now
        self.today = now.astimezone(SHANGHAI).date()
        self.divisions: dict[str, Any] = {}
        self.points: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.departures: dict[tuple[str, str, date], dict[str, Any]] = {}
        self.budget: dict[tuple[str, str], Any] = {}
        self.policies: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.frozen: dict[tuple[str, str], dict[str, Any]] = {}
        self.decisions: dict[str, str] = {}  # key: what became of it, for messages

    # --- files -------------------------------------------------------------------------------

    def take(self, kind: str, rows: list[tuple[int, Row]]) -> Answer:
        """The answer of `import KIND --json`, and (line, code) of every rejected row."""
        if kind == "servings":
            return self._take_servings(rows)
        if kind == "reversals":
            rows = sorted(rows, key=lambda item: item[0])
        counts: Counter[str] = Counter()
        rejected = []
        self._seen: set[str] = set()
        for line, row in rows:
            try:
                counts[getattr(self, "_take_" + kind)(row)] += 1
            except Bad as bad:
                rejected.append((line, bad.code))
        answer = {"kind": kind, "rows": len(rows)}
        answer |= {word: counts[word] for word in ("created", "updated", "unchanged")}
        return answer | {"rejected": dict(Counter(code for _, code in rejected))}, rejected

    @staticmethod
    def _put(book: dict[Any, Any], key: Any, content: Any) -> str:
        before = book.get(key)
        book[key] = content
        return "created" if before is None else "unchanged" if before == content else "updated"

    def _take_divisions(self, row: Row) -> str:
        return self._put(self.divisions, plain(row["code"]), {k: plain(row[k]) for k in row})

    def _take_budget(self, row: Row) -> str:
        source = values.one_of(row["source"], " ".join(SOURCES))
        return self._put(self.budget, (plain(row["year"]), source), values.price(_as_price(row)))

    def _take_points(self, row: Row) -> str:
        content: dict[str, Any] = {key: plain(row[key]) for key in row}
        content["opened_on"] = values.day(row.get("opened_on"), True) or date.min
        content["closed_on"] = values.day(row.get("closed_on"), True) or date.max
        return self._put(self.points, values.needed(row["code"]), content)

    def _take_residents(self, row: Row) -> str:
        person = values.id_number(row["id_number"], self.today)
        content: dict[str, Any] = {key: plain(row[key]) for key in row if key != "id_number"}
        values.needed(row["name"]), values.needed(row["hukou_division"])
        content["categories"] = values.categories(row.get("categories"))
        if person in self._seen:
            raise Bad("duplicate")
        holder = self._holder(content["card_no"])
        if holder not in (None, person):
            raise Bad("card_taken")
        self._seen.add(person)
        return self._put(self.people, person, content)

    def _take_departures(self, row: Row) -> str:
        event = values.one_of(row["event"], "deceased moved_out institution")
        first, last = values.day(row["from_on"]), values.day(row.get("to_on"), True)
        person = values.id_number(row["id_number"], self.today)
        assert first
        if last and last < first:
            raise Bad("bad_period")
        if person not in self.people:
            raise Bad("unknown_resident")
        content = {"last": last, "source": plain(row.get("source"))}
        return self._put(self.departures, (person, event, first), content)

    def _holder(self, card: str) -> str | None:
        found = [who for who, person in self.people.items() if card and person["card_no"] == card]
        return found[0] if found else None

    def take_policy(self, text: str) -> dict[str, Any]:
        document = tomllib.loads(text)
        head = document["policy"]
        first, last = head["effective_from"], head.get("effective_to", date.max)
        new = {**head, "from": first, "to": last, "rules": document.get("rule", [])}
        new |= {"delivery": document.get("delivery", []), "text": text}
        new |= {"operating": document.get("operating", [])}
        answer = {"kind": "policy", "rows": 1, "created": 0, "updated": 0, "unchanged": 0}
        for old in self.policies:
            if old["text"] == text:
                return answer | {"unchanged": 1, "rejected": {}}
            if old["code"] == new["code"]:
                raise Refused("an approved policy never changes")
            if old["division"] == new["division"] and old["from"] <= last and first <= old["to"]:
                raise Refused("overlap")
        for paid in new["rules"] + new["delivery"]:
            amount = paid.get("amount_fen")
            if (amount is None) == (paid.get("percent") is None):
                raise Refused("exactly one of amount and percent")
            if amount is not None and sum(paid["funding"].values()) != amount:
                raise Refused("funding does not add up")
            if amount is None and not 1 <= paid["percent"] <= 100:
                raise Refused("percent")
        self.policies.append(new)
        return answer | {"created": 1, "rejected": {}}

    def end(self, code: str, last: date) -> None:
        policy = next((p for p in self.policies if p["code"] == code), None)
        if policy is None:
            raise Refused("no such policy")
        if any(x["policy"] == code and x["date"] > last for x in self.lines if x["subsidy"] > 0):
            raise Refused("a serving after that day used it")
        if not policy["from"] <= last <= policy.get("effective_to", date.max):
            raise Refused("before it begins, or after the day on which it was to end")
        for other in self.policies:
            same = other is not policy and other["division"] == policy["division"]
            if same and other["from"] <= last and policy["from"] <= other["to"]:
                raise Refused("overlap")
        policy["to"] = last

    # --- meals -------------------------------------------------------------------------------

    def _take_servings(self, rows: list[tuple[int, Row]]) -> Answer:
        readable, rejected = [], []
        for line, row in rows:
            try:
                readable.append((line, self.read_serving(row)))
            except Bad as bad:
                rejected.append((line, bad.code))
        full: Counter[str] = Counter()
        subsidised = replayed = subsidy = 0
        readable.sort(key=lambda item: (item[1]["served_at"], item[1]["key"], item[0]))
        for line, meal in readable:
            try:
                made, new = self.serve(meal)
            except Bad as bad:
                rejected.append((line, bad.code))
                continue
            replayed += not new
            subsidised += new and made["reason"] is None
            subsidy += new and made["subsidy"]
            full.update([made["reason"]] if new and made["reason"] else [])
        recorded = subsidised + sum(full.values())
        answer = {"kind": "servings", "rows": len(rows), "recorded": recorded}
        answer |= {"subsidised": subsidised, "replayed": replayed, "full_price": dict(full)}
        answer |= {"rejected": dict(Counter(code for _, code in rejected)), "subsidy_fen": subsidy}
        return answer, rejected

    def read_serving(self, row: Row) -> dict[str, Any]:
        key = values.needed(row["key"])
        if len(key) > 64:
            raise Bad("malformed")
        moment = values.instant(row["served_at"])
        local = moment.astimezone(SHANGHAI)
        return {
            "key": key,
            "point": values.needed(row["point"]),
            "credential": values.needed(row["credential"]),
            "served_at": moment,
            "meal": values.one_of(row["meal"], "breakfast lunch dinner"),
            "mode": values.one_of(row["mode"], "dine_in take_away delivery"),
            "method": values.one_of(plain(row.get("method")) or "card", "card qr id_card manual"),
            "price": values.price(row),
            "date": local.date(),
        }

    def serve(self, meal: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """The line of this meal, and whether it is new."""
        fields = ("point", "credential", "served_at", "meal", "mode", "price", "method")
        content = [meal[name] for name in fields]
        before = self.line(meal["key"])
        if before and before["content"] == content:
            return before, False
        point = self.points.get(meal["point"])
        if point is None:
            raise Bad("unknown_point")
        person = self.who(meal["credential"])
        if person is None:
            raise Bad("unknown_resident")
        if not point["opened_on"] <= meal["date"] <= point["closed_on"]:
            raise Bad("point_not_operating")
        if self._gone(person, "deceased", meal["date"]):
            raise Bad("resident_deceased")
        if before:
            raise Bad("key_conflict")
        if not isinstance(meal["price"], int) or not 0 < meal["price"] <= LAST_PRICE:
            raise Bad("bad_price")
        if meal["served_at"] > self.now + timedelta(minutes=5):
            raise Bad("in_future")
        line = {**meal, "content": content, "person": person, "reversal": False, "net": 1}
        line |= {"subsidy": 0, "paid": [], "funding": {}, "delivery": 0, "policy": None}
        line["reason"] = self._decide(line)
        self._record(line, meal["point"], meal["date"].isoformat()[:7])
        return line, True

    def line(self, key: str) -> dict[str, Any] | None:
        return next((line for line in self.lines if line["key"] == key), None)

    def who(self, credential: str) -> str | None:
        if self._holder(credential):
            return self._holder(credential)
        try:
            person = values.id_number(credential, self.today)
        except Bad:
            return None
        return person if person in self.people else None

    def _gone(self, person: str, event: str, on: date) -> bool:
        return any(
            who == person
            and what == event
            and first <= on
            and (event == "deceased" or on <= (content["last"] or date.max))
            for (who, what, first), content in self.departures.items()
        )

    def _record(self, line: dict[str, Any], point: str, month: str) -> None:
        late = (month, point) in self.frozen
        line |= {"late": late, "own_month": month, "at": point}
        while (month, point) in self.frozen:
            month = values.next_month(month)
        self.lines.append(line | {"month": month, "sequence": len(self.lines) + 1})
        self.decisions[line["key"]] = line["reason"] or "subsidised"

    def _standing(self, person: str) -> list[dict[str, Any]]:
        """The subsidised servings of a person that nobody reversed."""
        gone = {line["reverses"] for line in self.lines if line["reversal"]}
        mine = [x for x in self.lines if x["person"] == person and not x["reversal"]]
        return [x for x in mine if x["reason"] is None and x["key"] not in gone]

    def _decide(self, line: dict[str, Any]) -> str | None:
        """None after filling in what is paid, else the reason for the full price."""
        person, on = self.people[line["person"]], line["date"]
        if self._gone(line["person"], "moved_out", on):
            return "moved_out"
        if self._gone(line["person"], "institution", on):
            return "in_institution"
        policy = self._policy(person, on)
        if isinstance(policy, str):
            return policy
        line["policy"] = policy["code"]
        years = values.age(values.birth(line["person"]), on, policy["age_counts_from"])
        if line["meal"] not in policy.get("meals", [line["meal"]]):
            return "meal_not_subsidised"
        if years < policy.get("min_age", 0):
            return "under_age"
        standing = self._standing(line["person"])
        today = [x for x in standing if x["date"] == on]
        if any(x["meal"] == line["meal"] for x in today):
            return "already_served"
        if len(today) >= policy.get("per_day", 999):
            return "day_cap"
        month = [x for x in standing if x["own_month"] == on.isoformat()[:7]]
        if len(month) >= policy.get("per_month", 999):
            return "month_cap"
        names = {code for code, a, b in person["categories"] if a <= on <= b}
        return self._pay(line, policy, years, names)

    def _policy(self, person: dict[str, Any], on: date) -> dict[str, Any] | str:
        """The policy that decides, or why there is none."""
        in_effect = [p for p in self.policies if p["from"] <= on <= p["to"]]
        covering = []
        for policy in in_effect:
            home = person["hukou_division"]
            if policy.get("scope") == "residence":
                home = person.get("residence_division", "")
            if covers(policy, home):
                covering.append(policy)
        if not covering:
            return "out_of_scope" if in_effect else "no_policy"
        return max(covering, key=lambda one: len(one["division"]))

    def _pay(self, line: dict[str, Any], policy: dict[str, Any], years: int, names: set) -> Any:
        matching = [rule for rule in policy["rules"] if holds(rule, line, years, names)]
        if not matching:
            return "no_rule"
        winners = []  # (rule, {source: fen}), one a layer, in the layers' order in the file
        for layer in dict.fromkeys(layer_of(rule) for rule in policy["rules"]):
            rivals = [rule for rule in matching if layer_of(rule) == layer]
            if rivals:
                best = max(rivals, key=lambda rule: worth(rule, line["price"]))
                winners.append((best, values.split(worth(best, line["price"]), best["funding"])))
        room = line["price"] - policy.get("min_self_pay_fen", 0)
        over = sum(sum(funding.values()) for _, funding in winners) - max(room, 0)
        for _, funding in reversed(winners):
            for source in reversed(list(funding)):
                cut = min(funding[source], max(over, 0))
                funding[source] -= cut
                over -= cut
        paid = [(rule["code"], sum(f.values())) for rule, f in winners if sum(f.values())]
        if not paid:
            return "price_too_low"
        line["paid"] = paid
        line["subsidy"] = sum(fen for _, fen in paid)
        bring = [d for d in policy["delivery"] if holds(d, line, years, names)]
        if line["mode"] == "delivery" and bring:
            best = max(bring, key=lambda one: one["amount_fen"])
            line["delivery"] = best["amount_fen"]
            winners.append((best, best["funding"]))
        for _, funding in winners:
            for source, fen in funding.items():
                line["funding"] = {**line["funding"], source: line["funding"].get(source, 0) + fen}
        return None

    def _take_reversals(self, row: Row) -> str:
        key, target = values.needed(row["key"]), values.needed(row["reverses"])
        reason, moment = values.needed(row["reason"]), values.instant(row["at"])
        if len(key) > 64:
            raise Bad("malformed")
        return "created" if self.reverse(key, target, reason, moment)[1] else "unchanged"

    def reverse(self, key: str, target: str, reason: str, moment: Any) -> tuple[dict, bool]:
        before, line = self.line(key), self.line(target)
        content = [target, reason, moment]
        if before and before["content"] == content:
            return before, False
        if line is None:
            raise Bad("unknown_serving")
        if any(x["reversal"] and x["reverses"] == target for x in self.lines):
            raise Bad("already_reversed")
        if line["reversal"]:
            raise Bad("not_reversible")
        if before:
            raise Bad("key_conflict")
        made = {**line, "key": key, "content": content, "reversal": True, "net": -1}
        made |= {"reverses": target}
        self._record(made, line["point"], line["own_month"])
        return made, True

    # --- months ------------------------------------------------------------------------------

    def settle(self, month: str, point: str | None = None, submit: bool = False) -> dict[str, Any]:
        if point and point not in self.points:
            raise Refused("no such point")
        wanted = sorted({x["at"] for x in self.lines if x["month"] == month})
        wanted = [code for code in wanted if point in (None, code)]
        if submit and point and not wanted:
            raise Refused("nothing to submit")  # the contract is silent here
        if submit:
            self._may_submit(month, [c for c in wanted if (month, c) not in self.frozen])
        points = []
        for code in wanted:
            before = self.frozen.get((month, code))
            page = json.loads(json.dumps(before or self._settle_point(month, code)))
            if submit and not before:
                page["status"] = "submitted"
                self.frozen[month, code] = page
            points.append(page)
        district = min((code for code in self.divisions if len(code) == 6), default="")
        states = {page["status"] for page in points}
        status = "submitted" if states == {"submitted"} else "preview"
        total = {
            name: sum(page[name] for page in points)
            for name in ("servings", "subsidised", "subsidy_fen", "payable_fen")
        }
        head = {"month": month, "division": district, "status": status}
        return json.loads(json.dumps({**head, "points": points, "total": total}))

    def _may_submit(self, month: str, wanted: list[str]) -> None:
        if self.today < date.fromisoformat(values.next_month(month) + "-01"):
            raise Refused("the month has not ended")
        for line in self.lines:
            earlier = line["at"] in wanted and line["month"] < month
            if earlier and (line["month"], line["at"]) not in self.frozen:
                raise Refused("an earlier month is open")

    def _settle_point(self, month: str, code: str) -> dict[str, Any]:
        mine = [x for x in self.lines if x["at"] == code and x["month"] == month]
        own, late = [x for x in mine if not x["late"]], [x for x in mine if x["late"]]
        page: dict[str, Any] = {"point": code, "status": "preview"}
        page["servings"] = sum(x["net"] for x in own)
        page["subsidised"] = sum(x["net"] for x in own if x["reason"] is None)
        page["reversed"] = sum(x["reversal"] for x in own)
        page["late"] = len(late)
        page["price_fen"] = sum(x["net"] * x["price"] for x in own)
        page["subsidy_fen"] = sum(x["net"] * x["subsidy"] for x in own)
        page["self_pay_fen"] = page["price_fen"] - page["subsidy_fen"]
        page["delivery_fen"] = sum(x["net"] * x["delivery"] for x in own)
        operating = self._operating(own, self._lump_policy(month, code))
        page["operating_fen"] = sum(operating.values())
        extra = self._operating(late, None)
        page["adjustment_fen"] = sum(extra.values())
        page["adjustment_fen"] += sum(x["net"] * (x["subsidy"] + x["delivery"]) for x in late)
        page["held_fen"] = 0
        names = ("subsidy_fen", "delivery_fen", "operating_fen", "adjustment_fen")
        page["payable_fen"] = sum(page[name] for name in names)
        page["rules"] = self._rules(own)
        page["funding"] = _funding(own, operating)
        page["adjustment_funding"] = _funding(late, extra)
        return page

    def _by_start(self) -> list[dict[str, Any]]:
        return sorted(self.policies, key=lambda one: one["from"])

    def _rules(self, own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found: dict[str, list[int]] = {}
        for policy in self._by_start():
            under = [x for x in own if x["policy"] == policy["code"]]
            for code in [rule["code"] for rule in policy["rules"]]:
                hits = [(x["net"], fen) for x in under for name, fen in x["paid"] if name == code]
                if sum(net * fen for net, fen in hits):
                    entry = found.setdefault(code, [0, 0])
                    entry[0] += sum(net for net, _ in hits)
                    entry[1] += sum(net * fen for net, fen in hits)
        return [{"rule": code, "count": n, "subsidy_fen": fen} for code, (n, fen) in found.items()]

    def _lump_policy(self, month: str, code: str) -> dict[str, Any] | None:
        """The policy by which the month's lump sums are judged at this point."""
        on = date.fromisoformat(values.next_month(month) + "-01") - timedelta(days=1)
        while on.isoformat()[:7] == month:
            there = [p for p in self.policies if p["from"] <= on <= p["to"]]
            there = [p for p in there if covers(p, self.points[code]["division"])]
            if there:
                return max(there, key=lambda one: len(one["division"]))
            on -= timedelta(days=1)
        return None

    def _operating(self, lines: list[dict[str, Any]], lump: dict[str, Any] | None) -> Counter[str]:
        """{source: fen}, one split for each rule."""
        paid: Counter[str] = Counter()
        servings = sum(x["net"] for x in lines)
        a_day: Counter[date] = Counter()
        for x in lines:
            a_day[x["date"]] += x["net"]
        days = sum(1 for count in a_day.values() if count)
        for policy in self.policies:
            for rule in policy["operating"]:
                of_rule = [x for x in lines if x["policy"] == policy["code"]]
                count = sum(x["net"] for x in of_rule if x["reason"] is None)
                amount = count * rule.get("per_serving_fen", 0)
                judged = policy is lump and servings > 0 and "monthly_fen" in rule
                enough = servings >= rule.get("min_daily_average", 0) * days
                if judged and enough and days >= rule.get("min_days", 0):
                    amount += rule["monthly_fen"]
                for source, fen in values.split(amount, rule["funding"]).items():
                    paid[source] += fen
        return paid


def _funding(lines: list[dict[str, Any]], operating: Counter[str]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for x in lines:
        for source, fen in x["funding"].items():
            total[source] += x["net"] * fen
    for source, fen in operating.items():
        total[source] += fen
    return {source: total[source] for source in SOURCES if total[source]}


def _as_price(row: Row) -> Row:
    return {"price_fen": row.get("amount_fen", ""), "price": row.get("amount", "")}
