"""Households that are wrong as a whole although each of their rows can be read.

A household with two heads, one with none, and, in a delta, members of one household added to another. All
are stored; what is odd about them goes back to the office as Q04, and a correction puts it right.
"""

import csv
import random

SHARE = 200       # one household in so many of each kind, but at least LEAST
LEAST = 2
HEAD, OTHER = "户主", "其他"


class Homes:
    """The register's base while the edition is made, and who may be damaged at all."""

    def __init__(self, base):
        self.rows = []  # (cells, mark) of the full file
        self.chance = random.Random("homes")
        self.left_alone = set()  # whom a delta names
        for path in sorted((base / "register").glob("register.*.delta.csv")):
            with open(path, encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    self.left_alone |= {row["户编号"], row.get("证件号码")}
        with open(base / "truth/findings.csv", encoding="utf-8-sig", newline="") as file:
            self.found = {row["subject"] for row in csv.DictReader(file) if row["subject_type"] == "person"}

    def households(self, header):
        """{household: its rows} of those that nothing else has happened to."""
        at, number = header.index("户编号"), header.index("证件号码")
        found = {}
        for row in self.rows:
            found.setdefault(row[0][at], []).append(row)
        return {home: rows for home, rows in found.items() if home not in self.left_alone and
                not any(mark.get("answer") or cells[number] in self.left_alone for cells, mark in rows)}

    def heads(self, sheet, header):
        """In the full file, before anything else: second heads, and households without one."""
        relation = header.index("与户主关系")
        self.rows = sheet.rows
        homes = {home: rows for home, rows in self.households(header).items() if len(rows) > 1}
        count = max(LEAST, len(homes) // SHARE)
        for turn, home in enumerate(self.chance.sample(sorted(homes), 2 * count)):
            head, *others = sorted(homes[home], key=lambda row: row[0][relation] != HEAD)
            cells, mark = head if turn % 2 else others[0]
            cells[relation] = OTHER if turn % 2 else HEAD
            mark.update(line=14, what="no head" if turn % 2 else "two heads", column="与户主关系", answer="Q04")
        self.rows = [(list(cells), mark) for cells, mark in sheet.rows]  # a form shifts the cells

    def moves(self, sheet, header, base_header):
        """In a delta: members of the base, for choice of whom something is found, added to another household."""
        place, number, relation, status = (base_header.index(name) for name in (
            "户编号", "证件号码", "与户主关系", "人员状态"))
        homes = self.households(base_header)
        movable = [(cells, mark) for rows in homes.values() for cells, mark in rows
                   if cells[relation] != HEAD and cells[status] == "1"]
        self.chance.shuffle(movable)
        movable.sort(key=lambda row: row[0][number] not in self.found)
        for cells, mark in movable[:max(LEAST, len(homes) // SHARE)]:
            other = self.chance.choice(sorted(home for home in homes if home != cells[place]))
            values = dict(zip(base_header, cells), 操作="新增", 户编号=other)
            sheet.rows.append(([values[name] for name in header],
                               {"line": 14, "what": f"also in household {other}", "column": "户编号",
                                "answer": "Q04", "clean": mark["clean"]}))
