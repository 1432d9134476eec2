"""A supervised month from a seed, as rows of files: four points, meals, logs, papers, visits."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tests.oracle.values import SHANGHAI, check_digit, next_month

Row = dict[str, str]
MONTHS = ("2024-05", "2024-02", "2025-03", "2025-09", "2026-02", "2026-06")
KINDS = {
    "P1": "community_canteen",
    "P2": "serving_point",
    "P3": "partner_restaurant",
    "P4": "neighbour_table",
}
COOKS = ("P1", "P3")
DISHES = {
    "大荤": ("红烧肉", "清蒸鱼", "炖鸡"),
    "小荤": ("肉丝炒蛋", "番茄炒蛋", "鱼香肉丝"),
    "素": ("炒青菜", "烧冬瓜", "拌黄瓜"),
    "汤": ("冬瓜汤", "紫菜汤"),
    "主食": ("米饭", "馒头"),
}
DAILY = ("STF-02", "COK-02", "COK-03", "SMP-01", "DIS-01", "COL-01", "PRC-01", "AGE-02")
PRICES = ("1200", "1300", "1500", "1505", "999")
DEVICES = {
    "chiller": ("-0.5", "0", "4", "8", "8.01"),
    "freezer": ("-18", "-12", "-11.9"),
    "sample_fridge": ("-1", "0", "5", "8", "9"),
    "cold_room": ("20", "25", "25.5"),
}
POSTS = ("manager", "officer", "cook", "helper", "server", "cashier", "courier", "cleaner")
WORDS = {
    "lunch": "午餐", "dinner": "晚餐", "sample": "留样", "core_temp": "中心温度",
    "hold_temp": "热藏冷藏温度", "cold_store": "冷藏冷冻", "daily_control": "日管控",
    "chiller": "冷藏柜", "freezer": "冷冻柜", "sample_fridge": "留样柜", "cold_room": "专间",
    "licence": "食品经营许可证", "supplier_licence": "供餐单位许可证", "agreement": "服务协议",
    "health_declaration": "邻里助餐健康承诺", "manager": "负责人", "cook": "厨师",
    "helper": "帮厨", "server": "分餐服务员", "courier": "送餐员", "cleaner": "保洁员",
    "PASS": "合格", "PARTIAL": "部分合格", "FAIL": "不合格", "NA": "不适用",
    "full": "全项检查", "daily": "日常自查", "patrol": "巡查", "audit": "补贴核查",
    "dine_in": "堂食", "delivery": "送餐",
}  # fmt: skip


class Story:
    """`files` in the order of importing; `published` are (point, day, instant) of menus."""

    def __init__(self, seed: int, items: list[dict[str, Any]]):
        self.dice = Random(seed)
        self.items = items
        self.month = self.dice.choice(MONTHS)
        self.first = date.fromisoformat(self.month + "-01")
        self.after = date.fromisoformat(next_month(self.month) + "-01")
        self.last = self.after - timedelta(days=1)
        self.files: dict[str, list[Row]] = {}
        self.published: list[tuple[str, date, datetime]] = []
        self.planned = tuple(sorted(self.dice.sample(["P1", "P3", "P4"], 2)))
        self.operating: dict[str, list[date]] = {}
        self._places()
        self._goods()
        self._meals()
        self._menus()
        self._logs()
        self._papers()
        self._people()
        self._visits()

    # --- the register ------------------------------------------------------------------------

    def _places(self) -> None:
        place = {"code": "320412", "name": "演示区", "level": "district"}
        town = {"code": "320412100", "name": "甲镇", "level": "town"}
        home = {"code": "320412100001", "name": "甲村", "level": "community"}
        self.files["divisions"] = [place, town, home]
        self.supplier = self.dice.choice(["P1", "某配餐公司"])
        self.files["points"] = [self._point(code, kind) for code, kind in KINDS.items()]
        self.files["residents"] = [self._resident(number) for number in range(24)]

    def _point(self, code: str, kind: str) -> Row:
        row = {"code": code, "name": f"点{code}", "kind": kind, "division": "320412100001"}
        row |= {"opened_on": "2023-01-01", "licence_no": "", "licence_expires_on": ""}
        row["supplier"] = self.supplier if code == "P2" else ""
        if code in COOKS:
            row["licence_no"] = f"JY2320412000{code[1]}01"
            row["licence_expires_on"] = str(self._edge())
        return row

    def _edge(self) -> date:
        """A day around the end of the month, where things hold or do not."""
        return self.last + timedelta(days=self.dice.choice([-40, -1, 0, 0, 1, 90, 400]))

    def _resident(self, number: int) -> Row:
        seventeen = f"320421{1930 + number}0301{number + 10:03d}"
        row = {"id_number": seventeen + check_digit(seventeen), "name": f"老人{number}"}
        return row | {"hukou_division": "320412100001", "card_no": f"C{number}"}

    def _goods(self) -> None:
        rows = [{"point": point, "date": str(on)} for point in COOKS for on in self.days()[::7]]
        goods = {"item": "大米", "quantity_kg": "25.5", "supplier": "粮油店", "batch": "1"}
        self.files["purchases"] = [row | goods for row in rows]

    # --- meals and menus ---------------------------------------------------------------------

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.after - self.first).days)]

    def a_moment(self, on: date, hour: int, minute: int = 0) -> str:
        return datetime.combine(on, time(hour, minute), SHANGHAI).isoformat()

    def word(self, code: str) -> str:
        return WORDS[code] if code in WORDS and self.dice.random() < 0.4 else code

    def _meals(self) -> None:
        self.files["servings"], self.files["reversals"] = [], []
        for point in KINDS:
            chosen = [on for on in self.days() if self.dice.random() < 0.75]
            before = self.first - timedelta(days=3)
            for on in [before, *chosen, self.after + timedelta(days=self.dice.randrange(3))]:
                self._a_day(point, on)

    def _a_day(self, point: str, on: date) -> None:
        diners = self.dice.sample(range(24), self.dice.randint(1, 4))
        undone = self.dice.random() < 0.07
        for number in diners:
            key = f"{point}-{on:%m%d}-{number}"
            dinner = point == "P1" and self.dice.random() < 0.3
            row = {"key": key, "point": point, "credential": f"C{number}"}
            row["served_at"] = self.a_moment(on, 17 if dinner else 11, 30)
            row["meal"] = self.word("dinner" if dinner else "lunch")
            away = point == "P1" and number % 3 == 0
            row["mode"] = self.word("delivery" if away else "dine_in")
            row["price_fen"] = self.dice.choice(PRICES)
            self.files["servings"].append(row)
            if undone or self.dice.random() < 0.02:
                back = {"key": f"R-{key}", "reverses": key, "reason": "误操作"}
                self.files["reversals"].append(back | {"at": self.a_moment(on, 20)})

    def _menus(self) -> None:
        rows = self.files["menus"] = []
        self.menu_days: set[tuple[str, date]] = set()
        for point in KINDS:
            for on in self.days():
                if self.dice.random() < 0.85:
                    self.menu_days.add((point, on))
                    for meal in ["lunch", "dinner"][: 1 + (self.dice.random() < 0.3)]:
                        rows += self._menu(point, on, meal)
        for point in KINDS:
            self._publish(point)

    def _menu(self, point: str, on: date, meal: str) -> list[Row]:
        base = {"point": point, "date": str(on), "meal": self.word(meal)}
        rows = [base | {"name": "标准套餐", "kind": "套餐", "price_fen": "1200"}]
        if self.dice.random() < 0.07:
            return rows
        weighed = self.dice.random() < 0.7
        for kind, names in DISHES.items():
            if self.dice.random() < 0.08:
                continue
            row = base | {"name": self.dice.choice(names), "kind": kind}
            if weighed or self.dice.random() < 0.5:
                row["portion_g"] = str(self.dice.choice([29, 30, 31, 60, 119, 120, 150]))
                row["salt_g"] = self.dice.choice(["0", "0.3", "0.4", "0.5", "1"])
            if self.dice.random() < 0.15:
                row["diet"] = self.dice.choice(
                    ["低盐", "低糖", "软食", "低油", "无骨;软食", "素食"]
                )
            rows.append(row)
        return rows

    def _publish(self, point: str) -> None:
        """Each week's menus before Monday, on it, or never; now and then one day alone is late."""
        monday = self.first - timedelta(days=self.first.weekday())
        while monday < self.after:
            way = self.dice.choice(["before", "before", "late", "never", "odd"])
            week = [monday + timedelta(days=n) for n in range(7)]
            for number, on in enumerate(on for on in week if (point, on) in self.menu_days):
                late = way == "late" or (way == "odd" and number > 0)
                hours = 0 if late else -1
                at = datetime.combine(monday, time(), SHANGHAI) + timedelta(hours=hours)
                if way != "never":
                    self.published.append((point, on, at))
            monday += timedelta(days=7)

    # --- logs --------------------------------------------------------------------------------

    def _logs(self) -> None:
        self.files["logs"] = []
        dishes = [row for row in self.files["menus"] if row["kind"] != "套餐"]
        for row in dishes:
            if row["point"] in COOKS and self.dice.random() < 0.85:
                self._sample(row)
        for point in KINDS:
            for on in self.days():
                self._day_of_logs(point, on)

    def _log(self, kind: str, point: str, on: date | str, bad: bool, **facts: str) -> None:
        key = f"L{len(self.files['logs'])}"
        row = {"key": key, "point": point, "kind": self.word(kind), "day": str(on), **facts}
        row["action"] = "已处理" if bad else ""
        self.files["logs"].append(row)

    def _sample(self, dish: Row) -> None:
        day = date.fromisoformat(dish["date"])
        for _ in range(2):
            grams = self.dice.choice([120, 124, 125, 125, 130, 200])
            temp = self.dice.choice(["-0.1", "0", "4", "4", "8", "8.1"])
            hours = self.dice.choice([47, 48, 48, None, None])
            facts = {"meal": dish["meal"], "subject": dish["name"], "at": "11:00"}
            facts |= {"grams": str(grams), "temp_c": temp, "person": "员工"}
            if hours:
                until = datetime.combine(day, time(11), SHANGHAI) + timedelta(hours=hours)
                facts["kept_until"] = until.isoformat()
            bad = grams < 125 or not 0 <= float(temp) <= 8 or hours == 47
            self._log("sample", dish["point"], day, bad, **facts)
            if not bad or self.dice.random() < 0.5:
                return

    def _day_of_logs(self, point: str, on: date) -> None:
        if self.dice.random() < 0.7:
            self._log("daily_control", point, on, False, person="店长")
        if point not in COOKS:
            return
        if self.dice.random() < 0.5:
            temp = self.dice.choice(["69.9", "70", "75"])
            facts = {"meal": "lunch", "subject": "红烧肉", "temp_c": temp}
            self._log("core_temp", point, on, float(temp) < 70, **facts)
        if self.dice.random() < 0.5:
            temp = self.dice.choice(["59.9", "60", "8", "8.1", "30"])
            minutes = self.dice.choice(["", "120", "121", "30"])
            between = 8 < float(temp) < 60
            bad = between and minutes not in ("120", "30")
            facts = {"meal": "lunch", "subject": "红烧肉", "temp_c": temp, "minutes": minutes}
            self._log("hold_temp", point, on, bad, **facts)
        if self.dice.random() < 0.6:
            device = self.dice.choice(list(DEVICES))
            temp = self.dice.choice(DEVICES[device])
            facts = {"subject": f"{device}1", "device": self.word(device), "temp_c": temp}
            self._log("cold_store", point, on, out_of_range(device, temp), at="07:30", **facts)

    # --- papers and people -------------------------------------------------------------------

    def _papers(self) -> None:
        rows = self.files["documents"] = []
        key = {"P1": "licence", "P2": "supplier_licence", "P3": "licence"}
        for point in KINDS:
            kinds = [key.get(point, "health_declaration"), "agreement"]
            for kind in kinds:
                for number in range(self.dice.choice([0, 1, 1, 1, 2])):
                    start = self.last + timedelta(days=self.dice.choice([-300, -300, 0, 1]))
                    end = max(self._edge(), start)
                    row = {"kind": self.word(kind), "point": point, "number": f"{kind}{number}"}
                    rows.append(row | {"valid_from": str(start), "valid_to": str(end)})

    def _people(self) -> None:
        rows = self.files["staff"] = []
        for point in KINDS:
            for number in range(self.dice.randint(2, 6)):
                row = {"point": point, "name": f"员工{number}", "post": self.dice.choice(POSTS)}
                joined = self.last + timedelta(days=self.dice.choice([-500, -200, 0, 1]))
                row["joined_on"], row["left_on"] = str(joined), ""
                if self.dice.random() < 0.3:
                    row["left_on"] = str(max(joined, self._edge()))
                row["handles_food"] = self.dice.choice(["", "", "是", "否"])
                if self.dice.random() < 0.8:
                    row["health_no"] = f"J{number}"
                    begun = self.last - timedelta(days=self.dice.choice([30, 364, 365, 366, 367]))
                    row["health_from"] = str(begun)
                    row["health_to"] = self.dice.choice(["", str(self._edge()), ""])
                    if row["health_to"] and row["health_to"] < row["health_from"]:
                        row["health_to"] = ""
                row["post"] = self.word(row["post"])
                rows.append(row)

    # --- visits ------------------------------------------------------------------------------

    def _visits(self) -> None:
        """Twelve or so, in order of time; two before the month, one after it."""
        self.visits: list[dict[str, Any]] = []
        self.open: dict[str, set[str]] = {point: set() for point in KINDS}
        last = (self.after - self.first).days
        offsets = [-60, -9, *sorted(self.dice.sample(range(last), 9)), last]
        modes = ["full", "daily", "patrol", "audit"] * 3
        self.dice.shuffle(modes)
        planned = list(self.planned[: self.dice.choice([0, 1, 2])])
        for number, (offset, mode) in enumerate(zip(offsets, modes, strict=True)):
            day = self.first + timedelta(days=offset)
            point = self.dice.choice(list(KINDS))
            plan = bool(planned) and 0 <= offset < last and number > 4
            if plan:
                point, mode = planned.pop(), "full"
            self._visit(f"V{number}", point, mode, day, plan)
        rows = [row for visit in self.visits for row in visit["rows"]]
        self.dice.shuffle(rows)
        self.files["inspections"] = rows

    def delivers(self, point: str, day: date) -> bool:
        """Whether a meal was delivered in the 90 days up to this one."""
        since = day - timedelta(days=89)
        return any(
            row["point"] == point
            and row["mode"] in ("delivery", WORDS["delivery"])
            and since <= date.fromisoformat(row["served_at"][:10]) <= day
            for row in self.files["servings"]
        )

    def asked(self, point: str, mode: str, day: date) -> list[str]:
        """The codes that this way of inspecting asks at this point."""
        traits = {"ALL"} | ({"COOK"} if point in COOKS else set())
        traits |= {"DIST"} if point == "P2" else set()
        traits |= {"DLV"} if self.delivers(point, day) else set()
        own = [item for item in self.items if item["applies"] in traits]
        if mode == "full":
            return [item["code"] for item in own]
        if mode == "daily":
            return [item["code"] for item in own if item["code"] in DAILY]
        if mode == "audit":
            more = ("PRC-02", "PRC-04", "SMP-04")
            return [i["code"] for i in own if i["group"] == "SUB" or i["code"] in more]
        opened = self.open[point]
        return [item["code"] for item in own if item["critical"] or item["code"] in opened]

    def _visit(self, key: str, point: str, mode: str, day: date, plan: bool) -> None:
        kind = self.dice.choice(["contract_patrol", "joint", "npc_supervision", "spot_audit"])
        kind = "admin_inspection" if plan else kind
        if mode == "daily":
            kind = "self_check"
        fault = self.dice.choice([0.02, 0.1, 0.3])
        visit = {"key": key, "point": point, "mode": mode, "kind": kind, "day": day}
        visit |= {"results": {}, "plan": plan, "rows": []}
        critical = {item["code"]: item["critical"] for item in self.items}
        calm = self.dice.random() < 0.6
        head = {"key": key, "point": point, "kind": kind, "mode": self.word(mode)}
        head |= {"started_at": self.a_moment(day, 9), "ended_at": self.a_moment(day, 10, 30)}
        own = kind == "self_check"
        head |= {"lead": "" if own else "WJ-1", "second": "" if own else "WJ-2"}
        for code in self.asked(point, mode, day):
            result = "PASS"
            if self.dice.random() < fault and not (calm and critical[code]):
                result = "FAIL" if critical[code] else self.dice.choice(["FAIL", "PARTIAL"])
            elif self.dice.random() < 0.1:
                result = "NA"
            visit["results"][code] = result
            row = {
                **head,
                "item": code,
                "result": self.word(result),
                "plan": "PLAN" if plan else "",
            }
            row["note"] = row["outcome"] = ""
            if result in ("FAIL", "PARTIAL"):
                row["note"] = f"{code}不符合要求"
                row["outcome"] = self.dice.choice(["", "ON_SITE_FIX", "RECTIFY_BY_DATE"])
                if critical[code] or row["outcome"] != "ON_SITE_FIX":
                    self.open[point].add(code)
            visit["rows"].append(row)
        self.visits.append(visit)


def out_of_range(device: str, temp: str) -> bool:
    value = float(temp)
    if device == "freezer":
        return value > -12
    return value > 25 if device == "cold_room" else not 0 <= value <= 8
