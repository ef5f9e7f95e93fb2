"""Old rows go, what was found stays, and nothing goes that a month still needs."""

import pytest

from conftest import wait_for
from county import MONTHLY, REGISTER, County, configure, judge, months

FIRST, COUNT = "2025-01", 18
NEWEST, KEPT = "2026-06", "2025-03"  # sixteen months


@pytest.fixture
def county(hub):
    """Eighteen months of a county of two households; the low-income list is only changed after 2025-02."""
    hub.retain_months = 36
    county = County(hub, 360722)
    for name in ("A", "B", "nobody"):  # the last is in no register
        county.person(name)
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.submit("civil.standard", FIRST, [{}])
    for at, period in enumerate(months(FIRST, COUNT)):
        if at % 3 == 0:
            poor = 1000000 if at < 6 else 9000000
            county.submit("register.household", period,
                          [{"household_no": "H1", "wage": poor}, {"household_no": "H2"}])
            county.submit("register.member", period, [{"household_no": "H1", "id_no": "A"},
                                                      {"household_no": "H2", "id_no": "B"}])
        county.month(period, {
            "insurance.enrolment": [{"id_no": "A"}, {"id_no": "B"}, {"id_no": "nobody"}],
            "insurance.settlement": [{"settlement_no": f"S{at}", "id_no": "B", "self_total": 200000}],
        }, missing=["civil.dibao"])
        county.submit("civil.dibao", period, [{"id_no": "A"}] if at < 2 else [],
                      kind="full" if at < 2 else "delta",
                      quarantine=[{"id_no": "36079919900101"}] if at == 0 else ())
        county.flush()
    configure(hub, [county])
    judge(hub, NEWEST)
    return county


def keep(hub, number):
    hub.retain_months = number
    hub.settings()


def told(county):
    """Everything that must outlive the rows."""
    return (county.sql("select * from match.finding order by county, month, rule, subject"),
            county.sql("select rule, month, state, findings, withheld from match.run order by 1, 2"),
            county.cases(), county.events())


def periods(county, record_type):
    """The periods of which rows are there."""
    table = "feed." + record_type.replace(".", "_")
    return [row[0] for row in county.sql(
        f"select distinct to_char(period, 'YYYY-MM') from {table} join ops.submission"
        " using (county, submission) order by 1")]


def test_rows_go_with_their_month_and_findings_stay(county):
    before = told(county)
    assert any(rule[2] == "C01" for rule in before[0]) and any(rule[2] == "M05" for rule in before[0])
    keep(county.hub, 16)
    judge(county.hub, NEWEST)
    kept = list(months(KEPT, 16))
    assert periods(county, "insurance.enrolment") == kept
    assert periods(county, "insurance.settlement") == kept
    assert told(county) == before
    dropped = county.sql("select count(*), count(distinct record_type) from ops.submission"
                         " where dropped_at is not null and period < '2025-03-01'")
    assert int(dropped[0][0]) > 20
    assert county.sql("select count(*) from ops.submission where dropped_at is not null"
                      " and period >= '2025-03-01'") == [["0"]]


def test_details_that_closed_months_were_judged_by_go(county):
    """A row that names nobody of the register is open in each month that reads it."""
    def months_of(table):
        return {row[0] for row in county.sql(f"select to_char(month, 'YYYY-MM') from match.{table}")}
    assert FIRST in months_of("unmatched_row") and FIRST in months_of("unknown")
    keep(county.hub, 16)
    judge(county.hub, NEWEST)
    # Of sixteen months kept the newest two can be judged again: the others' twelve are not all there.
    for table in ("unmatched_row", "unknown"):
        assert FIRST not in months_of(table), table
    assert NEWEST in months_of("unmatched_row")


def test_what_a_later_month_rests_on_stays(county):
    keep(county.hub, 16)
    judge(county.hub, NEWEST)
    assert periods(county, "civil.dibao") == ["2025-02"]  # the base of every change since
    assert periods(county, "civil.standard") == [FIRST]
    assert periods(county, "register.household")[0] == FIRST  # X02 looks far back
    assert county.sql("select count(*) from ops.quarantine") == [["0"]]  # who it was about, of 2025-01
    assert county.findings("M05", NEWEST)


def test_a_closed_month_is_never_judged_again(county):
    keep(county.hub, 16)
    judge(county.hub, NEWEST)
    before = told(county)
    refused = judge(county.hub, "2025-08", check=False)
    assert refused.returncode == 1 and "reads were dropped" in refused.stderr
    county.submit("insurance.settlement", "2025-02",
                  [{"settlement_no": "S1", "id_no": "B", "self_total": 9000000}], kind="correction")
    county.flush()
    judge(county.hub, NEWEST)
    assert told(county) == before
    keep(county.hub, 36)  # what is gone does not come back
    assert judge(county.hub, "2025-08", check=False).returncode == 1
    judge(county.hub, NEWEST)
    assert told(county) == before


def test_the_hub_drops_by_itself_and_says_how_much(county):
    keep(county.hub, 16)
    county.hub.start(QIANSHAO_TODAY="2026-12-31")
    line = wait_for(lambda: county.hub.said("rows-dropped"))
    words = dict(word.split("=", 1) for word in line.split() if "=" in word)
    assert words["county"] == "360722"
    gone = county.sql("select count(*), sum(stored) from ops.submission where dropped_at is not null")
    assert [words["submissions"], words["rows"]] == gone[0]


def test_the_judge_cannot_drop_what_is_young(county):
    recent = county.sql("select submission from ops.submission where period >= '2025-03-01'")
    for (number,) in recent[::20]:
        assert county.hub.sql(f"select ops.drop_rows(360722, {number})", "qs_match") == [["0"]]
    assert county.sql("select count(*) from ops.submission where dropped_at is not null") == [["0"]]
