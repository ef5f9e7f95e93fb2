"""Whose row it is where number and name do not say so: identity, passes 1 to 3, and the clerk.

Counties are put into the database and judged with `qianshao judge`.
"""

import json

import pytest

from county import MONTHLY, REGISTER, County, configure, judge

PERIOD = "2026-03"
CHUNK = 100  # households that one statement puts in
VILLAGE, OTHER = "360722100201", "360722100202"


@pytest.fixture
def county(hub):
    county = County(hub, 360722)
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.submit("civil.standard", "2026-01", [{}])
    configure(hub, [county])
    return county


def household(county, at, name, phone=None, address=None, area=VILLAGE, birth="1970-03-05", **more):
    """A household of one, H<at>, whose head the tests call by the household's name."""
    county.person(f"H{at}", birth, name)
    return ({"household_no": f"H{at}", "phone": phone, "address": address, "area": area, **more},
            {"household_no": f"H{at}", "id_no": f"H{at}"})


def crowd(county, count=300):
    """Households that nobody's row is about, for the model to know what is common."""
    surnames, given = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平"
    return [household(county, 1000 + i, surnames[i % 20] + given[i * 7 // 20 % 20] + given[i * 3 % 20],
                      f"139{i * 7919 % 100000000:08d}", f"{i % 9 + 1}组{i % 97 + 1}号",
                      f"3607221002{i % 20:02d}", f"19{40 + i % 60}-{i % 12 + 1:02d}-{i % 28 + 1:02d}")
            for i in range(count)]


def settle(county, homes, period):
    """The register, by parts."""
    for at in range(0, len(homes), CHUNK):
        part, kind = homes[at:at + CHUNK], "delta" if at else "full"
        county.submit("register.household", period, [home for home, _ in part], kind=kind)
        county.submit("register.member", period, [member for _, member in part], kind=kind)
        county.flush()


def judged(county, homes, rows, **options):
    settle(county, homes, "2026-01")
    county.month(PERIOD, rows, **options)
    county.flush()
    judge(county.hub, PERIOD)


def links(county):
    """[(record key, household, pass, how, band)]"""
    return [tuple(row) for row in county.sql(
        "select record_key, household_no, pass, how, band from match.link"
        " order by record_type, record_key")]


def account(at, name, **more):
    return {"account_no": f"A{at}", "name": name, "supply": "0", "area": VILLAGE, **more}


def test_a_water_account_is_linked_by_name_and_phone_household_or_address(county):
    homes = crowd(county) + [
        household(county, 1, "欧阳春燕", "13907970001"),
        household(county, 2, "曾庆生", None, "江西省赣州市信丰县大塘埠镇长岗村第三村民小组12号"),
        household(county, 3, "钟小华")]
    judged(county, homes, {"water.household": [
        account(1, "欧阳春燕", phone="+86 139-0797-0001"),
        account(2, "曾庆生", address="长岗村3组12号"),
        account(3, "钟小华", household_no="H3"),      # the head: by household number, no link needed
        account(4, "钟小华", household_no="H9"),      # of a household that nobody knows: a clerk's
    ]})
    assert links(county) == [("A1", "H1", "2", "name_phone", "linked"),
                             ("A2", "H2", "2", "name_address", "linked"),
                             ("A4", "H3", "3", "score", "review")]
    assert [(s, h) for s, _, h in county.findings("W01", PERIOD)] == [("H1", "H1"), ("H2", "H2"),
                                                                      ("H3", "H3")]
    assert county.sql("select subject, link_pass, link_weight is not null from match.finding"
                      " where rule = 'W01' order by 1") == [
        ["H1", "name_phone", "t"], ["H2", "name_address", "t"], ["H3", "household_no", "f"]]


def test_two_candidates_are_no_link(county):
    homes = crowd(county) + [household(county, 1, "钟小华", "13907970001"),
                             household(county, 2, "钟小华", "13907970001")]
    judged(county, homes, {"water.household": [account(1, "钟小华", phone="13907970001")]})
    assert [band for *_, band in links(county)] in ([], ["review"])
    assert county.findings("W01", PERIOD) == []


def test_the_same_number_under_a_name_that_sounds_the_same_is_a_link(county):
    homes = crowd(county) + [household(county, 1, "钟晓华", category="1"),
                             household(county, 2, "曾庆生", category="1")]
    judged(county, homes, {"insurance.enrolment": [
        {"id_no": "H1", "name": "钟小桦"}, {"id_no": "H2", "name": "李卫东"}]})
    assert [link[1:] for link in links(county)] == [("H1", "1", "name_sound", "linked")]
    subjects = [subject for subject, *_ in county.findings("M01", PERIOD)]
    assert "H1" not in subjects
    # The same number with any other name is no link: neither is absent nor present.
    assert "H2" not in subjects
    assert ["H2"] == [county.whose(row[0]) for row in county.sql(
        "select subject from match.withheld where rule = 'M01'")]


def test_the_terms_add_up_to_the_weight(county):
    homes = crowd(county) + [household(county, 1, "欧阳春燕", "13907970001")]
    judged(county, homes, {"water.household": [account(1, "欧阳春燕", phone="13907970001")]})
    (terms, weight, model), = county.sql("select terms, weight, model from match.link")
    assert sum(term["weight"] for term in json.loads(terms)) == int(weight) and model == "2"
    assert {"field": "name", "level": "exact"}.items() <= json.loads(terms)[1].items()
