"""What the units of the demo's survey answer (演示数据): plausible, seeded, free of errors. Pure."""

from collections.abc import Mapping
from random import Random
from typing import Any, Protocol

from mealsvc.kernel.money import share
from mealsvc.survey.forms import community, questionnaire, supply
from mealsvc.survey.forms.catalogue import FORMS

Told = dict[str, Any]


class _Sheet(Protocol):
    @property
    def unit(self) -> Any: ...


class _Known(Protocol):
    @property
    def whole(self) -> Mapping[str, Any]: ...
    @property
    def part(self) -> Mapping[str, int]: ...


_GROUP_SHARES = {
    "A11": 0.006,
    "A12": 0.018,
    "A13": 0.008,
    "A14": 0.055,
    "A15": 0.03,
    "A16": 0.012,
    "A17": 0.13,
    "A18": 0.31,
    "A19": 0.04,
}
_PLACES = (
    ("幸福院活动室", "idle_room", 60, 160),
    ("旧村委会办公房", "idle_room", 80, 220),
    ("原小学食堂", "unit_canteen", 100, 300),
    ("企业职工食堂", "unit_canteen", 120, 400),
    ("家常菜馆", "restaurant", 60, 180),
    ("快餐店", "restaurant", 40, 120),
    ("护理院餐厅", "care_home", 100, 260),
    ("党群服务中心一楼", "idle_room", 50, 150),
)
_OPINIONS = (
    "菜再软一点，年纪大嚼不动。",
    "希望晚饭也能送。",
    "价格可以，花样少了点。",
    "离家远，能不能在村里再开一个。",
    "下雨天走不了，能送就好。",
    "送来的时候有点凉。",
    "服务员态度好，继续办下去。",
    "少放点盐。",
)
_SAID = {
    "E21": (
        "独居和高龄老人对午餐的需求最迫切，晚餐多是中午带一份回去；农忙时节需求明显增加。",
        "老小区老人集中，希望就近有点；村里老人更看重价格和口味。",
        "失能老人子女上班，中午没人做饭，希望送餐上门。",
    ),
    "E22": (
        "现有助餐点中午够用，晚餐少；偏远自然村没有覆盖，靠邻居代取。",
        "点上厨房小，高峰时排队；送餐只有一个人，超过三十份就送不过来。",
        "几家餐饮店愿意挂牌，但要先说清楚补贴怎么结算。",
    ),
    "E23": ("食材和人工都涨了，套餐价两年没有动，小点普遍亏损。", "村集体每月补一点，长期补有压力。"),
    "E24": ("厨师年纪偏大，招不到年轻人；志愿者以低龄老人为主。", "送餐员工资低，流动快。"),
    "E25": ("留样和消毒记录基本做到，小点要有人带一带。", "希望检查前先讲清标准，问题一次说全。"),
    "E31": ("一处社区食堂把晚餐改成半成品自取后，每天多出二十多份。", "两个相邻的村合用一个厨房，成本降了一成多。"),
    "E32": (
        "对人少的偏远村，按送餐给补助，不硬建点；套餐价每年核一次。",
        "把养老机构的食堂用起来，统一做、分头送。",
        "补贴按月结清，减轻垫资压力。",
    ),
    "E33": ("由镇社会事业办公室牵头，六月底前把两处闲置房屋的情况摸清。", "先选一个村试送晚餐，三个月后再议。"),
}  # fmt: skip


def answers(letter: str, sheet: _Sheet, known: _Known, dice: Random) -> Told:
    """A filled form that `forms.rules.read` finds nothing wrong with, near what is known."""
    match letter:
        case "A":
            return _community(known, dice)
        case "B":
            return _supply(known, dice)
        case "C":
            return _potential(dice)
        case "D":
            return _elder(known, dice)
        case "E":
            return _meeting(dice)
    raise ValueError(f"no form {letter}: {sheet.unit}")


def _community(known: _Known, dice: Random) -> Told:
    total = int(known.whole.get(community.ELIGIBLE, dice.randint(150, 900)))
    bands = [known.whole.get(code, 0) for code in community.AGES]
    if not sum(bands):
        bands = [dice.uniform(*span) for span in ((48, 54), (29, 33), (12, 16), (1.5, 3))]
    told: Told = dict(zip(community.AGES, _split(total, bands), strict=True))
    told[community.ELIGIBLE] = total
    for code, part in _GROUP_SHARES.items():
        guess = round(total * part * dice.uniform(0.8, 1.2))
        least = known.part.get(code, 0)
        told[code] = min(total, known.whole.get(code, max(guess, least)))
    old = told["A03"] + told["A04"]
    alone = known.whole.get("A20", max(round(old * 0.18), known.part.get("A20", 0)))
    told["A20"] = min(alone, told["A17"], old)
    return told | _wishes(total, dice)


