"""A dirty edition of a synthetic county: dirty DIR, where DIR holds the clean one.

    DIR/dirty/<sector>/<file>    every clean file, with single rows damaged, in any kind and form
    DIR/dirty/<sector>.yaml      what the sector's adapter must have in its settings besides
    DIR/refused/<sector>/<file>  some of them once more, so that they must be refused whole
    DIR/early/<sector>/<file>    some once more, so that they are stored with a warning until the right one comes
    DIR/dirty.csv                what was done to which file and row, and the answer it must get

The same county gives the same bytes but for the workbooks, whose writers put the time into them.
"""

import collections
import csv
import os
import random
import re
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import attempt  # noqa: E402
import damage  # noqa: E402
import early  # noqa: E402
import homes  # noqa: E402
import layout  # noqa: E402

NAME = re.compile(r"([a-z]+\.[a-z]+)\.(\d{4}-\d{2})(\.delta)?\.(csv|nil)$")
LISTED = ("line", "file", "row", "column", "what", "answer", "clean_row")
READ_SHARE = 8      # one row in so many is written in another way
COPY_SHARE = 200    # one in so many stands there twice
# One row in so many is damaged for good. Where rules look for who is not in a list, a share over
# 1 % would keep them from running at all.
BAD_SHARE = 40
LISTS = {"insurance.enrolment", "education.student", "education.aid", "education.audit", "civil.dibao",
         "civil.destitute", "civil.edge", "civil.disability"}
LIST_SHARE = 150
# Left whole: one row decides for everybody, or its loss changes what another row says. A lost row of a
# delta leaves the older one in force, a lost reversal or renovation leaves what it would take away.
WHOLE = {"civil.standard", "register.village", "housing.renovation"}
FIRST_KEYS = {"education.student": "身份证件号", "insurance.enrolment": "证件号码",
              "insurance.settlement": "结算编号", "housing.house": "房屋编号",
              "water.household": "用水户号", "register.member": "证件号码"}
OTHERWISE = {"education.student": ("年级", "U"), "insurance.enrolment": ("险种", "310"),
             "insurance.settlement": ("倾斜支付", "是"), "housing.house": ("建成年份", "1949"),
             "water.household": ("水质", "9"), "register.member": ("在校生状况", "不详")}


