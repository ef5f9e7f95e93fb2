"""The records of tests/link/people.c as a county's lists, linked by the daemon; for `bench/link`."""

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path[1:1] = [str(HERE.parent / "integration"), str(HERE.parent / "link")]
from harness import run, say, scratch  # noqa: E402
from score import Score, rows  # noqa: E402

COUNTY, MONTH = 360722, "2026-03"
# Of each of bench-lists' files: its table, the columns of its lines, and values for the others.
TABLES = [
    ("household", "feed.register_household", "row_no, household_no, area, address, phone",
     "category, no_labour, relocated, income_month", "'0', false, false, date '2025-12-01'"),
    ("member", "feed.register_member", "row_no, id_no, name, name_key, household_no, relation",
     "health, labour, status", "'{健康}'::text[], '普通劳动力', '1'"),
    ("enrolment", "feed.insurance_enrolment", "row_no, id_no, name, name_key",
     "insured_year, scheme, status, aid_class", "2026, '390', '1', '0'"),
    ("student", "feed.education_student", "row_no, id_no, name, name_key, phone",
     "grade, status, absent_days, boarding", "'P3', '01', 0, false"),
    ("house", "feed.housing_house",
     "row_no, id_no, name, name_key, household_no, area, address",
     "house_no, grade, only_home, occupied", "'F' || row_no, 'A', true, true"),
    ("account", "feed.water_household",
     "row_no, id_no, name, name_key, household_no, area, address, phone",
     "account_no, supply", "'W' || row_no, '1'"),
]
TYPES = ["register.household", "register.member", "insurance.enrolment", "education.student",
         "housing.house", "water.household"]
VISIBLE = """
insert into ops.submission (county, submission, uuid, channel, epoch, first_seq, last_seq, producer,
    record_type, period, kind, wanted_revision, revision, nil, digest, state, expected_rows,
    expected_unresolved, expected_batches, rows, stored, quarantined)
select {county}, number, decode(md5(number::text), 'hex'), 'c', '\\x00'::bytea, number, number, 'one',
       type, date '{period}', 'full', 0, 1, false, '\\x00'::bytea, 'visible', 1, 0, 1, 1, 1,
       (select count(*) from ops.quarantine where submission = number)
from (values {types}) as one (number, type);
insert into ops."grant" (channel, producer, record_type, county)
select distinct 'c', producer, record_type, county from ops.submission;
"""
# Whose a row is: as its link says; else, unless it is open, its head's or the owner of its number.
WHOSE = """
select r.row_no, coalesce(l.id_no, head.id_no, m.id_no)
from (select row_no, id_no, coalesce(name_key, name) as fold, {household} as household_no
      from {table}) as r
left join match.unmatched_row as o on o.submission = {number} and o.row_no = r.row_no
    and not o.quarantined
left join match.link as l on l.submission = {number} and l.row_no = r.row_no
    and l.band = 'linked' and not l.quarantined
left join feed.register_member as head on o.row_no is null and head.relation = '户主'
    and head.household_no = r.household_no and (coalesce(head.name_key, head.name) = r.fold
        or match.one_apart(coalesce(head.name_key, head.name), r.fold))
left join feed.register_member as m on o.row_no is null and m.id_no = r.id_no
    and (coalesce(m.name_key, m.name) = r.fold
        or match.one_apart(coalesce(m.name_key, m.name), r.fold))
union all
select q.row_no, l.id_no from ops.quarantine as q
left join match.link as l on l.submission = {number} and l.row_no = q.row_no
    and l.band = 'linked' and l.quarantined
where q.submission = {number}
"""


def load_hub():
    spec = importlib.util.spec_from_file_location("integration_conftest",
                                                  HERE.parent / "integration/conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def started():
    """A private cluster with a migrated database, and its hub's settings: one county."""
    module, built = load_hub(), run.build(say)
    os.environ.setdefault("QIANSHAO_PG_SHARED", "1GB")
    with scratch("bench-lists") as name:
        directory = module.make_enterable(name)
        with run.Cluster(directory) as cluster:
            cluster.sql("create database bench", database="postgres")
            cluster.sql(module.ROLES, database="bench")
            hub = module.Hub(cluster, built, directory, "bench")
            hub.options["counties"] = f"[{{code: {COUNTY}, profile: xinfeng}}]"
            hub.settings()
            hub.command("--migrate")
            yield hub


def fill(hub, people, truth):
    """Put the records into the feeds' tables, as submissions that are visible."""
    folder = hub.dir / "lists"
    folder.mkdir(mode=0o755)
    subprocess.run([hub.build / "tests/bench/bench-lists", people, truth, folder], check=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    for number, (file, table, columns, more, values) in enumerate(TABLES, 1):
        hub.sql(f"create temp table line as select {columns} from {table} limit 0;"
                f" copy line from '{folder}/{file}.csv' (format csv, header false);"
                f" insert into {table} (county, submission, removed, {columns}, {more})"
                f" select {COUNTY}, {number}, false, {columns}, {values} from line order by row_no")
    quarantined = "submission, row_no, id_no, name, name_key, phone, household_no"
    hub.sql(f"create temp table line as select {quarantined} from ops.quarantine limit 0;"
            f" copy line from '{folder}/quarantine.csv' (format csv);"
            f" insert into ops.quarantine (county, field, reason, hub, {quarantined})"
            f" select {COUNTY}, 'id_no', 'missing', false, {quarantined} from line")
    types = ", ".join(f"({number}, '{name}')" for number, name in enumerate(TYPES, 1))
    hub.sql(VISIBLE.format(county=COUNTY, period=f"{MONTH}-01", types=types))
    hub.sql("vacuum analyze")


def judge(hub):
    run.call([hub.build / "daemon/qianshao", "judge", "--month", MONTH],
             env={**os.environ, "QIANSHAO_TODAY": "2026-12-31",
                  "QIANSHAO_CONFIG": str(hub.dir / "qianshaod.yaml")})


def judged(hub, persons):
    """How right it is whose rows the month takes them for; a quarantined row counts like any other."""
    owners, score = defaultdict(set), Score()
    for row_no, id_no in hub.sql("select row_no, id_no from feed.register_member"):
        owners[id_no].add(persons[int(row_no)])
    members = set().union(*owners.values())
    for number, (_, table, columns, _, _) in enumerate(TABLES, 1):
        if number < 3:  # the register itself
            continue
        household = "household_no" if "household_no" in columns else "null::text"
        found = {}  # a row may be two members' when a child has its parent's number
        for row_no, id_no in hub.sql(WHOSE.format(number=number, table=table, household=household)):
            found.setdefault(int(row_no), set()).update(owners.get(id_no, ()))
        for row_no, whose in found.items():
            right = persons[row_no] in whose
            score.found += right
            score.false += bool(whose) and not right
            score.missed += not right and persons[row_no] in members
    return score


def link(people, truth):
    """
    Link the records in a county's month; returns the seconds from table to match.link, how many rows
    were open, and how right the links are.
    """
    persons = {int(row["record_id"][1:]): row["person"] for row in rows(truth)}
    with started() as hub:
        fill(hub, people, truth)
        judge(hub)
        milliseconds, unmatched_rows = hub.sql("select milliseconds, unmatched_rows from match.linkage")[0]
        return int(milliseconds) / 1000, int(unmatched_rows), judged(hub, persons)
