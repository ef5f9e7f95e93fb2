"""The clerk's review of links: what is shown, who may decide, and that a decision lasts.

Counties are put into the database and judged with `qianshao judge`.
"""

import json
import os
from decimal import Decimal

import pytest
import run

from conftest import wait_for
from county import MONTHLY, REGISTER, County, configure, judge, reference
from test_identity import PERIOD, account, crowd, household, judged

NEXT = "2026-04"
CLERK = ("--user", "qs_clerk")
PEOPLE = ["欧阳春燕", "曾庆生", "钟小华", "13907970001", "长岗村"]


@pytest.fixture
def county(hub):
    county = County(hub, 360722)
    county.expect(*REGISTER, *MONTHLY, "civil.standard")
    county.submit("civil.standard", "2026-01", [{}])
    configure(hub, [county])
    give(hub, qs_ops=[360722], qs_clerk=[360722])
    return county


def give(hub, **counties):
    """What the hub reads from its access list: the counties of a login."""
    for login, codes in counties.items():
        for code in codes:
            hub.sql(f"insert into ops.login_county values ('{login}', {code})")


def qianshao(hub, *words, check=True, today="2026-12-31"):
    env = {**os.environ, "QIANSHAO_CONFIG": str(hub.dir / "qianshaod.yaml"), "QIANSHAO_TODAY": today}
    return run.call([hub.build / "daemon/qianshao", *words], env=env, check=check)


def objects(hub, *words):
    text = qianshao(hub, *words, "--json").stdout
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def doubtful(county):
    """H1 by telephone, H2 by address, H3 in doubt: his name, but a household that nobody knows."""
    homes = crowd(county) + [
        household(county, 1, "欧阳春燕", "13907970001"),
        household(county, 2, "曾庆生", None, "江西省赣州市信丰县大塘埠镇长岗村第三村民小组12号"),
        household(county, 3, "钟小华")]
    judged(county, homes, water())


def water():
    return {"water.household": [account(1, "欧阳春燕", phone="13907970001"),
                                account(2, "曾庆生", address="长岗村3组12号"),
                                account(4, "钟小华", household_no="H9")]}


def queue(county, *words):
    """{household: link} of the list."""
    return {row["household_no"]: row for row in objects(county.hub, "review", "list", *words)}


def without_supply(county, period=PERIOD):
    return [household for _, _, household in county.findings("W01", period)]


def test_the_list_shows_what_waits_for_a_clerk(county):
    doubtful(county)
    row, = objects(county.hub, "review", "list")
    number = county.sql("select submission from ops.submission where record_type ="
                        " 'water.household'")[0][0]
    assert (row["id"], row["county"], row["month"], row["record_type"], row["row"], row["household_no"],
            row["pass"], row["how"], row["band"], row["same"]) == (
        f"water.household/{number}/3", "360722", PERIOD, "water.household", 3, "H3",
        3, "score", "review", None)
    assert 0 < row["weight"] < 11 and Decimal("0.5") <= row["probability"] < Decimal("0.9995")
    assert abs(1 / (1 + 2 ** -float(row["weight"])) - float(row["probability"])) < 1e-6
    every = queue(county, "--all")
    assert {home: (link["how"], link["band"]) for home, link in every.items()} == {
        "H1": ("name_phone", "linked"), "H2": ("name_address", "linked"), "H3": ("score", "review")}
    assert queue(county, "--month", NEXT) == {} and set(queue(county, "--month", PERIOD)) == {"H3"}
    assert row["id"] in qianshao(county.hub, "review", "list").stdout


def test_the_terms_of_a_link_add_up_to_its_weight(county):
    doubtful(county)
    for link in queue(county, "--all").values():
        shown, = objects(county.hub, "review", "show", link["id"])
        assert sum(term["weight"] for term in shown["terms"]) == shown["weight"] == link["weight"]
        assert shown["model"] == "2" and shown["terms"][0]["field"] == "prior"
        assert [field["field"] for field in shown["fields"]] == [
            "name", "id_no", "phone", "address", "area", "household_no"]
        table = qianshao(county.hub, "review", "show", link["id"]).stdout.splitlines()
        last = [line.split() for line in table if line.startswith("合计")]
        assert last == [["合计", f"{shown['weight']:+.3f}"]]
        sides = {line.split()[0]: line.split()[1:] for line in table if line}
        assert sides["区划"] == ["360722100201", "360722100201"]


