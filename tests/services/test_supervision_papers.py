"""The papers of supervision: each says everything that its catalogue lists, is kept byte for byte."""

import pytest

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.reports.supervision import papers
from mealsvc.reports.supervision.catalogue import BLANK, COMMON, KINDS, PAPERS
from tests.factories import inspected, tills
from tests.factories.tills import SHELL
from tests.support.papers import words_of


@pytest.fixture
def case(app) -> dict[str, int]:
    tills.small_district()
    return inspected.case()


def printed(kind: str, key: int) -> bytes:
    paper = papers.paper_of(kind, key)
    with writing():
        return papers.hand_over(paper, SHELL, clock.now())


def test_every_field_of_the_catalogue_stands_on_its_paper(case):
    lacking = []
    for kind in KINDS:
        words = words_of(printed(kind, case[kind]))
        about = PAPERS.get(kind, BLANK)
        common = COMMON if kind in PAPERS else ()
        labels = [field.label for field in (*about.fields, *common)]
        lacking += [(kind, label) for label in labels if label not in words]
    assert not lacking
