"""Pages of the coverage map: links, layers, the table beside it, files; and of boundaries."""

import io
import re
from xml.etree import ElementTree

import pytest

from mealsvc.coverage.mapping.outlines import SHIFTED_WORDS
from tests.factories import contacts
from tests.factories.contacts import FAR
from tests.factories.tills import COMMUNITY, TOWN

pytestmark = [pytest.mark.ground(by=contacts.scene), pytest.mark.only("sqlite")]
DAY = "day=20240528"


@pytest.fixture
def district(client_request):
    return client_request.client("district")


def _svg(page):
    found = re.search(r"<svg class=\"coverage-map\".*?</svg>(?=</div>)", page.text, re.DOTALL)
    return found[0] if found else ""


def test_each_community_and_point_is_a_link_with_words(district):
    svg = _svg(district.get(f"/coverage/map?{DAY}"))
    root = ElementTree.fromstring(svg)
    links = {one.get("href"): one.get("aria-label") for one in root.iter("a")}
    far = links[f"/coverage/map?{DAY}&at={FAR}"]
    assert "远村：400 人，最近助餐点" in far
    assert "空白点" in far
    assert links["/points/P01"] == "丰乐助餐点"
    assert "style=" not in svg
    assert "<script" not in svg
    assert [one.tag for one in list(root)[:2]] == ["title", "desc"]


def test_the_table_says_what_the_map_shows(district):
    page = district.get(f"/coverage/map?{DAY}").text
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page)
    assert len(rows) == 2
    assert "远村" in rows[0] and "空白点" in rows[0]
    assert "丰乐社区" in rows[1] and "步行圈内" in rows[1]
    only = district.get(f"/coverage/map?{DAY}&state=blank").text
    assert len(re.findall(r"<tr><th scope=\"row\">", only)) == 1


@pytest.mark.parametrize("page", ["/coverage", "/coverage/map", "/coverage/plan"])
def test_without_a_day_every_page_means_the_last_month_with_records(district, page):
    told = district.get(page).text.partition("</h1>")[2].partition("</p>")[0]
    assert "2024年5月31日" in told


def test_one_community_is_told_without_a_script(district):
    page = district.get(f"/coverage/map?{DAY}&at={COMMUNITY}").text
    assert 'id="at"' in page
    assert "丰乐助餐点，直线 0 米" in page


def test_layers_and_radius_come_from_the_address(district):
    page = district.get(f"/coverage/map?{DAY}&set=1&layer=communities&radius=own&own_m=9000")
    assert 'href="/points/P01"' not in _svg(page)
    assert "9 公里内有助餐点的老人 700 人，共 700 人" in page.text
    assert 'name="layer" value="points">' in page.text


@pytest.mark.parametrize(
    "odd", ["day=x", "within=1", "radius=own&own_m=-5", "page=-1&at=x&state=y", "set=1"]
)
def test_an_odd_address_still_shows_a_map(district, odd):
    assert "服务覆盖图" in district.get(f"/coverage/map?{odd}").text


def test_the_files_are_vectors_of_the_same_map(district):
    drawn = district.get(f"/coverage/map.svg?{DAY}")
    assert drawn.headers["Content-Disposition"].startswith("attachment")
    drawn.headers["Content-Disposition"].encode("latin-1")  # what a header can carry
    assert "空白·远村" in "".join(ElementTree.fromstring(drawn.data).itertext())
    paper = district.get(f"/coverage/map.pdf?{DAY}")
    assert paper.data.startswith(b"%PDF")
    assert b"/Subtype /Image" not in paper.data


def _sent(content=None, **fields):
    file = (io.BytesIO(content or contacts.outline()), "a.geojson")
    return {"file": file, "system": "wgs84", "source": "区划图", **fields}


def test_a_file_of_boundaries_is_taken_in_shown_and_taken_out(client_request):
    told = client_request.send("/coverage/boundaries", _sent(), as_="district").text
    assert "新增或更新 1 个边界" in told
    district = client_request.client("district")
    assert '<g class="outlines"' in _svg(district.get(f"/coverage/map?{DAY}"))
    asked = district.get(f"/coverage/boundaries/{TOWN}/delete").text
    assert "将删除湖塘镇的边界" in asked
    client_request.post(f"/coverage/boundaries/{TOWN}/delete", as_="district")
    assert "还没有边界" in district.get("/coverage/boundaries").text


def test_shifted_coordinates_are_refused_at_the_field(client_request):
    told = client_request.send("/coverage/boundaries", _sent(system="gcj02"), as_="district")
    assert told.status_code == 422
    assert SHIFTED_WORDS in told.text
    assert "区划图" in told.text
