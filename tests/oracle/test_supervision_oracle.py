"""A month of supervision equals a count by hand: scores, grades and indicators, place by place."""

import json
from pathlib import Path

import pytest
from flask import Flask

import mealsvc.supervision.checklist
from tests.oracle.oversight_play import differences, put
from tests.oracle.oversight_story import Story

CHECKLIST = Path(mealsvc.supervision.checklist.__file__).with_name("2026.1-draft.json")


def story(seed: int) -> Story:
    return Story(seed, json.loads(CHECKLIST.read_text("utf-8"))["items"])


@pytest.mark.parametrize("seed", [5])
def test_a_supervised_month_from_files_to_indicators(seed: int, app: Flask, tmp_path: Path):
    """Four kinds of points, their logs, menus, papers and people, and twelve inspections."""
    tale = story(seed)
    assert not put(tale, tmp_path)
    found = list(differences(tale))
    assert not found, "\n".join(found[:20])
