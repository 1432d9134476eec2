"""The papers name what there is."""

import re

import click

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


def test_every_command_is_documented_and_has_help():
    commands = dict(_commands(cli))
    assert not [name for name in commands if name not in DOCS]
    assert not [name for name, command in commands.items() if not command.help]


def test_every_permission_is_documented():
    assert not [action for action, *_ in TABLE if f"`{action}`" not in DOCS]


def test_every_role_is_documented():
    assert not [role for role in ROLES if f"`{role}`" not in DOCS]


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
