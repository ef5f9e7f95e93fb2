"""From finding to case to event: spells, episodes, publishing, corrections, recovery.

Counties are put into the database and judged with `qianshao judge`, or by a
running hub where its threads are what is tested.
"""

import contextlib
import shutil
import signal
import subprocess

import pytest
import yaml

import run
from conftest import REPO, wait_for
from county import MONTHLY, REGISTER, County, configure, judge, months, reference

POOR, FINE = 0, 9000000  # a year's wage, fen
NONE = []
LOCK = 0x5153  # match_county.c: advisory locks of counties


@pytest.fixture
def county(hub):
    """A county with one ordinary household H1 and its head A, expected to send everything."""
    county = County(hub, 360722)
    county.person("A", "1980-05-01", "王小明")
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.submit("civil.standard", "2026-01", [{}])
    configure(hub, [county])
    return county


def household(wage=FINE, **more):
    return {"household_no": "H1", "wage": wage, **more}


def register(county, period, rows, members=({"household_no": "H1", "id_no": "A"},)):
    county.submit("register.household", period, rows)
    county.submit("register.member", period, members)


def poor_months(county, wages, **month):
    """A month each with its register; C01 and, uncovered, C02 follow from the wage."""
    for period, wage in zip(months("2026-01", len(wages)), wages):
        register(county, period, [household(wage)])
        county.month(period, {"civil.dibao": [{"id_no": "A"}]}, **month)


def judged(county, period="2026-01", **options):
    county.flush()
    judge(county.hub, period, **options)
    return county.cases()


def test_a_case_is_raised_escalated_and_cleared_month_by_month(county):
    poor_months(county, [1000000, 500000, FINE])
    assert judged(county) == {"HH1-1": ("red", "2026-01", "2026-03", False, "DETECTED")}
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "escalated", 2),
                               ("HH1-1", "cleared", 3)]


def test_a_month_that_confirms_a_case_tells_it_again(county):
    poor_months(county, [1000000, 1000000, 1000000])
    assert judged(county)["HH1-1"][:3] == ("yellow", "2026-01", "-")
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "updated", 2),
                               ("HH1-1", "updated", 3)]
    rows = county.sql("select to_char(month, 'YYYY-MM'), to_char(since, 'YYYY-MM'), rechecked"
                      " from cases.finding")
    assert rows == [["2026-03", "2026-01", "t"]]


def test_judging_again_changes_nothing(county):
    poor_months(county, [1000000, FINE])
    judged(county)
    before = county.events()
    for period in ("2026-01", "2026-02"):
        judged(county, period)
    assert county.events() == before


def test_a_second_spell_is_another_episode(county):
    poor_months(county, [1000000, FINE, 1000000])
    assert judged(county) == {
        "HH1-1": ("yellow", "2026-01", "2026-02", False, "DETECTED"),
        "HH1-2": ("yellow", "2026-03", "-", False, "DETECTED")}


def test_a_month_in_which_the_rule_did_not_run_neither_ends_nor_begins_a_spell(county):
    county.submit("register.household", "2026-01", [household(category="1")])
    county.submit("register.member", "2026-01", [{"household_no": "H1", "id_no": "A"}])
    for period, missing in (("2026-03", ()), ("2026-04", ("insurance.enrolment",)), ("2026-05", ())):
        rows = {"insurance.enrolment": [{"id_no": "A", "marks": ["脱贫人口"]}]} \
            if period == "2026-05" else {}
        county.month(period, rows, missing=missing)
        cases = judged(county, period)
        if period == "2026-04":
            assert cases == {"HH1-1": ("yellow", "2026-03", "-", False, "DETECTED")}
            assert county.sql("select rechecked from cases.finding") == [["f"]]
    assert cases == {"HH1-1": ("yellow", "2026-03", "2026-05", False, "DETECTED")}
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "updated", 2),
                               ("HH1-1", "cleared", 3)]


def test_a_withheld_month_does_not_clear(county):
    register(county, "2026-01", [household(category="1")])
    county.month("2026-03")
    county.month("2026-04", missing=["insurance.enrolment"])
    county.submit("insurance.enrolment", "2026-04", quarantine=[{"id_no": "A"}], quarantined=0)
    assert judged(county, "2026-04") == {"HH1-1": ("yellow", "2026-03", "-", False, "DETECTED")}
    assert county.run("M01", "2026-04")[4] == "1"