class Edition:
    """One county's dirty edition while it is made."""

    def __init__(self, base):
        self.base = base
        self.listed = []
        self.attempts = list(attempt.ATTEMPTS)
        self.early = list(early.EARLY)
        self.homes, self.base_header, self.moved = homes.Homes(base), None, False
        self.made = 0

    def note(self, line, file, row, column, what, answer, clean_row=""):
        self.listed.append(dict(zip(LISTED, (line, file, row, column, what, answer, clean_row))))

    # ---- rows

    def spoil(self, chance, record_type, sheet, header):
        """Damage rows for good, at most one spot a row."""
        share = LIST_SHARE if record_type in LISTS else BAD_SHARE
        rows = len(sheet.rows)
        if record_type in WHOLE or "操作" in header:
            return
        for at in chance.sample(range(rows), rows // share):
            cells, mark = sheet.rows[at]
            if mark.get("answer"):
                continue
            if "冲销原结算编号" in header and cells[header.index("冲销原结算编号")]:
                continue
            done = damage.bad(chance, record_type, header, cells)
            if done:
                mark.update(zip(("line", "what", "column", "answer"), done))

    def quarrel(self, chance, record_type, sheet, header):
        """A key with two contents: both rows are quarantined, and the second is the wrong one."""
        if record_type not in FIRST_KEYS or "操作" in header or len(sheet.rows) < LIST_SHARE * 2:
            return
        column, other = OTHERWISE[record_type]
        at = chance.randrange(len(sheet.rows))
        cells, mark = sheet.rows[at]
        if mark.get("answer") or cells[header.index(column)] == other:
            return
        spoken = {"line": 14, "what": "a key with two contents", "column": FIRST_KEYS[record_type],
                  "answer": "key"}
        mark.update(spoken)
        double = list(cells)
        double[header.index(column)] = other
        sheet.rows.append((double, {**spoken, "clean": ""}))

    def write_otherwise(self, chance, record_type, sheet, header):
        """Write rows in another way that must be read as the same."""
        for at in chance.sample(range(len(sheet.rows)), -(-len(sheet.rows) // READ_SHARE)):
            cells, mark = sheet.rows[at]
            done = None if mark.get("answer") else damage.read(chance, record_type, header, cells)
            if done:
                mark.update(zip(("line", "what", "column"), done), answer="read")

    def repeat(self, chance, sheet, header):
        """Exact copies, and what somebody typed to try the system."""
        for at in sorted(chance.sample(range(len(sheet.rows)), len(sheet.rows) // COPY_SHARE), reverse=True):
            cells, mark = sheet.rows[at]
            if not mark.get("answer"):
                sheet.rows.insert(at + 1, (list(cells), {"line": 14, "what": "the same row twice",
                                                         "answer": "collapsed"}))
        names = [at for at, name in enumerate(header) if name in damage.NAMES]
        if names and len(sheet.rows) > COPY_SHARE:
            cells = list(chance.choice(sheet.rows)[0])
            cells[names[0]] = "测试"
            sheet.rows.insert(0, (cells, {"line": 15, "what": "a test row", "answer": "tests"}))

    # ---- files

    def attempt(self, path, record_type, clean, rows, before):
        """One of the files that must be refused, when one that is still to be made fits."""
        for entry in self.attempts:
            line, what, make, answer = entry
            content = make(clean, rows, before, record_type)
            if content is None:
                continue
            self.attempts.remove(entry)
            self.put("refused", path, content, line, what, answer)
            return

    def send_early(self, path, record_type, rows, before):
        """One of the files that are stored with a warning; `before` are the dirty files of the months before."""
        for entry in self.early:
            line, what, make, answer = entry
            content = make(rows, before, record_type)
            if content is not None:
                self.early.remove(entry)
                self.put("early", path, content, line, what, answer)
                return

    def put(self, folder, path, content, line, what, answer):
        target = self.base / folder / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.note(line, str(target.relative_to(self.base)), "", "", what, answer)

    def kind(self, rows):
        """The next kind of file that suits so many rows, and the next form."""
        kinds = len(layout.KINDS)
        while not layout.fits(layout.KINDS[self.made % kinds][1], rows):
            self.made += 1
        kind = layout.KINDS[self.made % kinds]
        form = layout.FORMS[self.made % len(layout.FORMS)]
        self.made += 1
        return kind, form

    def file(self, path, before, dirty_before):
        """The dirty edition of one clean file; `before` is the text of the month before, or None.

        `dirty_before` are the dirty files of all months before. Returns the dirty file's bytes.
        """
        record_type = NAME.match(path.name)[1]
        clean = path.read_text(encoding="utf-8-sig")
        header, *rows = csv.reader(clean.splitlines())
        chance = random.Random(path.name)
        self.attempt(path, record_type, clean, [header, *rows], before)
        self.send_early(path, record_type, [header, *rows], dirty_before)
        sheet = layout.Sheet(list(header))
        sheet.rows = [(list(cells), {"clean": at}) for at, cells in enumerate(rows, 2)]
        (line, what, write), form = self.kind(len(rows))
        if record_type == "register.member" and "操作" not in header:
            self.homes.heads(sheet, header)
            self.base_header = list(header)
        elif record_type == "register.member" and not self.moved:
            self.homes.moves(sheet, header, self.base_header)
            self.moved = True
        self.spoil(chance, record_type, sheet, header)
        self.quarrel(chance, record_type, sheet, header)
        self.write_otherwise(chance, record_type, sheet, header)
        self.repeat(chance, sheet, header)
        above = form(sheet, chance)
        target = self.base / "dirty" / path.parent.name / path.name
        name = str(target.relative_to(self.base))
        target.parent.mkdir(parents=True, exist_ok=True)
        content = write([*above, *(cells for cells, _ in sheet.rows)], header)
        target.write_bytes(content)
        for note in [(line, what), *sheet.notes]:
            self.note(note[0], name, "", "", note[1], "read")
        for row, mark in sheet.place(len(above) + 1):
            if mark.get("answer"):
                self.note(mark["line"], name, row, mark.get("column", ""), mark["what"], mark["answer"],
                          mark.get("clean", ""))
        return content

    def make(self):
        before, dirty_before = {}, collections.defaultdict(list)
        for folder in ("dirty", "early", "refused"):
            shutil.rmtree(self.base / folder, ignore_errors=True)
        paths = [path for path in self.base.glob("*/*") if NAME.match(path.name)]
        for path in sorted(paths, key=lambda path: (NAME.match(path.name)[2], path.name)):
            record_type, _, _, ending = NAME.match(path.name).groups()
            if ending == "csv":
                dirty_before[record_type].append(self.file(path, before.get(record_type), dirty_before[record_type]))
                before[record_type] = path.read_text(encoding="utf-8-sig")
            else:
                target = self.base / "dirty" / path.parent.name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        for sector, text in damage.SETTINGS.items():
            (self.base / "dirty" / f"{sector}.yaml").write_text(text, encoding="utf-8")
        with open(self.base / "dirty.csv", "w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, LISTED, lineterminator="\n")
            table.writeheader()
            table.writerows(self.listed)


def main():
    edition = Edition(Path(sys.argv[1]))
    edition.make()
    bad = sum(entry["row"] != "" and entry["answer"] in
              {"id", "name", "date", "money", "number", "code", "county", "key", "unit"}
              for entry in edition.listed)
    refused = sum(entry["answer"].startswith("refused") for entry in edition.listed)
    print(f"dirty {len(edition.listed)} bad {bad} refused {refused}")


if __name__ == "__main__":
    os.umask(0o077)
    main()
