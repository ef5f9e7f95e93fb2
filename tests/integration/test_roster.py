"""The access list as rows with a history: offices, grants, keys and logins (daemon/roster)."""

import json
import os
import re

import pytest

import run
from conftest import COUNTY, REPO, ROLES, TODAY, wait_for
from county import MONTHLY, REGISTER, County, configure, judge
from feed import COMMITTED, Submission, enrolment

LATER = "2026-07-02"


def settled(hub):
    """Wait until the hub has written its access list."""
    wait_for(lambda: hub.said("roster-written"))


def grants(hub, channel):
    """[(record type, since, until)] of a channel, in the order of their coming."""
    return [tuple(row) for row in hub.sql(
        f"""select record_type, since, coalesce(until::text, '-') from ops."grant"
        where channel = '{channel}' order by id""")]


def keys(hub, channel):
    return [tuple(row) for row in hub.sql(
        f"""select public_key, since, coalesce(until::text, '-') from ops.key
        where channel = '{channel}' order by id""")]


def reload(hub):
    hub.settings()
    count = sum(" roster-written " in line for line in hub.lines())
    assert "reloaded" in hub.reload()
    wait_for(lambda: sum(" roster-written " in line for line in hub.lines()) > count)


def test_the_list_stands_in_rows_from_the_start(hub):
    hub.subscriber("bureau")
    hub.adapter("civil", ["civil.dibao", "civil.standard"], producer="mzj", since="2026-03",
                until="2026-12", optional=["civil.standard"], counties=[COUNTY, 360781])
    hub.start()
    settled(hub)
    assert hub.sql("""select producer, record_type, county, expected, first_period, last_period, since
        from ops."grant" where channel = 'civil' and until is null order by record_type, county""") == [
        ["mzj", record_type, county, expected, "2026-03-01", "2026-12-01", TODAY]
        for record_type, expected in (("civil.dibao", "t"), ("civil.standard", "f"))
        for county in (str(COUNTY), "360781")]
    assert hub.sql("""select kind, code, county, since from ops.office where until is null
        and code in ('mzj', 'bureau') order by kind, county""") == [
        ["bureau", "bureau", str(COUNTY), TODAY], ["sector", "mzj", str(COUNTY), TODAY],
        ["sector", "mzj", "360781", TODAY]]
    assert hub.sql("""select audience, county, expected from ops."grant" where channel = 'bureau'""") == [
        ["bureau", str(COUNTY), "f"]]
    assert keys(hub, "bureau") == [(hub.subscribers["bureau"]["keys"].public, TODAY, "-")]
    assert hub.value("select count(*) from ops.login where until is null") == "2"


def test_no_secret_key_comes_into_the_database(hub):
    hub.start()
    settled(hub)
    text = "\n".join("\t".join(row) for table in ("office", '"grant"', "key", "login")
                     for row in hub.sql(f"select * from ops.{table}"))
    for pair in [hub.keys, *(adapter["keys"] for adapter in hub.adapters.values())]:
        assert pair.secret not in text


def test_a_start_with_the_same_list_changes_nothing(hub):
    hub.start()
    settled(hub)
    before = hub.sql('select * from ops."grant" order by id')
    hub.stop()
    hub.start(QIANSHAO_TODAY=LATER)
    settled(hub)
    assert "begun=0 ended=0" in hub.said("roster-written")
    assert hub.sql('select * from ops."grant" order by id') == before


def test_what_leaves_the_list_ends_that_day_and_comes_again_as_a_row_of_its_own(hub):
    housing = hub.adapters["housing"]
    hub.start()
    settled(hub)
    del hub.adapters["housing"]
    reload(hub)
    types = ["housing.house", "housing.renovation"]
    assert grants(hub, "housing") == [(one, TODAY, TODAY) for one in types]
    assert hub.sql("select until from ops.office where code = 'housing'") == [[TODAY]]
    assert hub.sql("select * from ops.feed where channel = 'housing'") == []
    hub.stop()
    hub.adapters["housing"] = housing
    hub.start(QIANSHAO_TODAY=LATER)
    settled(hub)
    assert grants(hub, "housing") == [(one, TODAY, TODAY) for one in types] + [
        (one, LATER, "-") for one in types]
    assert keys(hub, "housing") == [(housing["keys"].public, TODAY, TODAY),
                                    (housing["keys"].public, LATER, "-")]


def test_a_key_that_was_taken_back_ends_and_another_one_begins(hub, feed):
    hub.start()
    settled(hub)
    old = hub.adapters["insurance"]["keys"]
    adapter = feed()
    adapter.hello()
    hub.adapter("insurance", ["insurance.enrolment", "insurance.settlement"])
    reload(hub)
    new = hub.adapters["insurance"]["keys"]
    assert keys(hub, "insurance") == [(old.public, TODAY, TODAY), (new.public, TODAY, "-")]
    assert all(until == "-" for _, _, until in grants(hub, "insurance"))
    adapter.close()
    again = feed()
    again.hello()
    assert again.deliver(Submission([enrolment(1)])).status == COMMITTED


def test_a_key_passes_from_one_channel_to_another(hub):
    hub.start()
    settled(hub)
    adapters = hub.adapters
    adapters["housing"]["keys"], adapters["insurance"]["keys"] = (
        adapters["insurance"]["keys"], adapters["housing"]["keys"])
    reload(hub)
    for channel in ("housing", "insurance"):
        assert [row[0] for row in keys(hub, channel) if row[2] == "-"] == [
            adapters[channel]["keys"].public]


