"""Rules and profiles as people see them, and rules that must not run: rules check and judging."""

import json
import os
import shutil

import pytest

import run
from conftest import REPO
from county import REGISTER, County, configure, judge

FOUND = """h.household_no, null as person, 'red' as severity, '{}'::jsonb as "values",
         array[h.source] as sources, '' as link_pass, false as urgent"""
GOOD = f"""select h.household_no as subject, {FOUND}
  from household as h
  where h.living > :least"""


@pytest.fixture
def county(hub):
    county = County(hub, 360722)
    county.person("A", "1980-05-01", "王小明")
    county.expect(*REGISTER, "civil.standard")
    county.submit("civil.standard", "2026-01", [{}])
    county.submit("register.household", "2026-01", [{"household_no": "H1", "wage": 1000000}])
    county.submit("register.member", "2026-01", [{"household_no": "H1", "id_no": "A"}])
    county.month("2026-01")
    configure(hub, [county], judge="{statement_timeout_ms: 2000}")
    county.flush()
    return county


def with_rule(county, tmp_path, sql=GOOD, parameter="{type: int, default: 0}", title="试", route="bureau"):
    """The shipped rules and Z01; title and route as YAML writes them."""
    folder = tmp_path / "rules"
    shutil.copytree(REPO / "config/rules", folder)
    (folder / "Z01_try.yaml").write_text(f"""id: Z01
version: 1
title: {title}
title_en: try
requirements: [XF-01]
subject: household
needs: [register]
route: {route}
parameters:
  least: {parameter}
sql: |
  {sql}
""")
    county.hub.options["rules"] = f'{{dir: "{folder}"}}'
    county.hub.settings()


def command(county, *words):
    return run.call([county.hub.build / "daemon/qianshao", *words], check=False,
                    env={**os.environ, "QIANSHAO_CONFIG": str(county.hub.dir / "qianshaod.yaml")})


def test_every_shipped_rule_passes(county):
    result = command(county, "rules", "check")
    assert result.returncode == 0, result.stderr


def test_a_sound_rule_of_ones_own_passes_and_runs(county, tmp_path):
    with_rule(county, tmp_path)
    result = command(county, "rules", "check")
    assert result.returncode == 0, result.stderr
    judge(county.hub, "2026-01")
    assert county.findings("Z01", "2026-01") == [["H1", "red", "H1"]]