def test_green_opens_no_case_and_joins_one_that_is_there(county):
    register(county, "2026-01", [household(1000000, category="1")])
    county.month("2026-01", {"civil.dibao": [{"id_no": "A"}]})
    assert judged(county) == {"HH1-1": ("yellow", "2026-01", "-", False, "DETECTED")}
    assert county.sql("select rule from cases.finding order by 1") == [["C01"], ["M01"]]
    register(county, "2026-02", [household(category="1")])
    county.month("2026-02")
    assert judged(county, "2026-02")["HH1-1"][2] == "2026-02", "green alone keeps no case open"
    county.month("2026-04")
    assert judged(county, "2026-04")["HH1-2"][:2] == ("yellow", "2026-04")


def test_two_families_raise_the_case_one_level(county):
    register(county, "2026-01", [household(1000000, category="1")])
    rows = {"civil.dibao": [{"id_no": "A"}]}
    enrolled = [{"id_no": "A", "aid_class": "2", "marks": ["低保", "脱贫人口"]}]
    county.month("2026-03", {**rows, "insurance.enrolment": enrolled})
    assert judged(county, "2026-03")["HH1-1"] == ("yellow", "2026-03", "-", False, "DETECTED")
    county.month("2026-04", rows)
    assert judged(county, "2026-04")["HH1-1"] == ("red", "2026-03", "-", True, "DETECTED")
    assert county.events()[-1][1] == "escalated"


def test_a_person_without_household_has_a_case_of_his_own(county):
    county.person("K", "2014-05-01")
    county.month("2026-01", {"education.student": [{"id_no": "K", "status": "05", "reason": "03"}]})
    handle = reference(360722, county.people["K"])
    assert judged(county) == {f"P{handle[:16]}-1": ("red", "2026-01", "-", False, "DETECTED")}
    assert county.sql("select subject_ref from cases.\"case\"") == [[handle]]


def test_what_is_not_settled_is_not_published_unless_it_is_urgent(county):
    county.person("K", "2014-05-01")
    register(county, "2026-01", [household(1000000)],
             [{"household_no": "H1", "id_no": "A"},
              {"household_no": "H1", "id_no": "K", "relation": "之子"}])
    rows = {"civil.dibao": [{"id_no": "A"}],
            "education.student": [{"id_no": "K", "status": "05", "reason": "03"}]}
    county.month("2026-03", rows, missing=["water.works"])
    cases = judged(county, "2026-03", today="2026-04-10")
    assert cases == {"HH1-1": ("red", "2026-03", "-", False, "DETECTED")}
    assert county.sql("select rule from cases.finding") == [["E01"]]
    judged(county, "2026-03", today="2026-04-11")
    assert county.sql("select rule from cases.finding order by 1") == [["C01"], ["C07"], ["E01"]]
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "updated", 2)]


def test_all_feeds_in_settle_a_month_before_its_due_day(county):
    register(county, "2026-01", [household(1000000)])
    county.month("2026-03", {"civil.dibao": [{"id_no": "A"}]})
    assert judged(county, "2026-03", today="2026-03-20") != {}


def test_an_unsettled_month_clears_nothing(county):
    poor_months(county, [1000000])
    register(county, "2026-02", [household(FINE)])
    county.month("2026-02", missing=["water.works"])
    assert judged(county, "2026-02", today="2026-02-20")["HH1-1"][2] == "-"
    assert county.sql("select rechecked from cases.finding") == [["t"]]
    assert judged(county, "2026-02", today="2026-03-11")["HH1-1"][2] == "2026-02"


def test_a_correction_withdraws_what_rested_on_wrong_rows(county):
    poor_months(county, [1000000])
    judged(county)
    raised = county.sql("select last_event from cases.\"case\"")[0][0]
    county.submit("register.household", "2026-01", [household(FINE)], kind="correction")
    assert judged(county) == {"HH1-1": ("yellow", "2026-01", "-", False, "WITHDRAWN")}
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "withdrawn", 2)]
    body = county.sql("select encode(body, 'hex') from cases.outbox order by number")[1][0]
    assert raised in bytes.fromhex(body).decode("utf-8", "replace"), "it names the earlier event"
    county.submit("register.household", "2026-01", [household(1000000)], kind="correction")
    assert judged(county)["HH1-1"][4] == "DETECTED"
    assert county.events()[2:] == [("HH1-1", "raised", 3)]


def test_a_late_month_fills_the_gap_without_a_second_case(county):
    register(county, "2026-01", [household(1000000)])
    for period in ("2026-01", "2026-03"):
        county.month(period, {"civil.dibao": [{"id_no": "A"}]})
    judged(county, "2026-03")
    county.month("2026-02", {"civil.dibao": [{"id_no": "A"}]})
    before = county.events()
    assert judged(county, "2026-02") == {"HH1-1": ("yellow", "2026-01", "-", False, "DETECTED")}
    assert county.events() == before, "what the case says of its newest month is as before"