def _wishes(total: int, dice: Random) -> Told:
    reached = min(total, max(round(total * dice.uniform(0.35, 0.7)), min(total, 20)))
    wish = dice.uniform(0.25, 0.4)
    home = dice.uniform(0.06, 0.12)
    told: Told = {community.ASKED: reached}
    out, bring, none = _split(reached, (wish - home / 2, home, 1 - wish - home / 2))
    told |= {community.WISH_OUT: out, community.WISH_HOME: bring, community.NO_WISH: none}
    willing = out + bring
    for code, part in (("A34", 0.12), ("A35", 0.93), ("A36", 0.34)):
        told[code] = min(willing, round(willing * part * dice.uniform(0.9, 1.1)))
    told |= dict(zip(community.DAYS, _split(willing, (18, 37, 45)), strict=True))
    told |= dict(zip(community.PRICES, _split(willing, (24, 36, 26, 10, 4)), strict=True))
    told |= dict(zip(("A71", "A72", "A73", "A74"), _split(out, (34, 38, 22, 6)), strict=True))
    for code, part in (("A61", 0.38), ("A62", 0.42), ("A63", 0.19), ("A64", 0.05)):
        told[code] = round(willing * part * dice.uniform(0.85, 1.15))
    return told | {"A81": _some(FORMS["A"].field("A81").options, dice, 3)}


def _supply(known: _Known, dice: Random) -> Told:
    at: Mapping[str, Any] = known.whole
    kind = at.get("B01", "community_canteen")
    kitchen = kind == "central_kitchen"
    days = int(at.get("B22") or 25)
    capacity = int(at.get("B21") or dice.choice((80, 100, 120, 150)))
    lunch = int(at.get("B24", 0 if kitchen else round(capacity * days * dice.uniform(0.3, 0.6))))
    told: Told = {
        "B01": kind,
        "B08": at.get("B08", "self_run"),
        "B02": int(at.get("B02") or 0),
        "B03": dice.randint(80, 420),
        "B21": capacity,
        "B22": days,
        "B23": int(at.get("B23", 0)),
        "B24": lunch,
        "B25": int(at.get("B25", 0)),
        "B51": _some(FORMS["B"].field("B51").options, dice, 3),
    }
    told |= {code: at[code] for code in ("B05", "B06") if code in at}
    told["B04"] = round(told["B03"] * dice.uniform(0.15, 0.3)) if kind != "serving_point" else 0
    eaten = told["B23"] + told["B24"] + told["B25"]
    told[supply.SERVINGS] = eaten
    told[supply.DELIVERED] = int(at.get(supply.DELIVERED, round(eaten * 0.15)))
    told[supply.OTHERS] = 0 if kitchen else round(eaten * dice.uniform(0.05, 0.35))
    told |= _staff(told, dice)
    return told | _money(told, at, kitchen, dice)