def test_nothing_that_is_masked_names_anybody(county):
    doubtful(county)
    for words in (["list", "--all"], *(["show", link["id"]] for link in queue(county, "--all").values())):
        for form in ([], ["--json"]):
            shown = qianshao(county.hub, "review", *words, *form).stdout
            assert not [word for word in (*PEOPLE, *county.people.values()) if word in shown], words
    assert "钟**" in qianshao(county.hub, "review", "show", queue(county)["H3"]["id"]).stdout


def test_a_full_look_up_is_on_record_before_it_is_shown(county):
    doubtful(county)
    hub, link = county.hub, queue(county, "--all")["H1"]["id"]
    show = ["review", "show", link, "--reveal", "入户核实三月"]
    result = qianshao(hub, *show, check=False)
    assert result.returncode == 1 and result.stdout == "" and "may not see full" in result.stderr
    assert qianshao(hub, *CLERK, "review", "show", link, "--reveal", "看看", check=False).stdout == ""
    hub.sql("revoke insert on ops.audit from qs_reveal")
    result = qianshao(hub, *CLERK, *show, check=False)
    assert result.returncode == 1 and result.stdout == "" and "cannot be put on record" in result.stderr
    hub.sql("grant insert on ops.audit to qs_reveal")
    (hub.dir / "subject.key").rename(hub.dir / "away.key")
    result = qianshao(hub, *CLERK, *show, check=False)
    assert result.returncode == 1 and result.stdout == "" and "cannot be put on record" in result.stderr
    (hub.dir / "away.key").rename(hub.dir / "subject.key")
    assert hub.value("select count(*) from ops.audit") == "0"
    shown = qianshao(hub, *CLERK, *show).stdout
    assert all(word in shown for word in ("欧阳春燕", "13907970001", county.people["H1"]))
    assert hub.sql("select login, reason, command, count, encode(subjects[1], 'hex') from ops.audit") == [
        ["qs_clerk", "入户核实三月", "review show", "1", reference(360722, county.people["H1"])]]


def test_a_confirmed_row_counts_and_the_next_month_knows_it(county):
    doubtful(county)
    hub = county.hub
    assert without_supply(county) == ["H1", "H2"]
    link = queue(county)["H3"]
    said = qianshao(hub, *CLERK, "review", "confirm", link["id"], "--reason", "村委会电话核实").stdout
    assert "同一人" in said and "H3" in said
    assert queue(county) == {} and queue(county, "--all")["H3"]["same"] is True
    assert not objects(hub, "status")[0]["idle"]
    qianshao(hub, "judge")
    assert objects(hub, "status")[0]["idle"]
    assert without_supply(county) == ["H1", "H2", "H3"]
    assert county.sql("select link_pass from match.finding where rule = 'W01' and household_no = 'H3'"
                      ) == [["clerk"]]
    case = next(row for row in objects(hub, "cases") if row["household_no"] == "H3")
    held = objects(hub, "case", case["case"])[0]["findings"]
    assert [(link["pass"], link["how"]) for finding in held for link in finding["links"]] == [(4, "clerk")]
    # What it weighed when the clerk saw it stays to be seen.
    now, = objects(hub, "review", "show", link["id"])
    assert (now["how"], now["band"], now["weight"]) == ("clerk", "linked", link["weight"])
    assert sum(term["weight"] for term in now["terms"]) == now["weight"]
    county.month(NEXT, water())
    county.flush()
    judge(hub, NEXT)
    assert without_supply(county, NEXT) == ["H1", "H2", "H3"] and queue(county) == {}
    assert queue(county, "--all")["H3"]["month"] == NEXT


def test_a_broken_link_stays_apart_and_the_opposite_decision_ends_that(county):
    doubtful(county)
    hub = county.hub
    link = queue(county, "--all")["H1"]["id"]
    qianshao(hub, *CLERK, "review", "break", link, "--reason", "同名，电话为村会计所有")
    qianshao(hub, "judge")
    assert without_supply(county) == ["H2"]
    county.month(NEXT, water())
    county.flush()
    judge(hub, NEXT)
    assert without_supply(county, NEXT) == ["H2"]
    gone = queue(county, "--all")["H1"]
    assert (gone["same"], gone["band"], gone["decided_by"]) == (False, "apart", "qs_clerk")
    # The link is gone, but its ID and the decision's still say which is meant.
    for name, verb, homes in ((link, "confirm", ["H1", "H2"]), (gone["id"], "break", ["H2"]),
                              (gone["id"], "confirm", ["H1", "H2"])):
        said = qianshao(hub, *CLERK, "review", verb, name, "--reason", "入户核实后更正").stdout
        assert "取代 qs_clerk" in said
        qianshao(hub, "judge")
        assert without_supply(county) == without_supply(county, NEXT) == homes
    assert hub.sql("select same, reason, decided_by, weight is not null from match.decision_log"
                   " order by decision") == [
        ["f", "同名，电话为村会计所有", "qs_clerk", "t"], ["t", "入户核实后更正", "qs_clerk", "t"],
        ["f", "入户核实后更正", "qs_clerk", "t"], ["t", "入户核实后更正", "qs_clerk", "t"]]
    assert hub.value("select count(*) from match.decision") == "1"


