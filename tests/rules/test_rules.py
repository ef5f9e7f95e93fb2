"""Every rule on small inputs: tests/rules/<rule>/*.yaml say which rows give which findings.

Each case is a county of its own, judged by the real engine in a real PostgreSQL.
"""

import json
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


class Answer:
    """What the judging of a case's county left behind."""

    def __init__(self, county):
        self.county, self.runs, self.findings, self.withheld = county, {}, [], []


def judge_some(hub, some):
    """Submit some counties and judge them, all of a month by one process."""
    counties = [fill(hub, FIRST + at, case) for at, case in some]
    configure(hub, counties)
    for month in sorted({case.get("month", "2026-03") for _, case in some}):
        judge(hub, month)
    return counties


def read(hub, answers):
    """Put what was judged, read at once for all counties, into their answers."""
    for code, rule, month, state, missing, unhelped, reason, withheld in hub.sql(
            """select county, rule, to_char(month, 'YYYY-MM'), state, array_to_string(missing, ','),
            array_to_string(unhelped, ','), coalesce(reason, ''), withheld from match.run"""):
        answers[int(code)].runs[rule, month] = state, missing, unhelped, reason, int(withheld)
    for (line,) in hub.sql("""select json_build_object('county', county, 'rule', rule, 'month',
            to_char(month, 'YYYY-MM'), 'subject', subject, 'severity', severity, 'household', household_no,
            'values', "values", 'link_pass', link_pass, 'urgent', urgent, 'sources', sources)::text
            from match.finding order by subject"""):
        finding = json.loads(line)
        answers[finding["county"]].findings.append(finding)
    for code, rule, month, subject, why in hub.sql(
            "select county, rule, to_char(month, 'YYYY-MM'), subject, why from match.withheld"):
        answers[int(code)].withheld.append((rule, month, answers[int(code)].county.whose(subject), why))


@pytest.fixture(scope="module")
def judged(cluster, built, tmp_path_factory, request):
    """{case: answer} of all that are asked for, judged in one go: a process for every core, each with a part."""
    cores = os.cpu_count()
    hubs = [Hub(cluster, built, tmp_path_factory.mktemp("rules"), "qs_rules") for _ in range(cores)]
    cluster.sql(f"create database qs_rules template {TEMPLATE}", database="postgres")
    asked = {item.callspec.params["at"] for item in request.session.items if hasattr(item, "callspec")}
    cases = [(at, ALL[at][1]) for at in sorted(asked)]
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(lambda core: judge_some(hubs[core], cases[core::cores]), range(cores)))
    answers = {county.code: Answer(county) for part in parts for county in part}
    read(hubs[0], answers)
    yield {code - FIRST: answer for code, answer in answers.items()}
    cluster.sql("drop database qs_rules with (force)", database="postgres")


@pytest.mark.parametrize("at", range(len(ALL)), ids=[f"{rule}-{case['name']}" for rule, case in ALL])
def test_rule(judged, at):
    rule, case = ALL[at]
    answer, period = judged[at], case.get("month", "2026-03")
    state, missing, unhelped, reason, withheld = answer.runs[rule, period]
    assert state == case.get("state", "run"), reason
    found = [one for one in answer.findings if (one["rule"], one["month"]) == (rule, period)]
    assert sorted([answer.county.whose(one["subject"]), one["severity"], one["household"] or "-"]
                  for one in found) == sorted(
        [str(item) for item in (*one, "-")[:3]] for one in case["expect"])
    assert missing == ",".join(case.get("run_missing", []))
    if "unhelped" in case:
        assert unhelped == ",".join(case["unhelped"])
    kept = [list(one[2:]) for one in answer.withheld if one[:2] == (rule, period)]
    assert sorted(kept) == sorted(case.get("withheld", []))
    assert withheld == len(kept)
    if "values" in case:
        assert {name: found[0]["values"].get(name) for name in case["values"]} == case["values"]
    for key in ("link_pass", "urgent"):
        if key in case:
            assert found[0][key] == case[key]


def test_every_rule_has_cases_that_fire_and_cases_that_do_not():
    for path in RULES.glob("*.yaml"):
        rule = yaml.safe_load(path.read_text())["id"]
        mine = [case for name, case in ALL if name == rule]
        assert any(case["expect"] for case in mine), f"{rule}: nothing fires"
        assert any(not case["expect"] for case in mine), f"{rule}: nothing is kept from firing"


def test_no_finding_holds_a_name_or_another_persons_number(judged):
    text = json.dumps([[one["values"], one["sources"]] for answer in judged.values() for one in answer.findings],
                      ensure_ascii=False)
    for answer in judged.values():
        for name in answer.county.people:
            assert answer.county.names[name] not in text
            assert answer.county.people[name] not in text
