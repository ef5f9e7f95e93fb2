"""What is wrong with a sector's lists goes back to the sector, by row: Q01 to Q06."""

import json
import os

import pytest

import run
from county import REGISTER, County, configure
from test_identity import crowd, household, settle

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


def test_a_member_whom_a_delta_or_a_correction_puts_into_another_household(county):
    county.submit("register.household", "2026-03", [{"household_no": "H1"}, {"household_no": "H2"}])
    county.submit("register.member", "2026-03", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H1", "id_no": "B", "relation": "配偶"},
        {"household_no": "H2", "id_no": "C"}])
    county.submit("register.member", "2026-03", [{"household_no": "H1", "id_no": "B", "relation": "配偶"}],
                  kind="correction")
    assert report(county, "register") == []
    county.submit("register.member", "2026-03", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H2", "id_no": "B", "relation": "之子"}], kind="delta")
    assert report(county, "register") == [("Q04", "register.member", 2, "household_no")]
    county.submit("register.member", "2026-03", [{"household_no": "H1", "id_no": "B", "relation": "配偶"}],
                  kind="correction")
    assert report(county, "register") == []  # put right


def test_a_member_whom_a_delta_deletes_before_another_puts_him_elsewhere_has_moved(county):
    county.submit("register.household", "2026-03", [{"household_no": "H1"}, {"household_no": "H2"}])
    county.submit("register.member", "2026-03", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H1", "id_no": "B", "relation": "配偶"},
        {"household_no": "H2", "id_no": "C"}])
    county.submit("register.member", "2026-03", removed=[{"household_no": "H1", "id_no": "B"}], kind="delta")
    county.submit("register.member", "2026-03", [{"household_no": "H2", "id_no": "B", "relation": "之女"}],
                  kind="delta")
    assert report(county, "register") == []


def test_a_member_whom_two_offices_have_in_two_households(county):
    county.submit("register.household", "2026-03", [{"household_no": "H1"}, {"household_no": "H2"}])
    county.submit("register.member", "2026-03", [
        {"household_no": "H1", "id_no": "A"}, {"household_no": "H1", "id_no": "B", "relation": "配偶"}])
    county.submit("register.member", "2026-03", [
        {"household_no": "H2", "id_no": "C"}, {"household_no": "H2", "id_no": "B", "relation": "之女"}],
        producer="two")
    told = [("Q04", "register.member", 2, "household_no")] * 2  # to either office, its own row
    assert report(county, "register") == told
    county.submit("register.member", "2026-03", removed=[{"household_no": "H1", "id_no": "B"}], kind="delta")
    assert report(county, "register") == []
    county.submit("register.member", "2026-03", [{"household_no": "H2", "id_no": "B", "relation": "之女"}],
                  kind="delta")
    assert report(county, "register") == [("Q04", "register.member", 1, "id_no"),   # the same household:
                                          ("Q04", "register.member", 2, "id_no")]   # a key of two offices


def test_a_person_under_another_number_than_the_registers(county):
    """In place of his own row, beside it, and by a clerk's word; a number that is another's is Q03."""
    homes = crowd(county) + [household(county, at, name, f"1390797000{at}") for at, name in enumerate(
        ("欧阳春燕", "曾庆生", "钟小华", "赖观秀"))]
    settle(county, homes, "2026-03")
    other = [county.person(f"other{at}", "1970-03-05", county.names[f"H{at}"]) for at in range(3)]
    county.submit("education.student", "2026-03", [
        {"id_no": other[0], "name": "欧阳春燕", "phone": "13907970000"},
        {"id_no": "H1"}, {"id_no": other[1], "name": "曾庆生", "phone": "13907970001"},
        {"id_no": other[2], "name": "李卫东"}, {"id_no": "H3", "name": "李卫东"}])
    unknown = [("Q06", "education.student", row, "id_no") for row in (1, 3, 4)]
    twice = [("Q04", "education.student", row, "id_no") for row in (1, 3, 4)]
    named = [("Q03", "education.student", 5, "name")]
    assert report(county, "education") == named + twice[:2] + unknown
    county.sql(f"""insert into match.decision (county, record_type, record_key, id_no, same, reason)
        values (360722, 'education.student', '{other[2]}', '{county.people["H2"]}', true, 'seen by a clerk'),
        (360722, 'education.student', '{county.people["H3"]}', '{county.people["H1000"]}', true, 'so too')""")
    assert report(county, "education") == named + twice + unknown[:2]


def test_a_sector_that_does_not_exist_is_refused(county):
    county.flush()
    result = run.call([county.hub.build / "daemon/qianshao", "report", "quality", "--sector", "police",
                       "--month", "2026-03"], check=False,
                      env={**os.environ, "QIANSHAO_CONFIG": str(county.hub.dir / "qianshaod.yaml")})
    assert result.returncode == 2 and "no sector 'police'" in result.stderr