def test_a_running_hub_goes_by_a_decision_without_another_feed(county):
    doubtful(county)
    hub = county.hub
    hub.adapters = {}
    hub.adapter("c", [*REGISTER, *MONTHLY, "civil.standard"], producer="one")
    hub.start()
    wait_for(lambda: objects(hub, "status")[0]["idle"])
    qianshao(hub, *CLERK, "review", "confirm", queue(county)["H3"]["id"], "--reason", "村委会电话核实")
    wait_for(lambda: "H3" in without_supply(county), seconds=90, what="the check of every minute")
    wait_for(lambda: objects(hub, "status")[0]["idle"])


def test_a_clerk_may_say_that_two_good_numbers_are_one_person(county):
    county.person("other", "1975-08-09", "钟小华")
    homes = crowd(county) + [household(county, 3, "钟小华", "13907970003", "长岗村3组12号")]
    accounts = [account(1, "钟小华", id_no="other", phone="13907970003", address="长岗村3组12号")]
    for at, (home, _) in enumerate(homes[:20]):  # for the model to know that it happens
        name = county.names[home["household_no"]]
        county.person(f"other {at}", f"19{50 + at}-08-09", name)
        accounts.append(account(100 + at, name, id_no=f"other {at}", supply="1",
                                **{field: home[field] for field in ("phone", "address", "area")}))
    judged(county, homes, {"water.household": accounts})
    assert {link["band"] for link in queue(county, "--all").values()} == {"review"}
    hub, link = county.hub, queue(county)["H3"]["id"]
    shown = qianshao(hub, "review", "show", link).stdout
    assert "两个有效号码，不同" in shown and without_supply(county) == []
    said = qianshao(hub, *CLERK, "review", "confirm", link, "--reason", "派出所证明为同一人").stdout
    assert "两个号码都有效而不同" in said
    qianshao(hub, "judge")
    assert without_supply(county) == ["H3"]


def test_who_may_not_decide_is_told_what_to_do(county):
    doubtful(county)
    hub, link = county.hub, queue(county)["H3"]["id"]
    for verb in ("confirm", "break"):
        result = qianshao(hub, "review", verb, link, "--reason", "村委会电话核实", check=False)
        assert result.returncode == 1 and result.stdout == ""
        assert "may not decide whose a record is" in result.stderr
        assert "granted the role qs_reveal: --user NAME" in result.stderr
    for query in ("select match.decide(360722, 'water.household', 1, 1, null, true, 'abcdef')",
                  "insert into match.decision (county) values (360722)",
                  "select id_no from match.review", "select record_key from match.review_month",
                  "select * from match.review_full(null, 'water.household', 1, 1, null)",
                  "select * from match.decision_log"):
        result = run.call([run.pg_bin() / "psql", "-XqAt", "-d", hub.conninfo("qs_ops"), "-c", query],
                          check=False)
        assert result.returncode != 0 and "permission denied" in result.stderr, query
    assert hub.value("select count(*) from match.decision_log") == "0"


REFUSED = [
    (["confirm", "{id}"], 2, "a decision's reason has 6 to 200 characters"),
    (["confirm", "{id}", "--reason", "同一人"], 2, "a decision's reason has 6 to 200 characters"),
    (["break", "{id}", "--reason", "   同 一   "], 2, "a decision's reason has 6 to 200 characters"),
    (["break", "{id}", "--reason", "钟小华说不是她"], 2, "the reason names somebody"),
    (["break", "{id}", "--reason", "电话13907979999核实"], 2, "the reason names somebody"),
    (["confirm", "water.household/1/1", "--reason", "村委会电话核实"], 1, "no link of that ID"),
    (["confirm", "{id}/7", "--reason", "村委会电话核实"], 1, "no link of that ID"),
    (["show", "water.household/1/1"], 1, "no link of that ID"),
    (["show", "water.household/1"], 2, "that is no ID of a link"),
    (["show", "water.household/1/1'"], 2, "that is no ID of a link"),
    (["show"], 2, "review show ID"),
    (["look", "{id}"], 2, "review list, review show, review confirm, review break"),
    ([], 2, "review list, review show, review confirm, review break"),
]