def test_the_order_of_arrival_does_not_matter(county, hub):
    poor_months(county, [1000000, 500000, FINE, 1000000])
    straight = judged(county, "2026-04")
    findings = "select month, rule, subject, severity, \"values\", subject_ref from match.finding" \
               " order by 1, 2, 3"
    found = county.sql(findings)
    hidden = "update ops.submission set state = '{}' where county = 360722 and {}"
    county.sql("delete from match.finding; delete from match.month; delete from match.run;"
               "delete from cases.\"case\"; delete from cases.finding; delete from cases.outbox;"
               "delete from cases.counter; delete from match.county")
    for late in ("period in ('2026-01-01', '2026-03-01')", "period = '2026-02-01'"):
        county.sql(hidden.format("open", late))
    for late in ("period = '2026-03-01'", "period = '2026-01-01'", "true"):
        county.sql(hidden.format("visible", late))
        judge(hub, "2026-04")
    assert county.sql(findings) == found
    assert county.cases() == straight


def test_an_event_holds_no_name_and_no_number_in_full(county):
    county.person("K", "2014-05-01", "欧阳小宝")
    register(county, "2026-01", [household(1000000, address="某某路五号", phone="19900123456")],
             [{"household_no": "H1", "id_no": "A"},
              {"household_no": "H1", "id_no": "K", "relation": "之子"}])
    county.month("2026-01", {"civil.dibao": [{"id_no": "A"}],
                             "education.student": [{"id_no": "K", "status": "05", "reason": "03"}]})
    judged(county)
    body = bytes.fromhex(county.sql("select encode(body, 'hex') from cases.outbox")[0][0])
    for secret in ("王小明", "欧阳小宝", "某某路", "19900123456", *county.people.values()):
        assert secret.encode() not in body
    for shown in ("王*明", "360799********", "360722100201", "疑似辍学", "6-14"):
        assert shown.encode() in body, shown
    assert "欧".encode() not in body, "a minor has no name outside education and township"


# --- rules ---

def own_rules(hub, tmp_path, change=None):
    """A copy of the rules that the hub uses, `change`d by name."""
    folder = tmp_path / "rules"
    if not folder.exists():
        shutil.copytree(REPO / "config/rules", folder)
    for name, text in (change or {}).items():
        path = next(folder.glob(f"{name}_*.yaml"))
        path.write_text(text(path.read_text()))
    hub.options["rules"] = f'{{dir: "{folder}"}}'
    hub.settings()
    return folder


@pytest.mark.parametrize("sql, state", [
    ("select 1 / 0", "22012"),
    ("select id_no from feed.register_member", "42501"),
    ("select fold from person_row", "42501"),
    ("select name from insurance_enrolment", "42703"),
    ("select body from cases.outbox", "42501"),
    ("select set_config('role', 'none', true)", "42501"),
])
def test_a_rule_that_fails_or_reaches_too_far_is_told_and_stops_nothing(county, tmp_path, sql, state):
    text = yaml.safe_dump({
        "id": "Z01", "version": 1, "title": "试", "title_en": "try", "requirements": ["XF-01"],
        "subject": "person", "needs": ["register"], "route": "bureau",
        "sql": f"select ({sql} limit 1)::text as subject, null as household_no, null as person,"
               " 'red' as severity, '{}'::jsonb as \"values\", array[]::text[] as sources,"
               " '' as link_pass, false as urgent"}, allow_unicode=True)
    folder = own_rules(county.hub, tmp_path)
    (folder / "Z01_try.yaml").write_text(text)
    poor_months(county, [1000000])
    assert judged(county)["HH1-1"][0] == "yellow"
    run_state, _, _, reason, _ = county.run("Z01", "2026-01")
    assert run_state == "failed"
    assert reason.startswith("Z01_try.yaml:") and state in reason


def test_a_rule_about_findings_runs_after_the_others(county, tmp_path):
    folder = own_rules(county.hub, tmp_path)
    for name, findings in (("Z01", True), ("A01", False)):
        (folder / f"{name}_try.yaml").write_text(yaml.safe_dump({
            "id": name, "version": 1, "title": "试", "title_en": "try", "requirements": ["XF-01"],
            "subject": "household", "needs": ["register"], "route": "bureau", "findings": findings,
            "sql": "select household_no as subject, household_no, null as person, severity,"
                   " jsonb_build_object('rule', rule) as \"values\", sources, '' as link_pass,"
                   " false as urgent from finding where rule = 'C01'"}, allow_unicode=True))
    poor_months(county, [1000000])
    judged(county)
    assert county.findings("Z01", "2026-01") == [["H1", "yellow", "H1"]]
    assert county.run("A01", "2026-01")[0] == "failed", "the others may not read findings"


