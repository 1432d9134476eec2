"""The papers name what there is."""

import re

import click
import pytest

from mealsvc.accounts.permissions import ROLES, TABLE
from mealsvc.cli import cli
from tests.support import tree

DOCS = tree.docs()
SETTING = re.compile(r"MEALSVC_[A-Z_]+[A-Z]")


def _commands(group: click.Group, prefix: str = "mealsvc"):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


@pytest.mark.parametrize(("name", "command"), _commands(cli), ids=str)
def test_every_command_is_documented_and_has_help(name, command):
    assert name in DOCS
    assert command.help


@pytest.mark.parametrize("action", [row[0] for row in TABLE])
def test_every_permission_is_documented(action):
    assert f"`{action}`" in DOCS


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_documented(role):
    assert f"`{role}`" in DOCS


def test_every_setting_of_the_environment_is_documented():
    sources = [p for p in tree.files(".py", "Makefile") if p.parts[0] != "docs"]
    named = {name for path in sources for name in SETTING.findall(tree.text(path))}
    assert not {name for name in named if name not in DOCS}


def test_the_tour_names_every_room():
    tour = tree.text(tree.ROOT / "docs" / "architecture.md")
    rooms = {p.parts[1] for p in tree.files(".py") if p.parts[0] == "mealsvc" and len(p.parts) > 2}
    assert not {room for room in rooms if f"`{room}/`" not in tour and f"`{room}`" not in tour}


def test_every_make_target_that_people_use_is_documented():
    targets = re.findall(r"^([a-z]+):.*## ", tree.text(tree.ROOT / "Makefile"), re.MULTILINE)
    assert targets
    assert not [name for name in targets if f"make {name}" not in DOCS]
