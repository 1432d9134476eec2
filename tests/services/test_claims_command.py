"""`mealsvc settle --submit` goes point by point: stopped halfway, what was submitted stays."""

import json

import pytest
from click.testing import CliRunner

from mealsvc.accounts.refusals import BoundToItself, UnknownUser
from mealsvc.cli import cli
from mealsvc.plumbing import clock
from mealsvc.settlement import services
from tests.factories import tills
from tests.factories.claims import NOW, person


def run(*args: str):
    return CliRunner().invoke(cli, args)


def states() -> dict[str, str]:
    document = json.loads(run("settle", "2024-05", "--json").stdout)
    return {one["point"]: one["status"] for one in document["points"]}


@pytest.fixture
def may(app, monkeypatch):
    """Lines of May at both points; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    tills.serve("a")
    tills.serve("b", "C002", point="P02")


def test_a_submission_stopped_halfway_keeps_what_is_done_and_a_repeat_finishes(may, monkeypatch):
    real, asked = services.submit, []

    def stopped_at_the_second(*args, **kwargs):
        asked.append(args[1])
        done = real(*args, **kwargs)
        if len(asked) == 2:
            raise KeyboardInterrupt  # in the middle of the second point's transaction
        return done

    monkeypatch.setattr(services, "submit", stopped_at_the_second)
    result = run("settle", "2024-05", "--submit")
    assert (result.exit_code, asked) == (1, ["P01", "P02"])
    assert "提交结算 1/2" in result.stderr
    assert states() == {"P01": "submitted", "P02": "preview"}
    before = json.loads(run("settle", "2024-05", "--point", "P01", "--json").stdout)
    monkeypatch.setattr(services, "submit", real)
    again = run("settle", "2024-05", "--submit", "--json")
    assert again.exit_code == 0 and "提交结算 1/1" in again.stderr
    assert states() == {"P01": "submitted", "P02": "submitted"}
    assert json.loads(again.stdout)["points"][0] == before["points"][0]
    assert run("audit", "verify").exit_code == 0


def test_accounts_are_bound_and_unbound_from_the_shell(may):
    person("zhang"), person("zhang-2", "approver")
    assert "同一个人" in run("user", "bind", "zhang", "zhang-2").stderr
    for other, refusal in (("zhang", BoundToItself), ("nobody", UnknownUser)):
        assert isinstance(run("user", "bind", "zhang", other).exception, refusal)
    assert "已解除" in run("user", "unbind", "zhang").stderr
    assert run("audit", "verify").exit_code == 0
