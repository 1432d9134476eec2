"""Files of residents and servings as a district brings them: made-up, right, any length."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.people import id_number, name
from tests.factories.tills import COMMUNITY

POINTS = 100
MONTH = "2024-05"


def residents_file(path: Path, number: int) -> Path:
    """A CSV of elders with card, division and, for some, categories."""
    return _write(path, "id_number,name,hukou_division,categories,card_no", _residents(number))


def servings_file(path: Path, number: int, people: int, points: int = POINTS) -> Path:
    """A CSV of lunches and dinners of one month over all points, every elder in her turn."""
    head = "key,point,credential,served_at,meal,mode,price_fen,method"
    return _write(path, head, _servings(number, people, points))


def point_code(number: int) -> str:
    return f"P{number:03d}"


def _residents(number: int) -> Iterator[str]:
    for person in range(number):
        category = "TK" if person % 50 == 0 else ""
        yield f"{id_number(person)},{name(person)},{COMMUNITY},{category},C{person:06d}"


def _servings(number: int, people: int, points: int) -> Iterator[str]:
    for serving in range(number):
        turn, person = divmod(serving, people)
        day, meal = 1 + turn // 2 % 31, ("lunch", "dinner")[turn % 2]
        hour = 11 if meal == "lunch" else 17
        at = f"{MONTH}-{day:02d}T{hour}:{person % 60:02d}:{person // 60 % 60:02d}+08:00"
        point = point_code(person % points)
        yield f"S{serving},{point},C{person:06d},{at},{meal},dine_in,1200,card"


def _write(path: Path, head: str, rows: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{head}\n")
        file.writelines(f"{row}\n" for row in rows)
    return path
