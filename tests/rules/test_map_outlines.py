"""Boundaries out of a file that nobody has to trust."""

import json
from math import cos, sin, tau
from time import process_time

import pytest

from mealsvc.coverage.mapping.outlines import KEPT, MOST_FEATURES, BadFile, Known, read, simplified

TOWN, COMMUNITY = "320412100", "320412100001"
KNOWN = Known(
    {TOWN: "湖塘镇", COMMUNITY: "丰乐社区", "320412102": "牛塘镇"}, (119.7, 31.5, 120.1, 31.8)
)
SQUARE = [[119.9, 31.7], [120.0, 31.7], [120.0, 31.8], [119.9, 31.8], [119.9, 31.7]]


def _feature(ring=SQUARE, **properties):
    return {
        "type": "Feature",
        "properties": properties or {"code": TOWN},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _file(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def _circle(size, lon=119.95, lat=31.75):
    return [
        [lon + 0.05 * cos(tau * at / size), lat + 0.05 * sin(tau * at / size)] for at in range(size)
    ]


@pytest.mark.parametrize(
    "properties",
    [
        {"code": TOWN},
        {"区划代码": TOWN},
        {"code": f"{TOWN}000"},
        {"name": "湖塘镇"},
        {"adcode": 320412100},
    ],
)
def test_a_feature_is_known_by_code_or_name(properties):
    found = read(_file(_feature(**properties)), KNOWN)
    assert found.bad == []
    assert found.outlines == {
        TOWN: [[[(119.9, 31.7), (120.0, 31.7), (120.0, 31.8), (119.9, 31.8)]]]
    }


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (_feature(code="320412999"), "不在本区区划表里"),
        (_feature(name="无名镇"), "本区没有“无名镇”"),
        (_feature(other=1), "没有区划代码"),
        (_feature([[31.7, 119.9], [31.7, 120.0], [31.8, 120.0]]), "次序反了"),
        (_feature([[2.3, 48.8], [2.4, 48.8], [2.4, 48.9]]), "不在中国境内"),
        (_feature([[119.9, 31.7], [119.9, 31.7]]), "不到三个顶点"),
        (_feature([[119.9, 31.7], [120.0, 31.7], [119.95, 31.7]]), "围不成面积"),
        (_feature([[119.9, 31.7], [120.0, 31.8], [120.0, 31.7], [119.9, 31.8001]]), "自己相交"),
        (_feature([[119.9, "31.7"], [120.0, 31.7], [120.0, 31.8]]), "不是数"),
        (_feature([[119.9, True], [120.0, 31.7], [120.0, 31.8]]), "不是数"),
        (_feature([[119.9], [120.0, 31.7], [120.0, 31.8]]), "坐标不完整"),
        (_feature([[10**400, 31.7], [120.0, 31.7], [120.0, 31.8]]), "不是数"),
        (_feature("abc"), "坐标不完整"),
        (
            {"properties": {"code": TOWN}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
            "不是面",
        ),
        (
            {"properties": {"code": TOWN}, "geometry": {"type": "MultiPolygon", "coordinates": []}},
            "没有坐标",
        ),
        (
            {
                "properties": {"code": TOWN},
                "geometry": {"type": "Polygon", "coordinates": [[SQUARE]] * 99},
            },
            "环",
        ),
        (_feature(code=TOWN, 坐标系="GCJ-02"), "GCJ-02"),
        (None, "没有区划代码"),
        ({"properties": 3, "geometry": 4}, "没有区划代码"),
    ],
)
def test_a_bad_feature_is_told_with_its_number_and_the_others_are_kept(feature, reason):
    found = read(_file(_feature(code="320412102"), feature), KNOWN)
    assert list(found.outlines) == ["320412102"]
    assert [one.number for one in found.bad] == [2]
    assert reason in found.bad[0].reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "读不懂"),
        (b"[" * 200_000, "读不懂"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "读不懂"),
        (b"[]", "FeatureCollection"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (b" " * (16 * 1024 * 1024 + 1), "16 MB"),
        (_file(*[1] * (MOST_FEATURES + 1)), "最多"),
        (_file(crs={"properties": {"name": "GCJ-02"}}), "火星坐标"),
        (
            _file(crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
            "不是经纬度",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(content, reason):
    with pytest.raises(BadFile, match=reason):
        read(content, KNOWN)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "CGCS2000"])
def test_a_file_may_say_that_it_is_in_degrees(name):
    assert read(_file(_feature(), crs={"properties": {"name": name}}), KNOWN).outlines


def test_the_same_division_twice_counts_once():
    found = read(_file(_feature(), _feature(name="湖塘镇")), KNOWN)
    assert len(found.outlines) == 1
    assert "第 1 个要素" in found.bad[0].reason


def test_what_lies_far_away_is_kept_and_told():
    ring = [[lon + 5, lat] for lon, lat in SQUARE]
    found = read(_file(_feature(ring)), KNOWN)
    assert list(found.outlines) == [TOWN]
    assert found.odd[0].number == 1


def test_a_long_outline_keeps_its_shape_in_few_vertices():
    [[ring]] = read(_file(_feature(_circle(3_000), code=COMMUNITY)), KNOWN).outlines[COMMUNITY]
    assert len(ring) <= KEPT[12]
    away = [((lon - 119.95) ** 2 + (lat - 31.75) ** 2) ** 0.5 for lon, lat in ring]
    assert min(away) > 0.0499


def test_an_outline_that_is_short_enough_stays_as_it_is():
    ring = [(119.9, 31.7), (120.0, 31.7), (120.0, 31.8)]
    assert simplified([[ring]], 100) == [[ring]]


def test_a_ring_made_to_keep_us_busy_is_left_alone():
    comb = [[119.9 + 0.1 * (at % 2), 31.7 + at * 1e-6] for at in range(4_000)]
    begun = process_time()
    found = read(_file(_feature([*comb, [119.8, 31.75]])), KNOWN)
    assert found.bad
    assert process_time() - begun < 3
