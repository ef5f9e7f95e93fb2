"""Row-level security: a login of ops sees the counties that the access list gives it, no others."""

import json
import os

import pytest

import run
from conftest import wait_for
from county import MONTHLY, REGISTER, County, configure, judge

OURS, THEIRS = 360722, 350582
TABLES = ["ops.submission", "ops.batch", "ops.feed", "ops.counter", "match.county", "match.month",
          "match.run", "match.finding_masked", "cases.case_masked", "cases.finding_masked",
          "cases.outbox", "cases.subscriber"]


def poor(county, name):
    """One household below the line, found by C01 and C02 in a case with an event."""
    county.person(name)
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.submit("civil.standard", "2026-01", [{}])
    county.submit("register.household", "2026-01", [{"household_no": "H1", "wage": 10000}])
    county.submit("register.member", "2026-01", [{"household_no": "H1", "id_no": name}],
                  quarantine=[{"id_no": "36079919900101", "name": "王试验"}])
    county.month("2026-01")
    county.pending += [
        f"insert into ops.batch values ({county.code}, 1, 1, '\\x00', 1, 0, 0)",
        f"insert into ops.counter values ({county.code}, 'submission', 1)",
        f"insert into cases.subscriber (county, route, name) values ({county.code}, 'bureau', 'b')"]
    county.flush()


@pytest.fixture
def counties(hub):
    """Two judged counties; qs_ops has the first, qs_console the second, qs_clerk both."""
    found = [County(hub, OURS), County(hub, THEIRS, "jinjiang")]
    hub.logins = {"qs_ops": [OURS], "qs_console": [THEIRS], "qs_clerk": [OURS, THEIRS]}
    hub.adapters.clear()
    hub.adapter("ours", ["insurance.enrolment"], optional=["insurance.enrolment"],
                counties=[OURS])
    hub.adapter("theirs", ["insurance.enrolment"], optional=["insurance.enrolment"],
                counties=[THEIRS])
    hub.adapter("both", ["insurance.enrolment"], optional=["insurance.enrolment"],
                counties=[OURS, THEIRS])
    configure(hub, found)
    hub.start()
    wait_for(lambda: hub.value("select count(*) from ops.login_county") == "4")
    hub.stop()  # it would judge what is put in by hand here
    for county, name in zip(found, ("A", "B")):
        poor(county, name)
    judge(hub, "2026-01")
    for channel in ("ours", "theirs", "both"):
        hub.sql(f"insert into ops.channel (name, state) values ('{channel}', 'stopped')")
    return found


def regrant(hub, count):
    """Let the logins that are now wanted take effect in a running hub."""
    hub.sql("delete from ops.submission")  # nothing left to judge anew
    hub.start()
    wait_for(lambda: hub.value("select count(*) from ops.login_county") == str(count))


def qianshao(hub, *words):
    return run.call([hub.build / "daemon/qianshao", *words], check=False,
                    env={**os.environ, "QIANSHAO_CONFIG": str(hub.dir / "qianshaod.yaml")})


def listed(hub, *words):
    result = qianshao(hub, *words, "--json")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_table_shows_a_login_its_counties_and_nothing_else(hub, counties):
    for table in TABLES:
        for login, seen in (("qs_ops", [OURS]), ("qs_console", [THEIRS]),
                            ("qs_clerk", [THEIRS, OURS])):
            rows = hub.sql(f"select distinct county from {table} order by county", user=login)
            assert [int(row[0]) for row in rows] == seen, (table, login)
    for column in ("county, subject_ref from match.withheld", "county, reason from ops.quarantine"):
        rows = hub.sql(f"select {column}", user="qs_ops")
        assert {row[0] for row in rows} <= {str(OURS)}, column
    assert len(hub.sql("select county, reason from ops.quarantine", user="qs_ops")) == 1


def test_no_table_with_a_county_is_left_open(hub):
    """A table that a login of ops may read and that has counties has row security; a view reads as
    one that is bound by it."""
    rows = hub.sql("""
        select c.oid::regclass, c.relkind, c.relrowsecurity, pg_get_userbyid(c.relowner),
               'security_invoker=true' = any (c.reloptions)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('ops', 'feed', 'match', 'cases') and c.relkind in ('r', 'v')
          and has_any_column_privilege('qs_ops', c.oid, 'select')
          and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'county')""")
    assert len(rows) >= len(TABLES)
    for table, kind, secured, owner, invoker in rows:
        assert secured == "t" if kind == "r" else owner == "qs_view" or invoker == "t", table


def test_the_command_shows_one_county_to_its_login(hub, counties):
    for command in ("feeds", "report", "findings", "cases"):
        found = {row["county"] for row in listed(hub, command)}
        assert found == {str(OURS)}, command
        assert not listed(hub, command, "--county", str(THEIRS))
        found = {row["county"] for row in listed(hub, "--user", "qs_clerk", command)}
        assert found == {str(OURS), str(THEIRS)}, command
    theirs = listed(hub, "--user", "qs_clerk", "cases", "--county", str(THEIRS))[0]["case"]
    refused = qianshao(hub, "case", theirs)
    assert refused.returncode == 1 and "no case of that number" in refused.stderr
    assert listed(hub, "status")[0]["cases_open"] == 1


def test_a_look_up_reveals_nobody_of_another_county(hub, counties):
    hub.logins["qs_clerk"] = [THEIRS]
    regrant(hub, 3)
    found = listed(hub, "--user", "qs_clerk", "findings", "--reveal", "入户核实一月")
    assert found and {row["county"] for row in found} == {str(THEIRS)}


def test_a_channel_is_accepted_only_by_who_has_all_that_it_carries(hub, counties):
    assert {row["name"] for row in listed(hub, "channel", "list")} >= {"ours", "both"}
    assert "theirs" not in {row["name"] for row in listed(hub, "channel", "list")}
    for channel, status in (("both", 1), ("theirs", 1), ("ours", 0)):
        assert qianshao(hub, "channel", "accept", channel).returncode == status, channel
    assert hub.sql("select name from ops.channel where state = 'ok' and name in"
                   " ('ours', 'theirs', 'both')") == [["ours"]]


def test_a_login_without_a_county_is_told_so_and_sees_nothing(hub, counties):
    del hub.logins["qs_ops"]
    regrant(hub, 3)
    refused = qianshao(hub, "cases")
    assert refused.returncode == 1 and refused.stdout == ""
    assert "gives this login no county" in refused.stderr
    assert hub.sql("select count(*) from cases.case_masked", user="qs_ops") == [["0"]]