FAULTS = {
    "syntax": (GOOD.replace("from household", "form household"), 15, "syntax error"),
    "unknown view": (GOOD.replace("household as h", "households as h"), 14,
                     'relation "households" does not exist'),
    "unknown column": (GOOD.replace("h.living", "h.alive"), 15, "column h.alive does not exist"),
    "write": ("with gone as (delete from household returning *) " + GOOD.replace(
        "from household", "from gone"), 12, "data-modifying"),
    "endless": ("with recursive n (i) as (select 1 union all select i + 1 from n) " + GOOD
                + " and exists (select from n where i < 0)", 11, "too long"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_query_is_refused_and_the_rest_of_the_month_is_judged(county, tmp_path, fault):
    sql, line, reason = FAULTS[fault]
    with_rule(county, tmp_path, sql)
    result = command(county, "rules", "check")
    assert result.returncode == 1
    told = [text for text in result.stderr.splitlines() if "/Z01_try.yaml:" in text]
    assert len(told) == 1 and reason in told[0], result.stderr
    judge(county.hub, "2026-01")
    state, _, _, why, _ = county.run("Z01", "2026-01")
    assert state == "failed" and why.startswith("Z01_try.yaml:") and reason in why
    assert abs(int(why.split(":")[1]) - line) <= 1, why
    assert int(told[0].split(".yaml:")[1].split(":")[0]) == int(why.split(":")[1])
    assert county.findings("C01", "2026-01") == [["H1", "yellow", "H1"]]


@pytest.mark.parametrize("sql, reason", [
    (GOOD.replace("household as h", "feed.register_household as h").replace(
        "h.living", "length(h.area)").replace("h.source", "h.area"), "reads feed.register_household"),
    (GOOD.replace("from household as h", "from pg_roles as r cross join household as h"),
     "reads pg_roles"),
    (GOOD + " and random() < 2", "calls random"),
    (GOOD + " and pg_sleep(0) is not null", "calls pg_sleep"),
    (GOOD + " and h.income_month < current_date", "asks for the time"),
    (GOOD.replace("from household as h", "from household as h join person as p on p.age > h.living"),
     "a whole table once for every row"),
    (GOOD + " and (select count(*) from person as p where p.age > h.living) > 0",
     "a whole table once for every row"),
])
def test_a_query_that_would_run_is_refused_for_what_it_does(county, tmp_path, sql, reason):
    with_rule(county, tmp_path, sql)
    result = command(county, "rules", "check")
    assert result.returncode == 1 and "/Z01_try.yaml:" in result.stderr and reason in result.stderr
    assert "1 of the rules" in result.stderr


@pytest.mark.parametrize("sql, parameter, place", [
    (GOOD, "{type: int, default: many}", "10:31"),
    (GOOD.replace(":least", ":most + :least"), "{type: int, default: 0}", "11:6"),
    (GOOD, "{type: int}", "10:10"),
])
def test_a_file_that_cannot_be_used_is_refused_and_the_rest_of_the_month_is_judged(
        county, tmp_path, sql, parameter, place):
    with_rule(county, tmp_path, sql, parameter)
    result = command(county, "rules", "check")
    assert result.returncode == 1 and f"/Z01_try.yaml:{place}: " in result.stderr, result.stderr
    judge(county.hub, "2026-01")
    state, _, _, why, _ = county.run("Z01", "2026-01")
    assert state == "failed" and why.startswith(f"Z01_try.yaml:{place}: ")
    assert county.findings("C01", "2026-01") == [["H1", "yellow", "H1"]]


def test_rules_are_listed_and_explained(county):
    listed = [json.loads(line) for line in command(county, "--json", "rules", "list").stdout.splitlines()]
    assert [rule["id"] for rule in listed] == sorted(
        path.name.split("_")[0] for path in (REPO / "config/rules").glob("*.yaml"))
    assert all(rule["requirements"] and rule["needs"] for rule in listed)
    told = command(county, "rules", "explain", "M05", "--profile", "longyan").stdout
    for text in ("累计自付过高", "LY-08", "insurance.settlement", "helped (money): 500000 fen",
                 "where p.living"):
        assert text in told, text
    assert command(county, "rules", "explain", "Z99").returncode == 1


def test_a_profile_shows_each_value_and_where_it_comes_from(county):
    shown = {one["key"]: one for one in map(json.loads, command(
        county, "--json", "profile", "show", "xinfeng").stdout.splitlines())}
    assert (shown["line"]["value"], shown["line"]["from"], shown["line"]["document"]) == (
        "1.2 × dibao", "GZ-01 （一）", "赣市发〔2021〕6号")
    assert shown["floor"]["inferred"] and shown["floor"]["profile"] == "ganzhou"
    assert shown["look_back_open"]["value"] == "quarter"
    assert shown["look_back_open"]["document"] == "信巩字〔2024〕1号"
    assert shown["M05.helped"]["from"] == "规则默认 default of rule M05 v1"
    table = command(county, "profile", "show", "tanghe").stdout
    assert "6000 yuan" in table and "推定 inferred" in table


@pytest.mark.parametrize("profile, inferred", [
    ("ganzhou", {"floor", "judgement"}),
    ("longyan", {"line", "identified_within_days"}),
    ("tanghe", {"line", "line_note", "floor", "identified_within_days"}),
    ("xinfeng", {"floor"}),
    ("jinjiang", {"identified_within_days"}),
])
def test_what_no_document_gives_is_marked(county, profile, inferred):
    shown = map(json.loads, command(county, "--json", "profile", "show", profile).stdout.splitlines())
    assert {one["key"] for one in shown if one["inferred"]} == inferred


ODD = ["a \"b\" 'c'", "back\\slash \\", "{brace},{NULL}", "null", "县'; drop table x; --", "x" * 10240, "nul\0",
       "two\nlines"]


@pytest.mark.parametrize("key", ["title", "route"])
@pytest.mark.parametrize("text", ODD, ids=lambda text: json.dumps(text)[:24])
def test_no_text_in_a_rule_stops_a_county(county, tmp_path, key, text):
    """It is refused with file and line, or works; the other rules run in either case."""
    with_rule(county, tmp_path, **{key: json.dumps(text, ensure_ascii=False).replace("\\u0000", "\\0")})
    result = command(county, "rules", "check")
    refused = result.returncode == 1
    if refused:
        told = [line for line in result.stderr.splitlines() if "/Z01_try.yaml:" in line]
        assert told and int(told[0].split(".yaml:")[1].split(":")[0]) in (3, 8), result.stderr
    judge(county.hub, "2026-01")
    assert county.findings("C01", "2026-01") == [["H1", "yellow", "H1"]]
    if not refused:
        assert county.findings("Z01", "2026-01") == [["H1", "red", "H1"]]
        assert key == "title" and text in ODD[:5] or (key, text) == ("route", "null")


@pytest.mark.parametrize("text", ODD, ids=lambda text: json.dumps(text)[:24])
def test_no_value_that_a_rule_finds_stops_a_county(county, tmp_path, text):
    quoted = json.dumps({"text": text}, ensure_ascii=False).replace("'", "''")
    sql = GOOD.replace("'{}'::jsonb", f"'{quoted}'::jsonb")
    with_rule(county, tmp_path, sql)
    judge(county.hub, "2026-01")
    assert county.findings("C01", "2026-01") == [["H1", "yellow", "H1"]]
    state, _, _, why, _ = county.run("Z01", "2026-01")
    assert state == ("failed" if "\0" in text else "run"), why
    cases = county.cases()
    assert cases["HH1-1"][4] == "DETECTED" and len(county.events()) == 1
