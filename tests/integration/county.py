"""Counties put straight into the database, row by row, for tests of judging.

Rows are written as the feed tables keep them; what a row does not say comes from
DEFAULTS, an unremarkable value each. People stand as names in the tests and get
numbers with a valid check digit here.
"""

import datetime
import hashlib
import itertools
import json
import os

import run

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
EVENTS = {"insurance.settlement", "civil.relief"}
MONTHLY = ["education.student", "insurance.enrolment", "insurance.settlement", "housing.house",
           "housing.renovation", "water.household", "water.works", "water.complaint",
           "civil.dibao", "civil.destitute", "civil.edge", "civil.relief", "civil.disability"]
REGISTER = ["register.household", "register.member"]
DEFAULTS = {
    "register.household": dict(
        area="{county}100201", category="0", risks=[], no_labour=False, relocated=False,
        income_month="2025-12-01", wage=9000000, production=0, property=0, transfer=0,
        production_cost=0),
    "register.member": dict(relation="户主", health=["健康"], labour="普通劳动力", status="1"),
    "education.student": dict(school_code="3607000001", school_area="{county}", grade="P3",
                              status="01", absent_days=0, boarding=False),
    "education.aid": dict(term="2026春", kind="一补", amount=50000),
    "education.cost": dict(school_year="2025-2026", tuition=0, lodging=0, books=0, aid=0),
    "education.audit": dict(term="2026春", school_code="3607000001", returned=True,
                            audited_on="2026-02-25"),
    "insurance.enrolment": dict(insured_year=2026, scheme="390", status="1", paid_on="2025-11-20",
                                aid_class="0", aid_amount=0, insured_area="{county}", marks=[]),
    "insurance.settlement": dict(
        kind="21", admitted_on="2026-03-01", discharged_on="2026-03-10", total=0, in_scope=0,
        basic_paid=0, serious_paid=0, relief_paid=0, other_paid=0, self_in_scope=0, self_total=0,
        tilted=False),
    "housing.house": dict(area="{county}100201", built_year=2005, grade="A", graded_on="2025-06-01",
                          only_home=True, occupied=True, visited_on="2026-03-02", hazards=[]),
    "housing.renovation": dict(plan_year=2026, kind="修缮加固", cancelled=False),
    "water.household": dict(area="{county}100201", supply="1", litres=60, outage_days=0,
                            outage_days_year=0, quality="1"),
    "water.works": dict(areas=["{county}100201"], households=100, planned=False, failed_items=[],
                        retested_ok=False),
    "water.complaint": dict(area="{county}100201", kind="水质"),
    "civil.dibao": dict(dibao_no="D1", **{"class": "B"}, monthly=40000, started_on="2024-01-01",
                        single=False),
    "civil.destitute": dict(support="分散", ability="全自理", started_on="2024-01-01"),
    "civil.edge": dict(kind="低保边缘", started_on="2024-01-01"),
    "civil.relief": dict(amount=100000, reason="疾病", granted_on="2026-03-05"),
    "civil.disability": dict(kind="肢体", grade="2"),
    "civil.standard": dict(area="{county}", monthly=70000, effective_from="2025-01-01",
                           document="文号"),
}
CHECKS = "10X98765432"
NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def number(birth, serial):
    """A valid number of an area that no county has."""
    body = f"360799{birth.replace('-', '')}{serial:03d}"
    return body + CHECKS[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


def quote(value):
    return "'" + str(value).replace("'", "''") + "'"


def month(text):
    return text if len(text) == 10 else text + "-01"


class County:
    """One county of a hub: its people, its submissions, what was judged."""

    def __init__(self, hub, code, profile="ganzhou"):
        self.hub, self.code, self.profile = hub, code, profile
        self.people, self.names, self.serial = {}, {}, itertools.count(1)
        self.next = itertools.count(1)
        self.revisions, self.pending = {}, []

    def person(self, name, birth="1980-05-01", called=None):
        """Know a person by `name` from now on; called: the name in the lists."""
        serial = next(self.serial)
        self.people[name] = number(birth, serial)
        self.names[name] = called or "陈" + NAMES[serial % 22] + NAMES[serial // 22 % 22]
        return self.people[name]

    def row(self, record_type, given):
        """A whole row: defaults, numbers for people, the county's code."""
        row = {**DEFAULTS.get(record_type, {}), **given}
        if row.get("id_no") in self.people:
            row.setdefault("name", self.names[row["id_no"]])
            row["id_no"] = self.people[row["id_no"]]
        if row.get("name") in self.names:
            row["name"] = self.names[row["name"]]
        text = json.dumps(row, ensure_ascii=False, default=str)
        return json.loads(text.replace("{county}", str(self.code)))

    def expect(self, *record_types, producer="one", optional=False, since=None, until=None):
        first, last = (quote(month(bound)) if bound else "null" for bound in (since, until))
        for record_type in record_types:
            self.pending.append(
                'insert into ops."grant" (channel, producer, record_type, county, expected,'
                " first_period, last_period) values"
                f" ('c', {quote(producer)}, {quote(record_type)}, {self.code}, {not optional},"
                f" {first}, {last})"
                " on conflict do nothing")

    def submit(self, record_type, period, rows=(), kind="full", producer="one", quarantine=(),
               partial=False, removed=(), state="visible", quarantined=None):
        """A submission with its rows; returns its number. Written by flush()."""
        submission = next(self.next)
        key = (record_type, period, producer)
        self.revisions[key] = self.revisions.get(key, 0) + 1
        rows = [self.row(record_type, row) for row in rows]
        for at, row in enumerate(rows):
            row.update(county=self.code, submission=submission, row_no=at + 1, removed=False)
        for at, row in enumerate(removed):
            rows.append({**self.row(record_type, row), "county": self.code, "submission": submission,
                         "row_no": 9000 + at, "removed": True})
        count = len(quarantine) if quarantined is None else quarantined
        self.pending.append(f"""insert into ops.submission (county, submission, uuid, channel, epoch,
            first_seq, last_seq, producer, record_type, period, kind, wanted_revision, revision, nil,
            digest, state, expected_rows, expected_unresolved, expected_batches, rows, stored,
            quarantined, partial) values ({self.code}, {submission}, decode(md5('{submission}'), 'hex'),
            'c', '\\x00', {submission}, {submission}, {quote(producer)}, {quote(record_type)},
            {quote(month(period))}, {quote(kind)}, 0, {self.revisions[key]}, {not rows}, '\\x00',
            {quote(state)}, {len(rows)}, {count}, 1, {len(rows)}, {len(rows)}, {count}, {partial})""")
        if rows:
            table = "feed." + record_type.replace(".", "_")
            self.pending.append(f"insert into {table} select * from jsonb_populate_recordset("
                                f"null::{table}, {quote(json.dumps(rows, ensure_ascii=False))})")
        for at, row in enumerate(quarantine):
            row = self.row("", row)
            values = ", ".join(quote(row[name]) if row.get(name) else "null"
                               for name in ("id_no", "name", "household_no"))
            self.pending.append(f"""insert into ops.quarantine (county, submission, row_no, field,
                reason, hub, id_no, name, household_no) values ({self.code}, {submission}, {500 + at},
                'id_no', 'id', false, {values})""")
        return submission

    def flush(self):
        if self.pending:
            self.hub.sql(";\n".join(self.pending))
            self.pending = []

    def month(self, period, rows=None, missing=(), register=None):
        """Every monthly feed of a period: the rows given, the others empty, without `missing`."""
        rows = rows or {}
        for record_type in MONTHLY:
            if record_type not in missing:
                self.submit(record_type, period, rows.get(record_type, ()))

    def sql(self, text):
        self.flush()
        return self.hub.sql(text.replace("{county}", str(self.code)))

    def whose(self, subject):
        """The test's name of a subject."""
        return next((name for name, number in self.people.items() if number == subject), subject)

    def findings(self, rule, period):
        """[(subject, severity, household)] of a rule and month, by name."""
        rows = self.sql(f"""select subject, severity, coalesce(household_no, '-') from match.finding
            where county = {self.code} and rule = {quote(rule)} and month = {quote(month(period))}
            order by subject""")
        return sorted([self.whose(row[0]), *row[1:]] for row in rows)

    def cases(self):
        """{case: (severity, opened, cleared, x01, state)} with the county's code left out."""
        rows = self.sql(f"""select substr(case_id, 8), severity, to_char(opened, 'YYYY-MM'),
            coalesce(to_char(cleared, 'YYYY-MM'), '-'), x01, state from cases."case"
            where county = {self.code} order by case_id""")
        return {row[0]: (*row[1:4], row[4] == "t", row[5]) for row in rows}

    def events(self):
        """[(case, type, case_seq)] in the order of their numbers."""
        rows = self.sql(f"""select substr(case_id, 8), type, case_seq, number from cases.outbox
            where county = {self.code} order by number""")
        assert [int(row[3]) for row in rows] == list(range(1, len(rows) + 1)), "numbers have gaps"
        return [(row[0], row[1], int(row[2])) for row in rows]

    def run(self, rule, period):
        """(state, missing, unhelped, reason, withheld) of a rule's run."""
        rows = self.sql(f"""select state, array_to_string(missing, ','), array_to_string(unhelped,
            ','), coalesce(reason, ''), withheld from match.run where county = {self.code}
            and rule = {quote(rule)} and month = {quote(month(period))}""")
        return rows[0] if rows else None


def configure(hub, counties, **sections):
    """Write the hub's settings for these counties."""
    hub.options["counties"] = "[" + ", ".join(
        f"{{code: {county.code}, profile: {county.profile}}}" for county in counties) + "]"
    hub.options.update(sections)
    hub.settings()


def judge(hub, period, today="2026-12-31", check=True, county=None, **environment):
    """`qianshao judge --month` for every county, or one."""
    env = {**os.environ, "QIANSHAO_TODAY": today, "QIANSHAO_CONFIG": str(hub.dir / "qianshaod.yaml"),
           **environment}
    one = ["--county", str(county)] if county else []
    return run.call([hub.build / "daemon/qianshao", "judge", "--month", period, *one], env=env,
                    check=check)


def reference(code, subject, master="5a" * 32):
    """The HMAC of a subject under its county's key."""
    import hmac
    key = hmac.new(bytes.fromhex(master), f"{code:06d}".encode(), hashlib.sha256).digest()
    return hmac.new(key, subject.encode(), hashlib.sha256).hexdigest()


def months(first, count):
    """Month texts from `first` on."""
    year, number = map(int, first.split("-"))
    for _ in range(count):
        yield datetime.date(year, number, 1).strftime("%Y-%m")
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)