VIEWS = """select c.relname as subject, null as household_no, null as person, 'green' as severity,
    (select jsonb_agg(a.attname order by a.attnum) from pg_attribute as a
     where a.attrelid = c.oid and a.attnum > 0) as "values",
    array[]::text[] as sources, '' as link_pass, false as urgent
    from pg_class as c
    where c.relnamespace = pg_my_temp_schema() and c.relkind in ('v', 'r')
        and has_table_privilege(c.oid, 'select')"""


def documented():
    """The table of daemon/README.md: {view: [columns]}."""
    text = (REPO / "daemon/README.md").read_text().split("## What a rule can read")[1]
    lines = [line for line in text.split("\n## ")[0].splitlines() if line.startswith("| `")]
    return {cells[1].strip(" `"): cells[2].strip().split(", ")
            for cells in (line.split("|") for line in lines)}


def test_a_rule_can_read_exactly_what_is_documented(county, tmp_path):
    folder = own_rules(county.hub, tmp_path)
    (folder / "Z01_views.yaml").write_text(yaml.safe_dump({
        "id": "Z01", "version": 1, "title": "试", "title_en": "try", "requirements": ["XF-01"],
        "subject": "house", "needs": ["register"], "route": "bureau", "sql": VIEWS},
        allow_unicode=True))
    poor_months(county, [1000000])
    judged(county)
    assert county.run("Z01", "2026-01")[0] == "run"
    views = {row[0]: yaml.safe_load(row[1]) for row in county.sql(
        "select subject, \"values\" from match.finding where rule = 'Z01'")}
    known = documented()
    for view, columns in known.items():
        assert views.pop(view) == columns, view
    records = {name.replace(".", "_") for name in
               (line.split('"')[1] for path in (REPO / "proto/sector").glob("*.proto")
                for line in path.read_text().splitlines() if line.strip().startswith('name: "')
                and ". " not in line) if "." in name}
    assert set(views) == records | {"register_household_before"}
    for view, columns in views.items():
        assert "source" in columns
        assert not {"name", "name_key", "fold", "phone", "address", "guardian", "officer"} & set(columns)
    assert {"person", "person_household", "link"} <= set(views["education_student"])
    assert {"household", "link"} <= set(views["water_household"])


def test_a_changed_rule_reaches_a_settled_month_only_by_command(county, tmp_path):
    own_rules(county.hub, tmp_path)
    poor_months(county, [1000000, 1000000])
    judged(county)
    own_rules(county.hub, tmp_path, {"C01": lambda text: text.replace("version: 1", "version: 2")
                                     .replace("not h.monitored", "false")})
    county.submit("civil.relief", "2026-03", [])
    judged(county, "2026-03")
    assert county.cases()["HH1-1"][4] == "DETECTED", "months that are settled keep their rules"
    judged(county, "2026-01")
    assert county.findings("C01", "2026-01") == NONE
    assert county.findings("C01", "2026-02") != NONE


def test_a_rule_without_its_file_ends_its_findings(county, tmp_path):
    folder = own_rules(county.hub, tmp_path)
    poor_months(county, [1000000])
    judged(county)
    next(folder.glob("C01_*")).unlink()
    register(county, "2026-02", [household(1000000)])
    county.month("2026-02", {"civil.dibao": [{"id_no": "A"}]})
    assert judged(county, "2026-02")["HH1-1"][2] == "2026-02"


# --- the hub's own threads ---

def start(county, **environment):
    """Start the hub on a county that was put into the database."""
    hub = county.hub
    county.flush()
    hub.options["judge"] = "{quiet_ms: 0}"
    hub.options["counties"] = "[{code: 360722, profile: ganzhou}]"
    return hub.start(**environment)


def expected_feeds(hub):
    """The access list decides what is expected: one adapter for all of them."""
    hub.adapters.clear()
    hub.adapter("all", [*REGISTER, *MONTHLY, "civil.standard"], producer="one")


def count_events(hub):
    return int(hub.value("select count(*) from cases.outbox"))


def test_a_starting_hub_judges_what_it_finds(county):
    expected_feeds(county.hub)
    poor_months(county, [1000000, FINE])
    start(county)
    wait_for(lambda: count_events(county.hub) == 2, what="the events")
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "cleared", 2)]


