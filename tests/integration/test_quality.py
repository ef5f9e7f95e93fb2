"""What is wrong with a sector's lists goes back to the sector, by row: Q01 to Q06."""

import json
import os

import pytest

import run
from county import REGISTER, County, configure

NUMBER = "360799197001010018"  # of nobody in the register


@pytest.fixture
def county(hub):
    county = County(hub, 360722)
    for name, called in (("A", "王小明"), ("B", "李大力"), ("C", "赵四海")):
        county.person(name, "1980-05-01", called)
    county.expect(*REGISTER)
    county.submit("register.household", "2026-01", [{"household_no": "H1"}, {"household_no": "H2"}])
    county.submit("register.member", "2026-01", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H1", "id_no": "B"},
        {"household_no": "H2", "id_no": "C", "relation": "配偶"}])
    configure(hub, [county])
    return county


def report(county, sector, month="2026-03"):
    county.flush()
    result = run.call([county.hub.build / "daemon/qianshao", "--json", "report", "quality", "--sector",
                       sector, "--month", month],
                      env={**os.environ, "QIANSHAO_CONFIG": str(county.hub.dir / "qianshaod.yaml")})
    for secret in (NUMBER, "王小明", "李大力", *county.people.values()):
        assert secret not in result.stdout
    return [(one["check"], one["record_type"], one["row"], one["column"])
            for one in map(json.loads, result.stdout.splitlines())]


def test_a_sound_list_has_nothing_wrong(county):
    county.submit("insurance.enrolment", "2026-03", [{"id_no": "A"}, {"id_no": "B"}])
    assert report(county, "insurance") == []


def test_bad_numbers_and_contradicting_keys_are_told_by_row(county):
    county.submit("insurance.enrolment", "2026-03", [{"id_no": "A"}] , quarantine=[{"id_no": NUMBER}],
                  quarantined=1)
    county.sql("update ops.quarantine set field = 'id_no', reason = 'id'")
    assert report(county, "insurance") == [("Q01", "insurance.enrolment", 500, "id_no"),
                                           ("Q02", "insurance.enrolment", None, "id_no")]
    county.sql("update ops.quarantine set reason = 'key'")
    assert report(county, "insurance") == [("Q04", "insurance.enrolment", 500, "id_no")]


def test_a_column_is_damaged_when_more_than_one_row_in_twenty_cannot_be_used(county):
    rows = [{"id_no": "A", "insured_year": 2000 + at} for at in range(19)]
    county.submit("insurance.enrolment", "2026-03", rows, quarantine=[{"name": "C"}], quarantined=1)
    county.sql("update ops.quarantine set field = 'paid_on', reason = 'date'")
    assert report(county, "insurance") == []
    county.sql("update ops.submission set stored = 18 where record_type = 'insurance.enrolment'")
    assert report(county, "insurance") == [("Q02", "insurance.enrolment", None, "paid_on")]


def test_a_number_under_another_name_and_one_that_the_register_lacks(county):
    county.submit("education.student", "2026-03", [
        {"id_no": "A", "name": "李大力"}, {"id_no": "B", "name": "李小力"}, {"id_no": NUMBER, "name": "甲乙"}])
    assert report(county, "education") == [("Q03", "education.student", 1, "name"),
                                           ("Q06", "education.student", 3, "id_no")]


def test_a_key_that_two_offices_hold(county):
    county.submit("insurance.enrolment", "2026-03", [{"id_no": "A"}])
    county.submit("insurance.enrolment", "2026-03", [{"id_no": "B"}, {"id_no": "A"}], producer="two")
    assert report(county, "insurance") == [("Q04", "insurance.enrolment", 1, "id_no"),
                                           ("Q04", "insurance.enrolment", 2, "id_no")]


def test_an_event_that_comes_back_with_other_content(county):
    bill = {"settlement_no": "S1", "id_no": "A", "total": 1000, "self_total": 1000}
    county.submit("insurance.settlement", "2026-02", [bill])
    county.submit("insurance.settlement", "2026-03", [bill])
    assert report(county, "insurance") == []
    county.submit("insurance.settlement", "2026-03", [{**bill, "kind": "14"}])
    assert ("Q04", "insurance.settlement", 1, "settlement_no") in report(county, "insurance")


def test_money_that_does_not_add_up_by_more_than_200_yuan_and_one_percent(county):
    bills = [(1000000, 1000000), (1000000, 980000), (1000000, 979999), (3000000, 2975000)]
    county.submit("insurance.settlement", "2026-03", [
        {"settlement_no": f"S{at}", "id_no": "A", "total": total, "self_total": paid}
        for at, (total, paid) in enumerate(bills)])
    assert report(county, "insurance") == [("Q05", "insurance.settlement", 3, "total")]


def test_households_with_two_heads_or_none(county):
    county.submit("register.household", "2026-03", [{"household_no": "H1"}, {"household_no": "H2"}])
    county.submit("register.member", "2026-03", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H1", "id_no": "B"},
        {"household_no": "H2", "id_no": "C", "relation": "配偶"}])
    assert report(county, "register") == [("Q04", "register.member", 1, "relation"),
                                          ("Q04", "register.member", 3, "relation")]


def test_a_sector_that_does_not_exist_is_refused(county):
    county.flush()
    result = run.call([county.hub.build / "daemon/qianshao", "report", "quality", "--sector", "police",
                       "--month", "2026-03"], check=False,
                      env={**os.environ, "QIANSHAO_CONFIG": str(county.hub.dir / "qianshaod.yaml")})
    assert result.returncode == 2 and "no sector 'police'" in result.stderr