def test_a_login_that_leaves_the_list_sees_nothing_any_more(hub):
    hub.start()
    settled(hub)
    assert hub.sql('select count(*) from ops."grant"', user="qs_ops") != [["0"]]
    del hub.logins["qs_ops"]
    reload(hub)
    for table in ("ops.office", 'ops."grant"', "ops.key", "ops.feed"):
        assert hub.sql(f"select count(*) from {table}", user="qs_ops") == [["0"]], table
    assert hub.sql("select login, until from ops.login order by login") == [
        ["qs_clerk", ""], ["qs_ops", TODAY]]


def test_a_login_sees_the_roster_of_its_counties(hub):
    hub.adapter("theirs", ["insurance.enrolment"], counties=[360781])
    hub.start()
    settled(hub)
    for table in ("ops.office", 'ops."grant"', "ops.feed"):
        assert hub.sql(f"select distinct county from {table}", user="qs_ops") == [[str(COUNTY)]], table
    assert hub.sql("select channel from ops.key where channel = 'theirs'", user="qs_ops") == []
    assert hub.sql("select count(*) from ops.key", user="qs_ops") == [["3"]]


@pytest.mark.parametrize("table", ["office", '"grant"', "key", "login"])
def test_not_even_the_hub_may_delete_a_row(hub, table):
    with pytest.raises(SystemExit, match="permission denied"):
        hub.sql(f"delete from ops.{table}", user="qs_ingest")


def test_the_later_of_two_quick_reloads_stays(hub):
    hub.start()
    settled(hub)
    for _ in range(5):
        housing = hub.adapters.pop("housing")
        hub.settings()
        assert "reloaded" in hub.reload()
        hub.adapters["housing"] = housing
        reload(hub)
    wait_for(lambda: hub.value("select count(*) from ops.feed where channel = 'housing'") == "2")
    assert sum(until != "-" for *_, until in grants(hub, "housing")) == 10


def test_a_feed_is_missing_only_within_the_periods_of_its_grant(hub):
    county = County(hub, COUNTY)
    county.person("A")
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.expect("insurance.enrolment", producer="two", since="2026-03", until="2026-04")
    county.submit("civil.standard", "2026-01", [{}])
    hub.sql(f"insert into ops.login (login, county) values ('qs_ops', {COUNTY})")
    configure(hub, [county])
    county.submit("register.household", "2026-02", [{"household_no": "H1", "category": "1"}])
    county.submit("register.member", "2026-02", [{"household_no": "H1", "id_no": "A"}])
    states = {}
    for period in ("2026-02", "2026-03", "2026-04", "2026-05"):
        county.month(period)
        county.flush()
        judge(hub, period)
        states[period] = county.run("M01", period)[:2]
    shown = run.call([hub.build / "daemon/qianshao", "feeds", "--json"],
                     env={**os.environ, "QIANSHAO_CONFIG": str(hub.dir / "qianshaod.yaml")}).stdout
    assert [row["month"] for row in map(json.loads, shown.splitlines())
            if row["producer"] == "two"] == ["2026-03", "2026-04"]
    missing = ["not_run", "insurance.enrolment"]
    assert states == {"2026-02": ["run", ""], "2026-03": missing, "2026-04": missing,
                      "2026-05": ["run", ""]}


def test_an_older_database_keeps_its_list(hub, cluster):
    """The rows of ops.feed and ops.login_county of before stand after the migration."""
    hub.adapter("civil", ["civil.dibao"], optional=["civil.dibao"])
    hub.settings()
    name = hub.database
    cluster.sql(f"drop database {name}", database="postgres")
    cluster.sql(f"create database {name}", database="postgres")
    hub.sql(ROLES)
    for path in sorted((REPO / "daemon/store/migration").glob("*.sql")):
        number = int(re.match(r"\d+", path.name)[0])
        if number < 20:
            hub.sql("begin;" + path.read_text() + f"; insert into ops.schema_version values ({number});"
                    "commit")
    hub.sql(f"insert into ops.feed values ('civil', 'civil', '民政局', 'civil.dibao', {COUNTY}, false),"
            f" ('gone', 'jyj', null, 'education.student', {COUNTY}, true);"
            f" insert into ops.login_county values ('qs_ops', {COUNTY})")
    hub.command("--migrate")
    assert hub.sql("select channel, producer, title, record_type, county, expected from ops.feed"
                   " order by channel") == [
        ["civil", "civil", "民政局", "civil.dibao", str(COUNTY), "f"],
        ["gone", "jyj", "", "education.student", str(COUNTY), "t"]]
    assert hub.sql("select login, county from ops.login_county") == [["qs_ops", str(COUNTY)]]
    first = hub.value("select id from ops.\"grant\" where channel = 'civil'")
    hub.start(QIANSHAO_TODAY=LATER if LATER > hub.value("select current_date") else "2199-01-01")
    settled(hub)
    assert hub.sql("select id, until from ops.\"grant\" where channel = 'civil'") == [[first, ""]]
    assert hub.value("select until is null from ops.\"grant\" where channel = 'gone'") == "f"