@pytest.mark.parametrize("place, events", [("county-before-commit", 0), ("county-after-commit", 2)])
def test_a_death_around_the_commit_loses_and_doubles_nothing(county, place, events):
    hub = county.hub
    expected_feeds(hub)
    poor_months(county, [1000000, FINE])
    county.flush()
    hub.options["judge"] = "{quiet_ms: 0}"
    hub.settings()
    hub.launch(QIANSHAO_CRASH_AT=place)
    assert hub.died() == -signal.SIGKILL
    assert count_events(hub) == events
    start(county)
    wait_for(lambda: count_events(hub) == 2, what="the events")
    assert county.events() == [("HH1-1", "raised", 1), ("HH1-1", "cleared", 2)]


def test_a_submission_that_is_half_in_holds_judging_back(county):
    expected_feeds(county.hub)
    hub = county.hub
    poor_months(county, [1000000])
    county.submit("civil.edge", "2026-01", [], state="open")
    start(county)
    hub.sql("select pg_sleep(1)")
    assert count_events(hub) == 0
    hub.sql("update ops.submission set state = 'discarded' where state = 'open'")
    wait_for(lambda: count_events(hub) == 1, what="the event")


@contextlib.contextmanager
def locked(hub, code):
    """Keep a county from being judged, as a second process that judges it does."""
    holder = subprocess.Popen(
        [run.pg_bin() / "psql", "-Xq", "-d", hub.cluster.conninfo("postgres", hub.database)],
        stdin=subprocess.PIPE, text=True)
    holder.stdin.write(f"select pg_advisory_lock({LOCK}, {code});\n")
    holder.stdin.flush()
    held = f"select count(*) from pg_locks where classid = {LOCK} and objid = {code} and"
    wait_for(lambda: hub.value(f"{held} granted") == "1", what="the lock")
    try:
        yield lambda: hub.value(f"{held} not granted") == "1"
    finally:
        holder.stdin.close()
        holder.wait()


@contextlib.contextmanager
def judging(county):
    """A hub in the midst of judging its county; gives whether it still is."""
    expected_feeds(county.hub)
    poor_months(county, [1000000])
    with locked(county.hub, 360722) as awaited:
        start(county)
        wait_for(awaited, what="the judging")
        yield awaited


def test_a_reload_waits_for_no_county(county):
    """Keys that were taken back must be gone at once, however long a county is judged for."""
    hub = county.hub
    with judging(county) as still:
        assert "reloaded" in hub.reload()
        assert "reloaded" in hub.reload(), "more than once"
        assert still() and count_events(hub) == 0
    wait_for(lambda: count_events(hub) == 1, what="the event")
    assert hub.stop() == 0


def test_a_stop_does_not_wait_for_a_county_that_a_reload_took_out(county):
    hub = county.hub
    with judging(county):
        hub.options["counties"] = "[{code: 350583, profile: jinjiang}]"
        hub.settings()
        assert "reloaded" in hub.reload()
        assert hub.stop() == 0


def test_a_broken_rule_keeps_the_old_ones_on_reload(county, tmp_path):
    expected_feeds(county.hub)
    folder = own_rules(county.hub, tmp_path)
    start(county)
    path = next(folder.glob("C01_*"))
    path.write_text(path.read_text().replace("subject: household", "subject: horse"))
    assert "refused" in county.hub.reload()
    assert any("C01_low_income.yaml" in line for line in county.hub.lines()), "it says where"
    assert county.hub.alive()


def test_judging_survives_a_lost_connection(county):
    expected_feeds(county.hub)
    hub = county.hub
    start(county)
    hub.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'qs_match'"
            f" and datname = '{hub.database}'")
    poor_months(county, [1000000])
    county.flush()
    hub.reload()  # looks at every county
    wait_for(lambda: count_events(hub) == 1, what="the event")


def test_judging_a_month_that_is_not_there_is_refused(county):
    poor_months(county, [FINE])
    county.flush()
    result = judge(county.hub, "2025-01", check=False)
    assert result.returncode != 0
    assert "nothing to judge" in result.stderr or "no complete" in result.stderr


def test_check_names_every_problem_of_rules_and_profiles(county, tmp_path):
    folder = own_rules(county.hub, tmp_path, {
        "C01": lambda text: text.replace("subject: household", "subject: horse"),
        "M05": lambda text: text.replace("default: 5000}", "default: 5000.001}")})
    (folder / "A99_empty.yaml").write_text("[]\n")
    result = county.hub.command("--check", check=False)
    assert result.returncode != 0
    for words in ("a subject is person", "no value of type money", "A99_empty.yaml:1:1"):
        assert words in result.stderr, words
