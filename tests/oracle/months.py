"""Stories of three months full of edges, from a seed: a register, policies, meals, mistakes."""

from datetime import date, datetime, timedelta
from random import Random

from tests.oracle import policies
from tests.oracle.play import Step
from tests.oracle.values import SHANGHAI, birth, check_digit, first_of_next, next_month

Row = dict[str, str]
STARTS = ("2024-02", "2023-02", "2024-01", "2023-12", "2024-11", "2024-04", "2025-02")
TOWNS = ("320412100", "320412101", "320412003", "320402001", "320412")
COMMUNITIES = ("320412100001", "320412100002", "320412101001", "320412003001", "320412")
CATEGORIES = ["TK", "DB", "DBB", "ZCX", "SN", "CJ", "JS", "YF", "DJ", "KC", "LS", "LM"]
WIDE = str.maketrans("0123456789AX", "０１２３４５６７８９ＡＸ")
DATES = ("opened_on", "closed_on")
OFFSETS = ("+08:00", "+08:00", "+08:00", "Z", "+00:00", "-05:00", "+05:30")
HOURS = {"breakfast": (6, 9), "lunch": (10, 13), "dinner": (16, 19)}
CHINESE = {"breakfast": "早餐", "lunch": "午餐", "dinner": "晚餐", "dine_in": "堂食"}
CHINESE |= {"take_away": "自取", "delivery": "送餐", "card": "刷卡", "id_card": "身份证"}
PRICES = (1, 50, 99, 100, 101, 300, 450, 555, 799, 1000, 1200, 1205, 1999, 20000)
BAD_PRICES = ("0", "-1", "-500", "20001", "99999999999999999999", "abc", "", "12元", "1.234")