def _staff(told: Told, dice: Random) -> Told:
    busy = told[supply.SERVINGS] + told[supply.OTHERS]
    cooks = 0 if told["B01"] == "serving_point" else 1 + busy // 2_500
    return {"B11": cooks, "B12": 1 + busy // 2_000, "B13": dice.randint(0, 6)}


def _money(told: Told, at: Mapping[str, Any], kitchen: bool, dice: Random) -> Told:
    """Fen. Rent and wages weigh on small points: a good part of them loses money; what neighbours
    cook for a few costs more than it brings in."""
    price = int(at.get(supply.PRICE) or 1_200)
    part = 1.05 if told["B01"] == "neighbour_table" else dice.uniform(0.55, 0.68)
    eaten, others = told[supply.SERVINGS], told[supply.OTHERS]
    own: Told = {
        supply.PRICE: price,
        supply.INGREDIENTS: round(price * part / 10) * 10,
        supply.PACKING: dice.choice((100, 150, 200, 250)),
        "B34": dice.choice((0, 0, 0, 80_000, 150_000, 300_000)),
        "B35": (told["B11"] * 4_600_00 + told["B12"] * 3_400_00) * dice.choice((8, 10, 12)) // 10,
        "B36": 60_000 + (eaten + others) * dice.choice((35, 45, 60)),
        "B37": dice.choice((30_000, 50_000, 80_000, 120_000)),
    }
    cost = supply.made_cost(told | own)
    subsidy = int(at.get("B43", eaten * 300))
    meals = max(0, eaten * price - subsidy) + others * (price + 200)
    other = round(cost * 1.02) if kitchen else dice.choice((0, 0, 0, 100_000, 200_000))
    own |= {"B41": meals, "B42": other, "B43": subsidy, supply.COST: cost}
    own[supply.RESULT] = meals + other + subsidy - cost
    return own


def _potential(dice: Random) -> Told:
    if dice.random() < 0.3:
        return {"C03": "no"}
    rows = []
    for name, kind, least, most in dice.sample(_PLACES, dice.choice((1, 1, 2, 3))):
        area = dice.randint(least, most)
        cooks = kind != "idle_room"
        row: Told = {
            "C11": name,
            "C12": kind,
            "C14": area,
            "C15": "yes" if cooks else "no",
            "C16": dice.choice(("yes", "yes", "yes", "no")),
            "C17": dice.choice(("yes", "talk", "talk", "no")),
            "C18": area // 4,
            "C19": area // 2,
            "C20": (area * (40_000 if cooks else 110_000) + 2_000_000) // 100_000 * 100_000,
        }
        rows.append(row)
    return {"C03": "yes", "C01": rows}


def _elder(known: _Known, dice: Random) -> Told:
    ended = dice.choices(("done", "refused", "away", "moved", "institution"), (90, 5, 3, 1.3, 0.7))[
        0
    ]
    told: Told = {questionnaire.OUTCOME: ended}
    if ended != questionnaire.DONE:
        return told
    eats = known.whole.get("D06", "no")
    living = known.whole.get("D01") or dice.choices(("spouse", "family", "other"), (35, 60, 5))[0]
    told |= {
        "D01": living,
        "D02": _cook(living, dice),
        "D03": dice.choices(("easy", "hard", "unable"), (66, 27, 7))[0],
        "D04": _diet(dice),
        "D05": "known" if eats == "yes" else _one(dice, known=38, heard=34, unknown=28),
        "D06": eats,
    }
    if eats == "yes":
        told["D07"] = min(31, int(known.whole.get("D07", dice.randint(1, 22))))
    else:
        told["D08"] = _some(FORMS["D"].field("D08").options, dice, 3)
    told |= _plans(eats, told["D03"], dice)
    if eats == "yes":
        for code in ("D16", "D17", "D18"):
            told[code] = _one(dice, s5=30, s4=46, s3=18, s2=5, s1=1)
    told["D19"] = _one(dice, pay=22, chat=24, call=42, none=12)
    if dice.random() < 0.25:
        told["D20"] = dice.choice(_OPINIONS)
    return told


def _plans(eats: str, health: str, dice: Random) -> Told:
    """What somebody wishes; who eats there already or finds cooking hard wishes it more often."""
    likely = 0.82 if eats == "yes" else 0.45 if health != "easy" else 0.22
    if dice.random() < likely:
        wish = _one(dice, out=20, home=70, both=10) if health == "unable" else ""
        wish = wish or _one(dice, out=68, home=12, both=20)
    else:
        wish = _one(dice, no=70, unsure=30)
    told: Told = {questionnaire.WISH: wish}
    if wish in ("out", "home", "both"):
        told[questionnaire.DAYS] = dice.choices((2, 3, 4, 5, 6, 7), (10, 18, 12, 34, 8, 18))[0]
        meals = [("breakfast", 0.08), ("lunch", 0.95), ("dinner", 0.33)]
        chosen = [meal for meal, part in meals if dice.random() < part]
        told[questionnaire.MEALS] = chosen or ["lunch"]
    told[questionnaire.PRICE] = dice.choices(
        (300, 500, 600, 800, 1000, 1200), (8, 27, 20, 28, 13, 4)
    )[0]
    told[questionnaire.WALK] = (
        "none" if health == "unable" else _one(dice, m5=30, m10=41, m15=20, any=9)
    )
    told[questionnaire.CARRY] = _one(dice, daily=9 if wish != "no" else 2, sometimes=31, no=60)
    told["D15"] = _some(FORMS["D"].field("D15").options, dice, 3)
    return told


def _meeting(dice: Random) -> Told:
    told: Told = {"E01": f"2024-05-{dice.randint(13, 30)}", "E02": "镇（街道）会议室"}
    people = {code: dice.randint(least, most) for code, least, most in _GUESTS}
    told |= people | {"E16": sum(people.values())}
    return told | {code: dice.choice(said) for code, said in _SAID.items()}


_GUESTS = (("E11", 4, 8), ("E12", 5, 12), ("E13", 2, 5), ("E14", 3, 6), ("E15", 1, 4))


def _cook(living: str, dice: Random) -> str:
    if living == "alone":
        return _one(dice, self=72, nobody=20, helper=8)
    if living == "spouse":
        return _one(dice, self=44, spouse=50, nobody=6)
    return _one(dice, self=30, spouse=18, family=48, helper=4)


def _diet(dice: Random) -> list[str]:
    found = [
        code
        for code, part in (("salt", 0.44), ("sugar", 0.2), ("soft", 0.18), ("fat", 0.12))
        if dice.random() < part
    ]
    return found or ["none"]


def _one(dice: Random, **weights: float) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _some(options: tuple[tuple[str, str], ...], dice: Random, most: int) -> list[str]:
    """A few options, the first ones more often, in their order."""
    codes = [code for code, _ in options]
    wanted = dice.choice((1, 2, 2, most))
    chosen = {
        dice.choices(codes, [len(codes) - at for at in range(len(codes))])[0] for _ in range(wanted)
    }
    return [code for code in codes if code in chosen]


def _split(total: int, weights: Any) -> list[int]:
    """Whole people by weights, exactly `total`."""
    return share(total, [round(one * 1_000) for one in weights])