def test_what_cannot_be_decided_is_refused(county):
    doubtful(county)
    link = queue(county)["H3"]["id"]
    for words, status, text in REFUSED:
        words = [word.format(id=link) for word in words]
        result = qianshao(county.hub, *CLERK, "review", *words, check=False)
        assert (result.returncode, result.stdout) == (status, "") and text in result.stderr, words
        assert not [word for word in PEOPLE if word in result.stderr], words
    assert county.hub.value("select count(*) from match.decision") == "0"


def test_a_record_is_one_persons(county):
    doubtful(county)
    hub, link = county.hub, queue(county)["H3"]["id"]
    confirm = [*CLERK, "review", "confirm", link, "--reason", "村委会电话核实"]
    qianshao(hub, *confirm)
    # Another month found another member for the row, who has one of his own.
    hub.sql(f"update match.link set id_no = '{county.people['H1']}', band = 'taken'"
            " where household_no = 'H3'")
    assert "另有本人的记录" in qianshao(hub, *confirm).stdout
    assert hub.sql("select id_no, same from match.decision") == [[county.people["H1"], "t"]]
    assert hub.value("select count(*) from match.decision_log") == "2"


def test_an_id_that_two_counties_have_asks_which_and_others_see_nothing(county):
    doubtful(county)
    hub, link = county.hub, queue(county)["H3"]["id"]
    # The other county's rows, like ours to the letter.
    for table in ("match.link", "match.reading"):
        hub.sql(f"create temp table t as select * from {table}; update t set county = 360799;"
                f" insert into {table} select * from t")
    confirm = [*CLERK, "review", "confirm", link, "--reason", "村委会电话核实"]
    assert len(objects(hub, *CLERK, "review", "list")) == 1
    give(hub, qs_clerk=[360799])
    assert len(objects(hub, *CLERK, "review", "list")) == 2
    for words in (confirm, [*CLERK, "review", "show", link]):
        result = qianshao(hub, *words, check=False)
        assert result.returncode == 1 and "say which: --county CODE" in result.stderr
    qianshao(hub, *confirm, "--county", "360722")
    assert hub.sql("select county from match.decision") == [["360722"]]
    assert objects(hub, "review", "list", "--county", "360799") == []
    # Neither does who has only the other county get at ours, which is decided.
    hub.sql("update ops.login set until = since where login = 'qs_clerk' and county = 360722;"
            " delete from match.link where county = 360799")
    result = qianshao(hub, *CLERK, "review", "show", link, check=False)
    assert result.returncode == 1 and "no link of that ID" in result.stderr


def test_a_row_that_could_not_be_used_is_reviewed_like_another(county):
    homes = crowd(county) + [household(county, 3, "钟小华", category="1")]
    judged(county, homes, {})
    county.submit("insurance.enrolment", PERIOD, [], quarantine=[
        {"id_no": "钟小华", "name": "钟小华", "household_no": "H3"}])
    county.flush()
    judge(county.hub, PERIOD)
    link = queue(county, "--all")["H3"]
    assert link["quarantined"] is True and link["row"] == 500
    qianshao(county.hub, *CLERK, "review", "break", link["id"], "--reason", "村委会电话核实")
    qianshao(county.hub, "judge")
    assert queue(county, "--all")["H3"]["band"] == "apart"


def test_a_name_that_sounds_the_same_can_be_ruled_out(county):
    homes = crowd(county) + [household(county, 1, "钟晓华", category="1")]
    judged(county, homes, {"insurance.enrolment": [{"id_no": "H1", "name": "钟小桦"}]})
    link = queue(county, "--all")["H1"]
    assert (link["how"], link["weight"], link["probability"]) == ("name_sound", None, None)
    assert "未评分" in qianshao(county.hub, "review", "show", link["id"]).stdout
    uninsured = "select count(*) from match.{} where rule = 'M01' and subject = '%s'" % county.people["H1"]
    assert county.hub.value(uninsured.format("withheld")) == "0"
    qianshao(county.hub, *CLERK, "review", "break", link["id"], "--reason", "村委会电话核实")
    qianshao(county.hub, "judge")
    # His number with another name: neither insured nor uninsured.
    assert county.hub.value(uninsured.format("withheld")) == "1"
    assert county.hub.value(uninsured.format("finding")) == "0"