class Story:
    """Makes the steps; remembers what was sent, so that edges can be aimed at it."""

    def __init__(self, seed: int):
        self.dice = Random(seed)
        first = self.dice.choice(STARTS)
        second = next_month(first)
        self.months = [first, second, next_month(second)]
        self.start = date.fromisoformat(first + "-01")
        self.end = date.fromisoformat(next_month(self.months[2]) + "-01")
        self.people: list[Row] = []
        self.points: list[Row] = []
        self.sent: list[Row] = []
        self.taken_back: list[Row] = []
        self.days: list[date] = []  # where something changes
        self.policies: list[str] = []
        self.count = 0

    def a_day(self) -> date:
        """Any day of the three months, often one next to which something changes."""
        if self.days and self.dice.random() < 0.6:
            on = self.dice.choice(self.days) + timedelta(days=self.dice.choice([-1, 0, 0, 1]))
            if self.start <= on < self.end:
                return on
        return self.start + timedelta(days=self.dice.randrange((self.end - self.start).days))

    def a_few(self) -> date:
        """One of few days, so that meals meet."""
        return self.dice.choice(self.days[:6])

    # --- the register ------------------------------------------------------------------------

    def divisions(self) -> list[Row]:
        rows = [{"code": "320412", "name": "演示区", "level": "district"}]
        rows += [{"code": code, "name": f"镇{code}", "level": "town"} for code in TOWNS[:3]]
        rows += [{"code": c, "name": f"村{c}", "level": "community"} for c in COMMUNITIES[:4]]
        return rows

    def all_points(self) -> list[Row]:
        kinds = ["community_canteen", "partner_restaurant", "serving_point", "neighbour_table"]
        for number in range(self.dice.randint(2, 5)):
            row = {"code": f"P{number}", "name": f"点{number}", "kind": kinds[number % 4]}
            row["division"] = self.dice.choice([*COMMUNITIES[:4], *TOWNS[:3]])
            row["opened_on"] = row["closed_on"] = ""
            if self.dice.random() < 0.3:
                row["opened_on"] = self.note(self.start + timedelta(days=self.dice.randrange(15)))
            if self.dice.random() < 0.2 and not row["opened_on"]:
                row["closed_on"] = self.note(self.end - timedelta(days=self.dice.randrange(30)))
            self.points.append(row)
        return self.points

    def note(self, on: date) -> str:
        self.days.append(on)
        return on.isoformat()

    def born(self) -> date:
        """A birthday that matters in these months."""
        years = self.dice.choice([60, 60, 65, 70, 80, 80, 90, 59, 75, 71, 82, 86, 101])
        on = self.a_day()
        if self.dice.random() < 0.25:
            return date(self.dice.choice([1944, 1964, 1940, 1960, 1948]), 2, 29)
        if self.dice.random() < 0.2:
            on = self.start - timedelta(days=1)
        self.days.append(on)
        on = on - timedelta(days=1) if (on.month, on.day) == (2, 29) else on
        return on.replace(year=on.year - years)

    def periods(self) -> str:
        """Dated and undated categories."""
        parts = []
        for code in self.dice.sample(CATEGORIES, self.dice.choice([0, 0, 1, 1, 2, 3])):
            first, last = sorted([self.a_day(), self.a_day()])
            if self.dice.random() < 0.2:
                last = first
            self.days += [first, last]
            later = last + timedelta(days=self.dice.choice([1, 2, 9]))
            forms = [code, code, f"{code}@{first}..{last}", f"{code}@{first}..", f"{code}@..{last}"]
            forms.append(f"{code}@..{last};{code}@{later}..")
            parts.append(self.dice.choice(forms))
        return self.dice.choice([";", "; "]).join(parts)

    def resident(self, number: int) -> Row:
        born = self.born()
        area = self.dice.choice(["320499", "320421", "320483", "110105"])
        seventeen = f"{area}{born:%Y%m%d}{number + 10:03d}"
        card = self.dice.choice(["", f"{80000 + number}", f"C{number}", f"卡{number}"])
        if self.dice.random() < 0.07:
            card = f"99999913990{number:04d}"  # 15 digits, and no ID number
        return {
            "id_number": seventeen + check_digit(seventeen),
            "name": self.dice.choice(["张三丰", "李娜", "欧阳若曦", "𠮷田", "王·买买提"]),
            "hukou_division": self.dice.choice([*COMMUNITIES, *COMMUNITIES[:3] * 2, *TOWNS]),
            "residence_division": self.dice.choice([*COMMUNITIES, *TOWNS[:4], ""]),
            "categories": self.periods(),
            "card_no": card,
            "phone": self.dice.choice(["", "13900000000"]),
        }

    def residents(self) -> list[Row]:
        self.people = [self.resident(number) for number in range(self.dice.randint(6, 16))]
        rows = [dict(person) for person in self.people]
        for row in rows:
            born = row["id_number"]
            if born[6:8] == "19" and self.dice.random() < 0.15:
                row["id_number"] = born[:6] + born[8:17]
            elif born.endswith("X"):
                row["id_number"] = self.dice.choice([born, born[:17] + "x", born.translate(WIDE)])
        return self.shuffled(rows + self.bad_residents())

    def bad_residents(self) -> list[Row]:
        """Rows that are refused, each for one reason."""
        good = {**self.people[0], "card_no": "", "categories": ""}
        id18 = good["id_number"]
        wrong = str((int(id18[17].replace("X", "1")) + 3) % 10)
        seventeen = "32049919410231771"
        rows = [
            {**good, "id_number": id18[:17] + wrong},
            {**good, "id_number": seventeen + check_digit(seventeen)},
            {**good, "id_number": self.stranger(901), "categories": "XX"},
            {**good, "id_number": self.stranger(902), "categories": "TK;ZZ@2024-01-01.."},
            {**good, "id_number": self.stranger(903), "name": ""},
        ]
        return [row for row in rows if self.dice.random() < 0.3]

    @staticmethod
    def stranger(number: int) -> str:
        seventeen = f"32049919400101{number:03d}"
        return seventeen + check_digit(seventeen)

    def changed_residents(self) -> list[Row]:
        """A later file: categories, homes and cards change, cards change hands."""
        rows = []
        for person in self.dice.sample(self.people, min(4, len(self.people))):
            person["categories"] = self.periods()
            if self.dice.random() < 0.4:
                person["hukou_division"] = self.dice.choice(COMMUNITIES)
            if self.dice.random() < 0.4:
                self.count += 1
                person["card_no"] = f"N{self.count}"
            rows.append(dict(person))
        held = {p["card_no"] for p in self.people if p["card_no"]}
        if held and self.dice.random() < 0.6:
            taken = {**self.people[0], "id_number": self.stranger(910)}
            rows.append({**taken, "card_no": self.dice.choice(sorted(held))})
        if self.dice.random() < 0.5:
            rows.append({**rows[0], "name": "重复行", "card_no": ""})
        return rows

    def departures(self) -> list[Row]:
        rows = []
        for number, person in enumerate(self.dice.sample(self.people, len(self.people) // 3)):
            event = self.dice.choice(["deceased", "moved_out", "institution", "institution"])
            if event == "deceased" and number and self.dice.random() < 0.5:
                continue
            first = self.a_day()
            last = first + timedelta(days=self.dice.choice([0, 0, 1, 5, 30]))
            self.days.append(first)
            until = self.dice.choice(["", self.note(last)])
            row = {"id_number": person["id_number"], "event": event, "from_on": str(first)}
            rows.append({**row, "to_on": until, "source": "民政"})
        faults = [
            {"id_number": self.stranger(904)},
            {"event": "搬家"},
            {"from_on": "2024-02-30"},
            {"from_on": "2024-05-02", "to_on": "2024-05-01", "event": "moved_out"},
        ]
        for fault in faults:
            if rows and self.dice.random() < 0.25:
                rows.append({**self.dice.choice(rows), "event": "institution", **fault})
        for row in rows:
            words = {"deceased": "去世", "moved_out": "迁出", "institution": "入住机构"}
            row["event"] = self.dice.choice([row["event"], words.get(row["event"], "搬家")])
        return rows

    def budget(self) -> list[Row]:
        rows = []
        for source in ("district", "town", "village", "lottery", "charity", "sponsor"):
            amount = self.dice.choice(["100000", "123456", "0"])
            row = {"year": self.dice.choice(["2024", "2025"]), "source": source}
            rows.append({**row, "amount_fen": amount, "amount": ""})
        return rows[self.dice.randint(0, 3) :]

    # --- meals -------------------------------------------------------------------------------

    def a_key(self) -> str:
        self.count += 1
        stem = self.dice.choice(
            ["k", "K", "-", "\uff0d", "\U00020bb7", "\U0001f35a", "\ufffd", "\ue000.", "\uf900"]
        )
        key = f"{stem}{self.count}"
        if self.dice.random() < 0.05:
            key = (stem * 64)[: 64 - len(str(self.count))] + str(self.count)
        return key

    def credential(self, person: Row) -> str:
        id18, ways = person["id_number"], [person["id_number"]]
        if person["card_no"]:
            ways += [person["card_no"]] * 2
            if self.dice.random() < 0.3:
                ways.append(person["card_no"].translate(WIDE))
        if id18[6:8] == "19":
            ways.append(id18[:6] + id18[8:17])
        if id18.endswith("X"):
            ways.append(id18.lower())
        return self.dice.choice(ways)

    def moment(self, on: date, meal: str) -> str:
        """A local time of that day, written with any offset."""
        first, last = HOURS[meal]
        hour = self.dice.randint(first, last)
        at = datetime(on.year, on.month, on.day, hour, tzinfo=SHANGHAI)
        at += timedelta(minutes=self.dice.choice([0, 0, 15, 30]), seconds=self.dice.choice([0, 59]))
        if self.dice.random() < 0.12:
            at = at.replace(hour=0, minute=0) + timedelta(seconds=self.dice.choice([-1, 0, 1]))
        text = self.dice.choice(OFFSETS)
        local = at.astimezone(datetime.fromisoformat(f"2024-01-01T00:00:00{text}").tzinfo)
        spec = "milliseconds" if self.dice.random() < 0.05 else "seconds"
        return local.replace(tzinfo=None).isoformat(timespec=spec) + text

    def serving(self) -> Row:
        on = self.a_few() if self.dice.random() < 0.5 else self.a_day()
        person = self.dice.choice(self.people[: 3 if self.dice.random() < 0.4 else None])
        point = self.dice.choice(self.points)
        near = self.around(person, point)
        if near and self.dice.random() < 0.3:
            on = self.dice.choice(near)
        meal = self.dice.choice(["lunch", "lunch", "dinner", "breakfast"])
        return self.priced(
            {
                "key": self.a_key(),
                "point": point["code"],
                "credential": self.credential(person),
                "served_at": self.moment(on, meal),
                "meal": meal,
                "mode": self.dice.choice(["dine_in", "take_away", "delivery"]),
                "method": self.dice.choice(["card", "id_card", "qr", "manual", ""]),
            },
            self.dice.choice([*PRICES, self.dice.randint(1, 2500), self.dice.randint(300, 1500)]),
        )

    def around(self, person: Row, point: Row) -> list[date]:
        """Days at which this person's age or this point's state changes, and their neighbours."""
        born = birth(person["id_number"])
        found = [date.fromisoformat(point[name]) for name in DATES if point[name]]
        for year in {self.start.year, self.end.year}:
            first = date(year, born.month, 1)
            found += [first, first_of_next(first), first + timedelta(days=born.day - 1)]
        found = [on + timedelta(days=more) for on in found for more in (-1, 0, 1, 2)]
        return [on for on in sorted(found) if self.start <= on < self.end]

    def priced(self, row: Row, fen: int) -> Row:
        form = self.dice.choice(["fen", "fen", "yuan"])
        yuan = f"{fen // 100}.{fen % 100:02d}"
        if fen % 10 == 0 and self.dice.random() < 0.5:
            yuan = yuan[:-1] if fen % 100 else yuan[:-3]
        return {
            **row,
            "price_fen": str(fen) if form == "fen" else "",
            "price": yuan if form == "yuan" else "",
        }

    def dressed(self, row: Row) -> Row:
        """The same row in other letters."""
        row = dict(row)
        for name in ("meal", "mode", "method"):
            if self.dice.random() < 0.2:
                row[name] = CHINESE.get(row[name], row[name])
        if self.dice.random() < 0.1:
            row["credential"] = f" {row['credential'].translate(WIDE)} "
        if self.dice.random() < 0.1:
            row["price_fen"] = row["price_fen"].translate(WIDE)
        return row

    def broken(self, row: Row) -> Row:
        """A serving that is refused (or nearly), for a reason of the list."""
        faults: list[Row] = [
            {"point": "NOPE"},
            {"credential": self.stranger(905)},
            {"credential": self.dice.choice(["NOCARD", "0", "32049919400101905"])},
            {"served_at": "2024-05-06 11:30"},
            {"served_at": self.dice.choice(["", "gestern", "2024-02-30T11:00:00+08:00"])},
            {"served_at": "2199-01-01T11:30:00+08:00"},
            {"meal": "supper"},
            {"mode": ""},
            {"method": "face"},
            {"key": ""},
            {"key": "k" * 65},
            {"key": "\U0001f35a" * 64},
        ]
        fault = self.dice.choice(faults)
        if self.dice.random() < 0.3:
            bad = self.dice.choice(BAD_PRICES)
            fault = {"price_fen": bad, "price": ""}
            if bad.lstrip("-").isdigit() is False and bad:
                fault = {"price_fen": "", "price": bad}
        if self.dice.random() < 0.15:  # two faults: the order of refusals
            fault = {**self.dice.choice(faults), **fault}
        return {**row, **fault}

    def again(self) -> Row:
        """A key that was sent before: the same content, or a little other."""
        row = dict(self.dice.choice(self.sent))
        others: list[Row] = [{}, {}, {}, {"operator": "另一人"}, {"device": "D9"}]
        others += [{"meal": self.dice.choice(["lunch", "dinner"])}, {"mode": "dine_in"}]
        others += [{"price_fen": "777", "price": ""}, {"point": "NOPE"}, {"method": "card"}]
        others += [{"credential": self.credential(self.dice.choice(self.people))}]
        others += [{"served_at": self.moment(self.a_day(), "lunch")}]
        others += [{"price_fen": "0", "price": ""}]
        return {**row, **self.dice.choice(others)}

    def servings(self, size: int) -> list[Row]:
        rows = []
        for _ in range(size):
            chance = self.dice.random()
            if chance < 0.1 and self.sent:
                rows.append(self.again())
            elif chance < 0.2:
                rows.append(self.broken(self.serving()))
            else:
                row = self.dressed(self.serving())
                self.sent.append(row)
                rows.append(row)
                if self.dice.random() < 0.05:
                    rows.append({**row, "key": self.a_key()})
                if self.dice.random() < 0.04:
                    rows.append(dict(row))
        if self.taken_back and self.dice.random() < 0.4:
            rows.append({**self.serving(), "key": self.dice.choice(self.taken_back)["key"]})
        return self.shuffled(rows)

    def reversals(self, size: int) -> list[Row]:
        """Mostly of servings that stand; some twice, of reversals, of nothing, with a used key."""
        rows = []
        for target in self.dice.choices(self.sent, k=size):
            row = {"key": self.a_key(), "reverses": target["key"], "reason": "刷错"}
            row["at"] = self.moment(self.a_day(), "dinner")
            if self.taken_back and self.dice.random() < 0.15:
                row["reverses"] = self.dice.choice(self.taken_back)["key"]
            if self.dice.random() < 0.08:
                row |= self.dice.choice([{"reverses": "none"}, {"reason": ""}, {"at": "x"}])
            elif self.dice.random() < 0.08 and not self.meets(target["key"]):
                row["key"] = self.dice.choice(self.sent)["key"]
            else:
                self.taken_back.append(row)
            rows.append(row)
        if self.taken_back and self.dice.random() < 0.5:
            rows.append(dict(self.dice.choice(self.taken_back)))
        return rows

    def meets(self, key: str) -> bool:
        return any(row["reverses"] == key for row in self.taken_back)

    def shuffled(self, rows: list[Row]) -> list[Row]:
        self.dice.shuffle(rows)
        return rows


def opening(seed: int) -> tuple[Story, list[Step]]:
    """A district before its first meal: the steps that bring in register and policies."""
    tale = Story(seed)
    dice = tale.dice
    documents = policies.all_of(dice, tale.start, tale.end)
    for document in documents:
        head = document["policy"]
        tale.days += [head["effective_from"], head.get("effective_to", head["effective_from"])]
    tale.days = [on for on in tale.days if tale.start <= on < tale.end] or [tale.start]
    steps: list[Step] = [("import", "divisions", tale.divisions())]
    steps.append(("import", "points", tale.all_points()))
    steps.append(("import", "residents", tale.residents()))
    dice.shuffle(tale.days)
    steps.append(("import", "departures", tale.departures()))
    for number, document in enumerate(documents):
        if number == 1 and dice.random() < 0.3:
            steps.append(("import", "servings", tale.servings(8)))
        steps.append(("policy", document["policy"]["code"], policies.toml(document)))
        if dice.random() < 0.3:
            steps.append(steps[-1])
        if dice.random() < 0.4:
            steps.append(("policy", "bad", policies.toml(policies.faulty(dice, document))))
    return tale, steps


def story(seed: int, size: int = 30) -> list[Step]:
    """The steps of one district's three months."""
    tale, steps = opening(seed)
    return steps + _first_month(tale, size) + _later_months(tale, size)


def _first_month(tale: Story, size: int) -> list[Step]:
    dice, first = tale.dice, tale.months[0]
    steps: list[Step] = [("import", "servings", tale.servings(2 * size))]
    if dice.random() < 0.5:
        steps.append(steps[-1])
    steps.append(("import", "reversals", tale.reversals(size // 3)))
    if dice.random() < 0.5:
        steps.append(steps[-1])
    steps.append(("import", "servings", tale.servings(size)))
    steps += [("settle", month, None, False) for month in tale.months]
    if dice.random() < 0.7:
        steps.append(("import", "residents", tale.changed_residents()))
    if dice.random() < 0.4:
        steps.append(("settle", tale.months[1], None, True))  # refused where the first is open
    if dice.random() < 0.5:
        steps.append(("settle", first, dice.choice(tale.points)["code"], True))
        steps.append(("import", "servings", tale.servings(size // 2)))
        steps.append(("settle", first, None, False))
    return [*steps, ("settle", first, None, True), ("settle", first, None, True), ("lines", first)]


def _later_months(tale: Story, size: int) -> list[Step]:
    dice, (first, second, third) = tale.dice, tale.months
    steps: list[Step] = []
    for month in (second, third):
        steps.append(("import", "servings", tale.servings(size)))
        steps.append(("import", "reversals", tale.reversals(size // 3)))
        if dice.random() < 0.4:
            steps.append(("import", "departures", tale.departures()))
            steps.append(("import", "budget", tale.budget()))
        if dice.random() < 0.4:
            ended = dice.choice(["D1", "D2", "D2", "T1", "R1"])
            steps += [("end", ended, str(tale.a_day())) for _ in range(dice.choice([1, 1, 3]))]
        if dice.random() < 0.3:
            point = dice.choice(tale.points)["code"]
            steps.append(("settle", month, point, dice.random() < 0.5))
            steps.append(("import", "servings", tale.servings(size // 2)))
        steps += [("settle", each, None, False) for each in tale.months]
        steps += [("settle", month, None, True)] * 2
        steps.append(("lines", month))
    steps.append(("import", "servings", tale.servings(size)))
    steps += [("settle", each, None, False) for each in (*tale.months, next_month(third))]
    steps.append(("lines", next_month(third)))
    steps.append(("settle", "2199-01", None, True))
    steps.append(("settle", first, "NOPE", False))
    return steps
