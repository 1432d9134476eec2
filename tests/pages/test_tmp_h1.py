import pytest
from tests.pages import test_access_matrix as m
from tests.pages.test_access_matrix import *  # noqa
from tests.pages.test_access_matrix import visitors
from tests.factories import towns

@pytest.fixture
def addresses(app):
    values = m.EXAMPLES | towns.two_towns()
    return [(line, m.filled(line, values)) for line in m.MATRIX if line.address.startswith(("/overview", "/coverage")) and "plan" not in line.address and "candid" not in line.address]

test_mine = m.test_who_may_look_and_what_shows
for k in list(globals()):
    if k.startswith("test_") and k != "test_mine":
        del globals()[k]
