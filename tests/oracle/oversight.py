"""Scores of visits and indicators of a supervised month, counted from the rows of its files."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle.oversight_story import COOKS, KINDS, WORDS, Story, out_of_range
from tests.oracle.values import SHANGHAI

Row = dict[str, str]
Parts = tuple[Any, Any]
CODES = {chinese: code for code, chinese in WORDS.items()}
HALVES = {"PASS": 2, "PARTIAL": 1, "FAIL": 0}
PARTS = ("大荤", "小荤", "素", "汤", "主食")
FOOD_POSTS = ("cook", "helper", "server", "courier")


def code(word: str) -> str:
    return CODES.get(word, word)


class Graded:
    """What a visit comes to: tenths of a point, the grade, the key items that failed."""

    def __init__(self, results: dict[str, str], items: dict[str, dict[str, Any]]):
        judged = {name: result for name, result in results.items() if result != "NA"}
        whole = sum(items[name]["weight"] for name in judged)
        got = sum(items[name]["weight"] * HALVES[result] for name, result in judged.items())
        self.failed = sorted(
            name for name, result in judged.items() if result == "FAIL" and items[name]["critical"]
        )
        self.tenths: int | None = None
        self.grade = ""
        if whole:
            score = Fraction(got * 50, whole)
            self.tenths = int(score * 10 + Fraction(1, 2))
            bands = (("A", 90), ("B", 75), ("C", 60), ("D", 0))
            self.grade = next(name for name, least in bands if score >= least)
            if self.failed:
                self.grade = "D"


class Count:
    """The month of a story, read once."""

    def __init__(self, story: Story):
        self.story = story
        self.items = {item["code"]: item for item in story.items}
        self.graded = {one["key"]: Graded(one["results"], self.items) for one in story.visits}
        undone = {row["reverses"] for row in story.files["reversals"]}
        self.meals = [row for row in story.files["servings"] if row["key"] not in undone]
        self.served: set[tuple[str, date]] = {
            (row["point"], date.fromisoformat(row["served_at"][:10])) for row in self.meals
        }
        self.menus: dict[tuple[str, date, str], list[Row]] = {}
        for row in story.files["menus"]:
            key = (row["point"], date.fromisoformat(row["date"]), code(row["meal"]))
            self.menus.setdefault(key, []).append(row)

    def of(self, places: Iterable[str]) -> dict[str, Parts]:
        """Numerator and denominator of each indicator at these points together."""
        made: dict[str, Callable[[set[str]], Parts]] = {
            "N11": self.n11, "N12": self.n12, "N14": self.n14, "N15": self.n15, "N16": self.n16,
            "N17": self.n17, "N21": self.n21, "N22-1": self.n22_mean, "N22-2": self.n22_spread,
            "N31": self.n31, "N32": self.n32, "N33": self.n33, "N34": self.n34, "N35": self.n35,
            "N41": self.n41, "N42": self.n42, "Z41": self.z41, "Z42": self.z42,
        }  # fmt: skip
        chosen = set(places)
        return {name: count(chosen) for name, count in made.items()}

    def within(self, on: date) -> bool:
        return self.story.first <= on <= self.story.last

    def days(self, places: set[str]) -> set[tuple[str, date]]:
        """Days of points on which somebody ate."""
        return {(who, on) for who, on in self.served if who in places and self.within(on)}

    def worked(self, places: set[str]) -> set[tuple[str, date]]:
        """The same, and for a kitchen the days on which it cooked for another point."""
        fed = {("P1", on) for _, on in self.days({"P2"})} if self.story.supplier == "P1" else set()
        return self.days(places) | {(who, on) for who, on in fed if who in places}

    # --- visits ------------------------------------------------------------------------------

    def visits(self, places: set[str]) -> list[dict[str, Any]]:
        """Of the month, without what units did themselves."""
        return [
            one
            for one in self.story.visits
            if one["point"] in places and self.within(one["day"]) and one["kind"] != "self_check"
        ]

    def n11(self, places: set[str]) -> Parts:
        grades = [self.graded[one["key"]].grade for one in self.visits(places)]
        return sum(g in ("A", "B", "C") for g in grades), sum(g != "" for g in grades)

    def n12(self, places: set[str]) -> Parts:
        """Told only where somebody inspected."""
        visits = self.visits(places)
        return sum(len(self.graded[one["key"]].failed) for one in visits), None if visits else 0

    def n21(self, places: set[str]) -> Parts:
        results = [
            result
            for one in self.visits(places)
            for name, result in one["results"].items()
            if name.startswith("PRC") and result != "NA"
        ]
        return results.count("PASS"), len(results)

    def n42(self, places: set[str]) -> Parts:
        last: dict[str, str] = {}
        for one in sorted(self.story.visits, key=lambda each: each["day"]):
            grade = self.graded[one["key"]].grade
            if one["day"] <= self.story.last and one["kind"] != "self_check" and grade:
                last[one["point"]] = grade
        counts = Counter(grade for point, grade in last.items() if point in places)
        return tuple(counts[grade] for grade in "ABCD"), len(places)

    def z41(self, places: set[str]) -> Parts:
        done = [one["point"] for one in self.story.visits if one["plan"]]
        return sum(p in places for p in done), sum(p in places for p in self.story.planned)

    def z42(self, places: set[str]) -> Parts:
        return len(self.visits(places)), len(self.visits(places))

    # --- logs and people ---------------------------------------------------------------------

    def logs(self, places: set[str], *kinds: str) -> list[Row]:
        return [
            row
            for row in self.story.files["logs"]
            if code(row["kind"]) in kinds
            and row["point"] in places
            and self.within(date.fromisoformat(row["day"]))
        ]

    def n14(self, places: set[str]) -> Parts:
        valid = {
            (row["point"], row["day"], code(row["meal"]), row["subject"])
            for row in self.logs(places, "sample")
            if int(row["grams"]) >= 125 and 0 <= float(row["temp_c"]) <= 8 and self._kept(row)
        }
        days = self.worked(places)
        dishes = {
            (point, str(on), meal, row["name"])
            for (point, on, meal), rows in self.menus.items()
            if point in COOKS and (point, on) in days
            for row in rows
            if row["kind"] != "套餐"
        }
        return len(valid & dishes), len(dishes)

    @staticmethod
    def _kept(row: Row) -> bool:
        until = row.get("kept_until")
        if not until:
            return True
        taken = datetime.fromisoformat(f"{row['day']}T{row['at']}:00+08:00")
        return datetime.fromisoformat(until) - taken >= timedelta(hours=48)

    def n15(self, places: set[str]) -> Parts:
        last = self.story.last
        on_duty = [
            row
            for row in self.story.files["staff"]
            if row["point"] in places
            and date.fromisoformat(row["joined_on"]) <= last
            and (not row["left_on"] or date.fromisoformat(row["left_on"]) >= last)
            and (row["handles_food"] or ("是" if code(row["post"]) in FOOD_POSTS else "否")) == "是"
        ]
        return sum(self._healthy(row) for row in on_duty), len(on_duty)

    def _healthy(self, row: Row) -> bool:
        if not row.get("health_no"):
            return False
        begun, last = date.fromisoformat(row["health_from"]), self.story.last
        ends = date.fromisoformat(row["health_to"]) if row["health_to"] else a_year_on(begun)
        return begun <= last <= ends

    def n16(self, places: set[str]) -> Parts:
        kept = {
            (row["point"], date.fromisoformat(row["day"]))
            for row in self.logs(places, "daily_control")
        }
        return len(kept & self.worked(places)), len(self.worked(places))

    def n17(self, places: set[str]) -> Parts:
        rows = self.logs(places, "core_temp", "hold_temp", "cold_store")
        return sum(self._in_range(row) for row in rows), len(rows)

    @staticmethod
    def _in_range(row: Row) -> bool:
        kind, temp = code(row["kind"]), float(row["temp_c"])
        if kind == "core_temp":
            return temp >= 70
        if kind == "cold_store":
            return not out_of_range(code(row["device"]), row["temp_c"])
        held = temp >= 60 or temp <= 8
        return held or (row["minutes"] != "" and int(row["minutes"]) <= 120)

    # --- prices and menus --------------------------------------------------------------------

    def prices(self, places: set[str]) -> list[int]:
        return [
            int(row["price_fen"])
            for row in self.meals
            if row["point"] in places and self.within(date.fromisoformat(row["served_at"][:10]))
        ]

    def n22_mean(self, places: set[str]) -> Parts:
        return sum(self.prices(places)), len(self.prices(places))

    def n22_spread(self, places: set[str]) -> Parts:
        prices = self.prices(places)
        mean = sum(prices) / len(prices)
        spread = (sum((one - mean) ** 2 for one in prices) / len(prices)) ** 0.5
        return spread, mean

    def n31(self, places: set[str]) -> Parts:
        def monday(on: date) -> date:
            return on - timedelta(days=on.weekday())

        weeks = {(who, monday(on)) for who, on in self.served if who in places}
        weeks = {week for week in weeks if self.within(week[1])}
        timely = {
            (point, monday(on))
            for point, on, at in self.story.published
            if at < datetime.combine(monday(on), datetime.min.time(), SHANGHAI)
        }
        return len(weeks & timely), len(weeks)

    def of_month(self, places: set[str]) -> dict[tuple[str, date, str], list[Row]]:
        """Dishes of the menus that name any."""
        found = {}
        for key, rows in self.menus.items():
            dishes = [row for row in rows if row["kind"] != "套餐"]
            if dishes and key[0] in places and self.within(key[1]):
                found[key] = dishes
        return found

    def n32(self, places: set[str]) -> Parts:
        menus = self.of_month(places).values()
        return sum({row["kind"] for row in rows} >= set(PARTS) for rows in menus), len(menus)

    def n33(self, places: set[str]) -> Parts:
        weighed = [
            rows
            for (_, _, meal), rows in self.of_month(places).items()
            if meal == "lunch" and known(rows)
        ]
        return sum(nourishing(rows) for rows in weighed), len(weighed)

    def n34(self, places: set[str]) -> Parts:
        gentle = {
            (point, on)
            for (point, on, _), rows in self.menus.items()
            if any({"低盐", "低糖", "软食"} & set(row.get("diet", "").split(";")) for row in rows)
        }
        return len(gentle & self.days(places)), len(self.days(places))

    def n35(self, places: set[str]) -> Parts:
        mains: dict[tuple[str, int], list[str]] = {}
        for (point, on, _), rows in self.of_month(places).items():
            if (point, on) in self.served:
                fortnight = mains.setdefault((point, (on - self.story.first).days // 14), [])
                fortnight += [row["name"] for row in rows if row["kind"] in ("大荤", "小荤")]
        whole = sum(len(names) for names in mains.values())
        return whole - sum(len(set(names)) for names in mains.values()), whole

    # --- papers ------------------------------------------------------------------------------

    def n41(self, places: set[str]) -> Parts:
        return sum(self._licensed(p) and self._holds(p, "agreement") for p in places), len(places)

    def _holds(self, point: str, kind: str) -> bool:
        return any(
            date.fromisoformat(row["valid_from"])
            <= self.story.last
            <= date.fromisoformat(row["valid_to"])
            for row in self.story.files["documents"]
            if row["point"] == point and code(row["kind"]) == kind
        )

    def _licensed(self, point: str) -> bool:
        if KINDS[point] == "neighbour_table":
            return self._holds(point, "health_declaration")
        if KINDS[point] == "serving_point":
            own = self._holds(point, "supplier_licence")
            return own or (self.story.supplier == "P1" and self._licensed("P1"))
        row = next(row for row in self.story.files["points"] if row["code"] == point)
        recorded = date.fromisoformat(row["licence_expires_on"]) >= self.story.last
        return recorded or self._holds(point, "licence")


def a_year_on(begun: date) -> date:
    """The last day of the year that begins on this day."""
    day = min(begun.day, monthrange(begun.year + 1, begun.month)[1])
    return date(begun.year + 1, begun.month, day) - timedelta(days=1)


def known(rows: list[Row]) -> bool:
    """Whether the portions of meat and vegetables and the salt of all but the staple are entered."""
    weighed = [row.get("portion_g") for row in rows if row["kind"] in ("大荤", "小荤", "素")]
    salted = [row.get("salt_g") for row in rows if row["kind"] != "主食"]
    return all(weighed) and all(salted) and any(row.get("portion_g") for row in rows)


def nourishing(rows: list[Row]) -> bool:
    """A lunch in the band: salt, vegetables, meat, fish and egg, and how many dishes."""

    def grams(*kinds: str) -> int:
        return sum(int(row["portion_g"]) for row in rows if row["kind"] in kinds)

    salt = sum(Fraction(row.get("salt_g") or "0") for row in rows)
    return salt <= 2 and grams("素") >= 120 and grams("大荤", "小荤") >= 60 and len(rows) >= 4
