"""Every rule on small inputs: tests/rules/<rule>/*.yaml say which rows give which findings.

Each case is a county of its own, judged by the real engine in a real PostgreSQL.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from conftest import TEMPLATE, Hub
from county import MONTHLY, REGISTER, County, configure, judge

CASES = Path(__file__).resolve().parent
RULES = Path(__file__).resolve().parents[2] / "config/rules"
FIRST = 360701
KEYS = {"name", "month", "profile", "people", "rows", "missing", "partial", "quarantine",
        "quarantined", "submissions", "expect", "withheld", "state", "run_missing", "unhelped",
        "values", "link_pass", "urgent"}


def load():
    found = []
    for path in sorted(CASES.glob("*/*.yaml")):
        for case in yaml.safe_load(path.read_text()):
            assert not set(case) - KEYS, f"{path}: {set(case) - KEYS}"
            found.append((path.parent.name, case))
    return found


ALL = load()


def fill(hub, code, case):
    """Submit the case's county: every feed complete but what the case says otherwise."""
    county = County(hub, code, case.get("profile", "ganzhou"))
    period, rows = case.get("month", "2026-03"), case.get("rows", {})
    for name, given in case.get("people", {}).items():
        county.person(name, *map(str, given if isinstance(given, list) else [given]))
    types = REGISTER + MONTHLY + ["civil.standard"]
    for record_type in types + [name for name in rows if name not in types]:
        if record_type not in case.get("missing", []):
            county.submit(record_type, "2026-01" if record_type in REGISTER + ["civil.standard"]
                          else period, rows.get(record_type, [{}] if record_type == "civil.standard"
                                                else []),
                          quarantine=case.get("quarantine", {}).get(record_type, []),
                          partial=record_type in case.get("partial", []),
                          quarantined=case.get("quarantined", {}).get(record_type))
    county.expect(*types)
    for one in case.get("submissions", []):
        county.submit(one["type"], one["period"], one.get("rows", []), one.get("kind", "full"),
                      removed=one.get("removed", []), producer=one.get("producer", "one"))
    county.flush()
    return county


@pytest.fixture(scope="module")
def judged(cluster, built, tmp_path_factory):
    """Every case's county, judged in one go."""
    hub = Hub(cluster, built, tmp_path_factory.mktemp("rules"), "qs_rules")
    cluster.sql(f"create database qs_rules template {TEMPLATE}", database="postgres")
    counties = [fill(hub, FIRST + at, case) for at, (_, case) in enumerate(ALL)]
    configure(hub, counties)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda one: judge(hub, one[1][1].get("month", "2026-03"), county=one[0].code),
                      zip(counties, ALL)))
    yield counties
    cluster.sql("drop database qs_rules with (force)", database="postgres")


@pytest.mark.parametrize("at", range(len(ALL)), ids=[f"{rule}-{case['name']}" for rule, case in ALL])
def test_rule(judged, at):
    rule, case = ALL[at]
    county, period = judged[at], case.get("month", "2026-03")
    state, missing, unhelped, reason, withheld = county.run(rule, period)
    assert state == case.get("state", "run"), reason
    assert county.findings(rule, period) == sorted(
        [str(item) for item in (*one, "-")[:3]] for one in case["expect"])
    assert missing == ",".join(case.get("run_missing", []))
    if "unhelped" in case:
        assert unhelped == ",".join(case["unhelped"])
    kept = county.sql(f"select subject, why from match.withheld where county = {county.code}"
                      f" and rule = '{rule}' order by 1")
    assert sorted([county.whose(row[0]), row[1]] for row in kept) == sorted(case.get("withheld", []))
    assert int(withheld) == len(kept)
    for key in ("values", "link_pass", "urgent"):
        if key in case:
            check(county, rule, key, case[key])


def check(county, rule, key, wanted):
    if key == "values":
        given = yaml.safe_load(county.sql(
            f"select \"values\" from match.finding where county = {county.code}"
            f" and rule = '{rule}' order by subject limit 1")[0][0])
        assert {name: given.get(name) for name in wanted} == wanted
    else:
        given = county.sql(f"select {key}::text from match.finding where county = {county.code}"
                           f" and rule = '{rule}' order by subject limit 1")[0][0]
        assert given == str(wanted).lower()


def test_every_rule_has_cases_that_fire_and_cases_that_do_not():
    for path in RULES.glob("*.yaml"):
        rule = yaml.safe_load(path.read_text())["id"]
        mine = [case for name, case in ALL if name == rule]
        assert any(case["expect"] for case in mine), f"{rule}: nothing fires"
        assert any(not case["expect"] for case in mine), f"{rule}: nothing is kept from firing"


def test_no_finding_holds_a_name_or_another_persons_number(judged):
    rows = judged[0].sql("select \"values\"::text || sources::text from match.finding")
    text = "\n".join(row[0] for row in rows)
    for county in judged:
        for name in county.people:
            assert county.names[name] not in text
            assert county.people[name] not in text
