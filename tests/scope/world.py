"""A small county whose agencies send whatever they like, in any order.

Everything comes from one seed. Names are few, so that people share them; rows are drawn
anew each time, so that a delta or a correction changes findings as often as not.
"""

import random
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "integration"))
from county import MONTHLY, REGISTER, County

NAMES = ["王小明", "王小红", "李芳", "李方", "陈秀英", "张伟", "张玮", "赵国强"]
BIRTHS = ["1950-03-01", "1962-07-01", "1978-05-01", "1985-11-01", "1992-02-01", "2012-06-01",
          "2015-04-01", "2017-09-01", "2019-10-01", "2026-01-20"]
PERIODS = ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
TERM = ["education.audit", "education.aid"]
KEYS = {"register.household": "household_no", "housing.house": "house_no",
        "housing.renovation": "project_no", "water.household": "account_no",
        "water.works": "works_no", "water.complaint": "complaint_no",
        "insurance.settlement": "settlement_no", "civil.relief": "relief_no"}
EVENTS = {"insurance.settlement", "civil.relief"}
SMALL = ["water.works", "water.complaint"]


class World(County):
    """A county, and the dice that its agencies throw."""

    def __init__(self, hub, code, profile, seed, households=9):
        super().__init__(hub, code, profile)
        self.dice = random.Random(seed)
        self.homes = [f"H{i}" for i in range(households)]
        self.home = {}
        for home in self.homes:
            for place in range(self.dice.choice([1, 2, 2, 3, 4])):
                name = f"{home}.{place}"
                self.person(name, self.dice.choice(BIRTHS), self.dice.choice(NAMES))
                self.home[name] = home
        for i in range(3):  # in no household
            self.person(f"X{i}", self.dice.choice(BIRTHS), self.dice.choice(NAMES))
        # What a household may be known by without a number; now and then two share it.
        self.phones = {home: f"139{at * 7919 % 6:08d}" for at, home in enumerate(self.homes)}
        self.places = {home: f"{at % 7 + 1}组{at * 31 % 97}号" for at, home in enumerate(self.homes)}
        self.numbers = []  # of settlements

    def chance(self, share):
        return self.dice.random() < share

    def called(self, name):
        """How a list calls somebody: by his name, or now and then by another."""
        return {"id_no": name, **({"name": self.dice.choice(NAMES)} if self.chance(.06) else {})}

    def anybody(self):
        return self.dice.choice(list(self.people))

    def known_by(self, home):
        """A telephone and an address, or one of them, or neither."""
        home = home or self.dice.choice(self.homes)
        return dict(phone=self.maybe(self.phones[home]), address=self.maybe(self.places[home]))

    def date(self, first=2025, last=2026):
        return f"{self.dice.randint(first, last)}-{self.dice.randint(1, 12):02d}-15"

    def maybe(self, value, share=.5):
        return value if self.chance(share) else None

    # ---- one row a record type ----

    def register_household(self, key, period):
        return dict(household_no=key, category=self.dice.choice("0001123"),
                    wage=self.dice.choice([0, 600000, 1100000, 3000000, 9000000]),
                    **self.known_by(key), no_labour=self.chance(.2), area=f"{self.code}10020{self.dice.randint(1, 3)}",
                    income_month=self.dice.choice(["2025-12-01", "2025-12-01", "2024-06-01"]),
                    identified_on=self.maybe(self.date(2024, 2026)),
                    eliminated_on=self.maybe(self.date(2026, 2026), .2))

    def register_member(self, key, period):
        home = self.home.get(key) or self.dice.choice(self.homes)
        return dict(self.called(key), relation="户主" if key.endswith(".0") else "之子",
                    household_no=self.dice.choice(self.homes) if self.chance(.1) else home,
                    status=self.dice.choice("1111112"), residence=self.maybe("440300", .1))

    def education_student(self, key, period):
        return dict(self.called(key), grade=self.dice.choice(["P1", "P3", "J2", "J3", "H1"]),
                    status=self.dice.choice(["01", "01", "01", "02", "04", "05", "08"]),
                    absent_days=self.dice.choice([0, 0, 3, 12]), reason=self.maybe("01", .1),
                    school_area=self.dice.choice([str(self.code)] * 3 + ["440300"]))

    def education_audit(self, key, period):
        return dict(self.called(key), term="2026春" if period >= "2026-02" else "2025秋",
                    returned=self.chance(.6), audited_on=period + "-12")

    def education_aid(self, key, period):
        return dict(self.called(key), term="2026春" if period >= "2026-02" else "2025秋")

    def education_cost(self, key, period):
        return dict(self.called(key), tuition=self.dice.choice([0, 300000, 1500000]))

    def insurance_enrolment(self, key, period):
        return dict(self.called(key), insured_year=int(period[:4]), status=self.dice.choice("1112"),
                    marks=self.dice.choice([[], [], ["低保"], ["脱贫人口"]]),
                    aid_class=self.dice.choice("0023"))

    def insurance_settlement(self, key, period):
        own = self.dice.choice([100000, 400000, 700000, 1200000, 2500000])
        day = f"{period}-{self.dice.randint(1, 28):02d}"
        row = dict(self.called(self.anybody()), settlement_no=key, admitted_on=day, discharged_on=day,
                   self_total=own, total=own * 2, in_scope=own * 2, basic_paid=own,
                   kind=self.dice.choice(["21", "21", "14", "11"]), tilted=self.chance(.3))
        if self.numbers and self.chance(.15):
            row["reversal_of"] = self.dice.choice(self.numbers)
        return row

    def housing_house(self, key, period):
        owner = self.dice.choice([name for name in self.people])
        return dict(self.called(owner), address=self.known_by(self.home.get(owner))["address"],
                    house_no=key, grade=self.dice.choice("AABCDN"),
                    household_no=self.maybe(self.dice.choice(self.homes + [self.home.get(owner)]), .7),
                    only_home=self.chance(.8), built_year=self.dice.choice([1980, 2005]),
                    hazards=self.dice.choice([[], ["洪涝"]]), visited_on=self.maybe(self.date(), .6))

    def housing_renovation(self, key, period):
        return dict(project_no=key, house_no=f"F{self.dice.randint(0, 9)}", plan_year=2026,
                    started_on=self.maybe(self.date(2026, 2026)), cancelled=self.chance(.1),
                    finished_on=self.maybe(self.date(2025, 2026), .4))

    def water_household(self, key, period):
        owner = self.anybody()
        row = dict(self.called(owner), **self.known_by(self.home.get(owner)), account_no=key, supply=self.dice.choice("1110"),
                   household_no=self.maybe(self.home.get(owner), .7),
                   litres=self.dice.choice([10, 30, 60]), quality=self.dice.choice("1112"),
                   outage_days=self.dice.choice([0, 0, 8]))
        row.setdefault("name", self.names[owner])
        if self.chance(.4):
            del row["id_no"]
        return row

    def water_works(self, key, period):
        return dict(works_no=key, outage_from=self.maybe(period + "-05"), planned=self.chance(.2),
                    failed_items=self.dice.choice([[], ["浑浊度"]]))

    def water_complaint(self, key, period):
        return dict(complaint_no=key, received_on=period + "-02", closed_on=self.maybe(period + "-20"),
                    area=f"{self.code}10020{self.dice.randint(1, 3)}")

    def civil(self, key, period):
        return dict(self.called(key), started_on=self.date(2024, 2025),
                    ended_on=self.maybe(self.date(2026, 2026), .2))

    civil_destitute = civil_edge = civil

    def civil_dibao(self, key, period):
        return dict(self.civil(key, period), ineligible_on=self.maybe(self.date(2025, 2026), .3),
                    end_reason=self.maybe(self.dice.choice(["死亡", "收入超标"]), .3))

    def civil_relief(self, key, period):
        return dict(self.called(self.anybody()), relief_no=key)

    def civil_disability(self, key, period):
        return dict(self.called(key), grade=self.dice.choice("1234"),
                    kind=self.dice.choice(["肢体", "智力", "精神"]))

    def civil_standard(self, key, period):
        return dict(monthly=self.dice.choice([70000, 70000, 75000]),
                    effective_from=self.dice.choice(["2025-01-01", period + "-01"]))

    # ---- submissions ----

    def keys(self, record_type, share):
        """Keys that a submission of this type holds."""
        if record_type in EVENTS:
            fresh = [f"{record_type[-4:]}{len(self.numbers) + i}" for i in range(self.dice.randint(1, 4))]
            if record_type == "insurance.settlement":
                again = [key for key in self.numbers if self.chance(share * .2)]
                self.numbers += fresh
                return fresh + again
            return fresh
        if record_type == "register.household":
            pool = self.homes
        elif record_type in KEYS:
            pool = [f"{'FRWVQ'[list(KEYS).index(record_type) - 1]}{i}" for i in range(8)]
        elif record_type == "civil.standard":
            return ["one"]
        elif record_type in ("civil.dibao", "civil.destitute", "civil.edge", "civil.disability"):
            pool, share = list(self.people), share * .3
        else:
            pool = list(self.people)
        return [key for key in pool if self.chance(share)]

    def rows(self, record_type, period, share):
        make = getattr(self, record_type.replace(".", "_"))
        return [make(key, period) for key in self.keys(record_type, share)]

    def gone(self, record_type, period):
        """A deletion or two: rows with nothing but a key."""
        if record_type in EVENTS or record_type == "civil.standard":
            return []
        rows = self.rows(record_type, period, .1)
        if record_type in TERM + ["education.cost"]:
            return rows[:1]
        names = (KEYS.get(record_type, "id_no"), "insured_year")
        return [{name: row[name] for name in names if name in row} for row in rows[:2]]

    def doubtful(self, record_type):
        """Rows that cannot be used: a number, a name or a household may still be read."""
        if record_type in SMALL + ["housing.renovation", "civil.standard"] or not self.chance(.25):
            return []
        return [{name: value for name, value in (
            ("id_no", self.maybe(self.anybody())), ("name", self.maybe(self.dice.choice(NAMES), .7)),
            ("household_no", self.maybe(self.dice.choice(self.homes), .2))) if value}]

    def send(self, record_type, period, kind):
        share = {"full": .9, "delta": .15, "correction": .1}[kind]
        producer = "two" if record_type in REGISTER and self.chance(.25) else "one"
        rows = self.rows(record_type, period, share)
        removed = self.gone(record_type, period) if kind == "delta" else []
        doubtful = self.doubtful(record_type)
        stored = {}
        for row in rows:  # a submission holds a key once
            row = self.row(record_type, row)
            stored[tuple(row[name] for name in self.key(record_type))] = row
        for row in removed:
            stored.pop(tuple(self.row(record_type, row)[name] for name in self.key(record_type)), None)
        self.submit(record_type, period, list(stored.values()), kind=kind, removed=removed,
                    quarantine=doubtful, quarantined=None if self.chance(.2) else 0,
                    partial=self.chance(.02), producer=producer)
        return f"{kind} {record_type} {period}"

    def key(self, record_type):
        more = {"education.aid": ["term", "kind"], "education.audit": ["term"],
                "education.cost": ["school_year"], "insurance.enrolment": ["insured_year"],
                "civil.standard": ["effective_from"]}
        if record_type == "civil.standard":
            return ["area", "effective_from"]
        return [KEYS.get(record_type, "id_no"), *more.get(record_type, [])]

    def begin(self):
        """The register, two months nearly whole, and what comes by the term and year."""
        self.expect(*REGISTER, *MONTHLY, "civil.standard")
        self.send("civil.standard", "2025-12", "full")
        for record_type in REGISTER:
            self.send(record_type, "2025-12", "full")
        for record_type in TERM:
            self.send(record_type, "2026-02", "full")
        self.send("education.cost", "2025-12", "full")
        for period in ("2026-02", "2026-03"):
            for record_type in MONTHLY:
                if self.chance(.93):
                    self.send(record_type, period, "full")

    def decide(self):
        """A clerk says of a record and a member that they are one person, or two."""
        seed, same = self.dice.random(), self.chance(.6)
        self.pending.append(f"""insert into match.decision
            (county, record_type, record_key, id_no, same, reason)
            select county, record_type, record_key, id_no, {same}, 'a clerk of the test' from (
                select county, record_type, record_key, id_no, 1 as rank from match.link
                union
                select o.county, o.record_type, o.record_key, m.id_no, 2 from match.unmatched_row as o
                join feed.register_member as m on m.county = o.county and not m.removed) as known
            where county = {self.code} order by md5(concat(rank, record_key, id_no, {seed})) limit 1
            on conflict (county, record_type, record_key, id_no) do update set same = excluded.same""")
        return "decision"

    def step(self):
        """One submission of some feed, for some period; now and then a whole month."""
        if self.chance(.04):
            period = self.dice.choice(PERIODS[2:])
            for record_type in MONTHLY:
                self.send(record_type, period, "full")
            return f"all of {period}"
        if self.chance(.08):
            return self.decide()
        kinds = ["delta"] * 5 + ["correction"] * 4 + ["full"]
        if self.chance(.25):
            return self.send(self.dice.choice(REGISTER), self.dice.choice(PERIODS[:3]),
                             self.dice.choice(kinds))
        if self.chance(.08):
            return self.send(self.dice.choice(TERM), "2026-02", self.dice.choice(kinds))
        if self.chance(.02):
            return self.send("civil.standard", self.dice.choice(PERIODS), "full")
        return self.send(self.dice.choice(MONTHLY), self.dice.choice(PERIODS[1:5]),
                         self.dice.choice(kinds))
