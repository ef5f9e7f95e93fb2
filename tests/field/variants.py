"""Variants of the field's kinds of damage: other lists, other columns, other kinds of file."""

import csv
import datetime
import io
import re
import subprocess
import zipfile

import sheet
from sheet import Error, Formula, Number, Raw

PERIOD = "2026-03"
ROWS = 24
# Lists with their columns: a reference, an optional one, the name, a sum, an optional date.
LISTS = {
    "housing.house": ("房屋编号", "户编号", "户主姓名", None, "鉴定日期"),
    "register.member": ("户编号", None, "姓名", None, "状态变更日期"),
    "water.household": ("用水户号", "户编号", "户主姓名", None, "检测日期"),
    "civil.dibao": ("低保证号", None, "姓名", "月保障金额", "终止日期"),
    "insurance.enrolment": (None, None, "姓名", "资助金额", "缴费日期"),
    "education.student": ("学校标识码", None, "姓名", None, "状态日期"),
}
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?")
NOTHING = ("无", "暂无", "/", "—", "NULL", "\\N", "None", "nan", "0")


def text(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def mended(path, changes):
    """The file as it should be: changes are [row from 1 below the header or null for all, column, value]."""
    if path.suffix == ".xlsx":
        rows = read_xlsx(path)
    else:
        raw = path.read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(raw), delimiter="|" if path.suffix == ".txt" else ","))
    for row, column, value in changes:
        if row == "drop":  # everything from this row of the file on
            rows = rows[:column]
        elif row is None:
            at = rows[0].index(column)
            for line in rows[1:]:
                line[at] = value(line[at]) if callable(value) else value
        else:
            rows[row][rows[0].index(column)] = value
    return text(rows)


def read_xlsx(path):
    """The plain cells of a small workbook's first sheet."""
    with zipfile.ZipFile(path) as archive:
        main = archive.read("xl/worksheets/sheet1.xml").decode()
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            shared = [re.sub("<[^>]+>", "", item)
                      for item in re.findall(r"<si>(.*?)</si>", archive.read("xl/sharedStrings.xml").decode(), re.S)]
    rows = []
    for line in re.findall(r"<row [^>]*>(.*?)</row>", main, re.S):
        row = []
        for attributes, body in re.findall(r"<c ([^>]*?)(?:/>|>(.*?)</c>)", line, re.S):
            column = 0
            for letter in re.search(r'r="([A-Z]+)', attributes)[1]:
                column = column * 26 + ord(letter) - 64
            value = re.sub("<[^>]+>", "", body)
            row += [""] * (column - 1 - len(row))
            row.append(shared[int(value)] if 't="s"' in attributes else value)
        rows.append(row)
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


class Lists:
    """Clean lists of a made-up county, a few rows of each."""

    def __init__(self, folder, built):
        subprocess.run([built / "tests/population/population", "--out", folder / "county", "--county", "360722",
                        "--profile", "xinfeng", "--households", "400", "--months", "3"], check=True,
                       stdout=subprocess.DEVNULL)
        self.folder, self.tables, self.count = folder, {}, 0
        for name in LISTS:
            path = next(path for path in sorted((folder / "county" / name.partition(".")[0]).glob(f"{name}.*.csv"))
                        if "delta" not in path.name)
            rows = list(csv.reader(path.open(encoding="utf-8-sig", newline="")))
            self.tables[name] = [rows[0], *rows[1:1 + ROWS]]

    def rows(self, name):
        return [list(row) for row in self.tables[name]]

    def case(self, what, name, rows, expected, twin=None, kind="csv", write=None):
        """Write a damaged file, and the clean one that it must equal."""
        self.count += 1
        path = self.folder / f"v{self.count:03d}.{kind}"
        if write:
            write(path)
        elif kind == "xlsx":
            sheet.write(path, [("Sheet1", "visible", sheet.sheet(rows))])
        else:
            path.write_text(text(rows), encoding="utf-8")
        other = None
        if twin:
            other = self.folder / f"v{self.count:03d}-as.csv"
            other.write_text(text(twin), encoding="utf-8")
        return f"{what} ({name}, {kind})", path, name, PERIOD, expected, other


def set_all(rows, column, change, only=None):
    at = rows[0].index(column)
    for number, row in enumerate(rows[1:], 1):
        if only is None or number in only:
            row[at] = change(row[at])
    return rows


def references(lists):
    """Numbers that a spreadsheet damaged, guards, marks for nothing."""
    for name, (key, optional, *_) in LISTS.items():
        if key is None:
            continue
        for kind in ("csv", "xlsx"):
            yield lists.case("scientific reference", name, set_all(lists.rows(name), key, lambda v: "3.60722E+13"),
                             {"refused": "column_damaged", "says": [key]}, kind=kind)
        for what, guard in (("apostrophe", "’{}"), ("tab", "\t{}\t"), ("formula", '="{}"'), ("invisible", "\u200b{}\u00ad"),
                            ("full width", None)):
            wide = str.maketrans({chr(c): chr(c + 0xfee0) for c in range(0x21, 0x7f)})
            change = (lambda v: v.translate(wide)) if guard is None else (lambda v, g=guard: g.format(v))
            yield lists.case(f"{what} round a reference", name, set_all(lists.rows(name), key, change, {2, 5}),
                             {"stored": ROWS}, lists.rows(name))
        yield lists.case("error in a reference", name, set_all(lists.rows(name), key, lambda v: "#REF!", {3, 4}),
                         {"reasons": {"text": 2}})
        if optional:
            yield lists.case("nothing in an optional reference", name,
                             set_all(lists.rows(name), optional, lambda v, words=iter(NOTHING * 3): next(words)),
                             {"stored": ROWS}, set_all(lists.rows(name), optional, lambda v: ""))


def names(lists):
    for name, (_, _, column, *_) in LISTS.items():
        masks = iter(("陈*芳", "陈**", "陈某某", "#N/A"))
        yield lists.case("names that are none", name, set_all(lists.rows(name), column, lambda v: next(masks), {1, 2, 3, 4}),
                         {"reasons": {"name": 4}})
        yield lists.case("quotation marks round names", name, set_all(lists.rows(name), column, "“{}”".format, {1, 2}),
                         {"stored": ROWS}, lists.rows(name))


def sums(lists):
    for name, (_, _, _, column, _) in LISTS.items():
        if column is None:
            continue
        width = len(lists.rows(name)[0])
        for title in ("2026年3月统计表（万元）", "单位：千元", "金额单位：万元"):
            yield lists.case(f"title {title}", name, [[title] + [""] * (width - 1), *lists.rows(name)],
                             {"refused": "unit", "says": [column]})
        yield lists.case("foot in 万元", name, [*lists.rows(name), ["注：单位为万元"] + [""] * (width - 1)],
                         {"refused": "unit"})
        yield lists.case("sums with 万元", name, set_all(lists.rows(name), column, lambda v: "1.25万元"),
                         {"refused": "unit"})
        at = lists.rows(name)[0].index(column)
        for code, expected in (('0.00"万元"', {"refused": "unit"}), ('0.0"千元"', {"refused": "unit"})):
            rows = lists.rows(name)
            for row in rows[1:]:
                row[at] = Raw('<c{at} s="1"><v>1.25</v></c>')
            yield lists.case(f"format {code}", name, rows, expected, kind="xlsx",
                             write=lambda path, rows=rows, code=code: sheet.write(
                                 path, [("a", "visible", sheet.sheet(rows))], formats=[code]))


def lines(lists):
    for name in LISTS:
        rows = lists.rows(name)
        width = len(rows[0])
        foot = [[words] + [""] * (width - 1) for words in ("合计24人", "（以下无正文）", "单位（盖章）：", "甲村小计")]
        yield lists.case("foot lines", name, [*rows, *foot], {"stored": ROWS, "tails": 4}, lists.rows(name))
        yield lists.case("the title's month", name, [["2026年2月名册"] + [""] * (width - 1), *lists.rows(name)],
                         {"warns": ["title_month"]})
        yield lists.case("bars between the cells", name, rows, {"stored": ROWS}, lists.rows(name), kind="txt",
                         write=lambda path, rows=rows: path.write_text(
                             "\n".join("|".join(row) for row in rows), encoding="utf-8"))


def endless(lists):
    """Small workbooks that say long texts again and again: refused within the time that a file has."""
    for name in ("water.household", "civil.dibao"):
        rows = lists.rows(name)
        rows = [rows[0], ["长" * 2000] * len(rows[0]), *[[""]] * 300000]
        areas = [f"{sheet.name_of(at)}2:{sheet.name_of(at)}300002" for at in range(len(rows[0]))]
        crossing = [f"A{2 + at % 500}:A{300002 - at}" for at in range(60000)]
        for what, merges in (("merged areas of long texts", areas), ("areas that cross", areas + crossing)):
            yield lists.case(what, name, [], {"refused": "size_limit"}, kind="xlsx",
                             write=lambda path, rows=rows, merges=merges: sheet.write(
                                 path, [("a", "visible", sheet.sheet(rows, merges=merges))]))


def books(lists):
    """Workbooks: formulas, errors, escapes, hidden rows, merged cells, more sheets, zeros."""
    for name, (key, _, person, _, date) in LISTS.items():
        rows = lists.rows(name)
        at, of = rows[0].index(date), rows[0].index(person)
        for row in rows[1:3]:
            row[at] = Raw("<c{at}><f>TODAY()</f></c>")
        yield lists.case("formula without a result", name, rows, {"reasons": {"formula": 2}}, kind="xlsx")
        rows, clean = lists.rows(name), lists.rows(name)
        for row, twin in zip(rows[1:3], clean[1:3]):
            row[at], twin[at] = Raw('<c{at} t="str"><f>TRIM("")</f><v></v></c>'), ""
        yield lists.case("formula that gave an empty text", name, rows, {"stored": ROWS}, clean, kind="xlsx")
        rows = lists.rows(name)
        for row in rows[1:3]:
            row[of] = Raw('<c{at} t="e"><v>#N/A</v></c>')
        yield lists.case("error cell for a name", name, rows, {"reasons": {"name": 2}}, kind="xlsx")
        rows = lists.rows(name)
        for row in rows[1:3]:
            row[of] = row[of] + "_x000D_"
        yield lists.case("escaped characters", name, rows, {"stored": ROWS}, lists.rows(name), kind="xlsx")
        clean = lists.rows(name)
        yield lists.case("hidden rows", name, clean, {"stored": ROWS, "warns": ["hidden_rows"]}, clean, kind="xlsx",
                         write=lambda path, rows=clean: sheet.write(
                             path, [("a", "visible", sheet.sheet(rows, hidden={3, 4, 5}))]))
        yield lists.case("a second sheet with the header", name, clean, {"refused": "sheets", "says": ["乙镇"]},
                         kind="xlsx", write=lambda path, rows=clean: sheet.write(
                             path, [("甲镇", "visible", sheet.sheet(rows[:12])),
                                    ("乙镇", "visible", sheet.sheet([rows[0], *rows[12:]]))]))
        yield lists.case("a hidden sheet", name, clean, {"stored": ROWS}, clean, kind="xlsx",
                         write=lambda path, rows=clean: sheet.write(
                             path, [("上月", "hidden", sheet.sheet(rows[:9])), ("本月", "visible", sheet.sheet(rows))]))
        if key:
            rows, column = lists.rows(name), clean[0].index(key)
            same = lists.rows(name)
            for number in (2, 3):
                same[number][column] = same[1][column] if name == "register.member" else same[number][column]
            if name == "register.member":
                rows[2][column] = rows[3][column] = ""
                area = f"{sheet.name_of(column)}2:{sheet.name_of(column)}4"
                yield lists.case("merged cells", name, rows, {"stored": ROWS}, same, kind="xlsx",
                                 write=lambda path, rows=rows, area=area: sheet.write(
                                     path, [("a", "visible", sheet.sheet(rows, merges=[area]))]))
            rows = lists.rows(name)
            same = lists.rows(name)
            for number, row in enumerate(rows[1:], 1):
                row[column] = Raw(f'<c{{at}} s="1"><v>{700 + number}</v></c>')
                same[number][column] = f"{700 + number:08d}"
            yield lists.case("zeros that the format shows", name, rows, {"stored": ROWS}, same, kind="xlsx",
                             write=lambda path, rows=rows: sheet.write(
                                 path, [("a", "visible", sheet.sheet(rows))], formats=["00000000"]))


def serial(value, from_1904=False):
    """The number by which a spreadsheet knows a day."""
    return (datetime.date.fromisoformat(value) - datetime.date(1904 if from_1904 else 1899, *(
        (1, 1) if from_1904 else (12, 30)))).days


def old_books(lists):
    """The same in .xls."""

    def case(what, name, rows, expected, twin=None, more=None, before=(), behind=(), from_1904=False):
        return lists.case(what, name, rows, expected, twin, "xls", lambda path: sheet.write_xls(
            path, [*before, ("本月", rows, more or {}), *behind], from_1904))

    def put(name, column, values):
        """The list with values in the first rows of a column."""
        rows = lists.rows(name)
        for row, value in zip(rows[1:], values):
            row[rows[0].index(column)] = value
        return rows

    for name, (key, _, person, money, date) in LISTS.items():
        clean = lists.rows(name)
        people = [row[clean[0].index(person)] for row in clean[1:4]]
        day = "2026-03-02"
        yield case("a plain list", name, clean, {"stored": ROWS}, clean)
        yield case("formulas that gave a text", name, put(name, person, [Formula('TRIM("甲")', who) for who in people]),
                   {"stored": ROWS}, clean)
        yield case("formulas that gave a day", name,
                   put(name, date, [Formula("TODAY()", serial(day), "yyyy-mm-dd", flags=1)] * 3), {"stored": ROWS},
                   put(name, date, [day] * 3))
        yield case("formulas that gave an empty text beside others", name,
                   put(name, date, [Formula('TRIM("")', ""), Formula("TODAY()", serial(day), "yyyy-mm-dd")]),
                   {"stored": ROWS}, put(name, date, ["", day]))
        yield case("formulas that were never calculated", name, put(name, date, [Formula("TODAY()")] * 3),
                   {"reasons": {"formula": 3}})
        yield case("formulas that ask to be calculated", name,
                   put(name, date, [Formula("TODAY()", serial(day), "yyyy-mm-dd", flags=2)]),
                   {"stored": ROWS, "warns": ["not_calculated"]})
        yield case("errors for names", name,
                   put(name, person, [Error("#N/A"), Error("#REF!"), Formula("NA()", Error("#N/A"))]),
                   {"reasons": {"name": 3}})
        for hidden in (1, 2):
            yield case("a hidden sheet", name, clean, {"stored": ROWS}, clean,
                       before=[("上月", clean[:9], {"visibility": hidden})])
        yield case("hidden rows", name, clean, {"stored": ROWS, "warns": ["hidden_rows"], "says": ["3 行"]}, clean,
                   more={"hidden": {3, 4, 5}})
        yield case("a second sheet with the header", name, clean[:12], {"refused": "sheets", "says": ["乙镇"]},
                   behind=[("乙镇", [clean[0], *clean[12:]], {})])
        yield case("days as numbers with a format", name, put(name, date, [Number(serial(day), "yyyy/m/d")] * 3),
                   {"stored": ROWS}, put(name, date, [day] * 3))
        yield case("days of 1904 with a format", name, put(name, date, [Number(serial(day, True), "yyyy/m/d")] * 3),
                   {"stored": ROWS}, put(name, date, [day] * 3), from_1904=True)
        yield case("days of 1904 as plain numbers", name, put(name, date, [Number(serial(day, True))] * 3),
                   {"reasons": {"date": 3}}, from_1904=True)
        notes = [[*row, note] for row, note in zip(clean, ["说明", *(f"𠮷{'长' * 700}é{at}" for at in range(ROWS))])]
        yield case("texts longer than a record", name, notes, {"stored": ROWS, "warns": ["unknown_columns"]}, clean)
        if key:
            zeros = [Number(700 + at, "00000000") for at in range(ROWS)]
            yield case("zeros that the format shows", name, put(name, key, zeros), {"stored": ROWS},
                       put(name, key, [f"{zero.value:08d}" for zero in zeros]))
        if name == "register.member":
            house = clean[1][clean[0].index(key)]
            yield case("merged cells", name, put(name, key, [house, "", ""]), {"stored": ROWS},
                       put(name, key, [house] * 3), {"merges": [(2, 4, clean[0].index(key))]})
        if money:
            yield case("formulas that gave a sum", name, put(name, money, [Formula("300*1.1", 330.0)] * 3),
                       {"stored": ROWS}, put(name, money, ["330"] * 3))
            yield case("errors for sums", name, put(name, money, [Error("#DIV/0!"), Formula("1/0", Error("#DIV/0!"))]),
                       {"reasons": {"money": 2}})
            for code in ('0.00"万元"', '0.0"千元"'):
                yield case(f"format {code}", name, put(name, money, [Number(1.25, code)] * ROWS), {"refused": "unit"})


def strangers(lists):
    """What is no table."""
    for name, content in (("7z", b"7z\xbc\xaf\x27\x1c" + bytes(40)), ("gz", b"\x1f\x8b\x08" + bytes(40))):
        yield lists.case(f"a .{name} archive", "civil.dibao", [], {"refused": "archive", "says": ["解压"]}, kind=name,
                         write=lambda path, content=content: path.write_bytes(content))
    for begin in ("<body>", "<script>", "<TD>", "  <center>", "<o:p>"):
        yield lists.case(f"a page that begins with {begin}", "housing.house", [], {"refused": "spreadsheet"}, kind="xls",
                         write=lambda path, begin=begin: path.write_text(f"{begin}<table><tr><td>户编号</td></tr>"))
    for what, content in (("BIFF3", b"\x09\x02\x06\x00" + bytes(20)), ("BIFF4", b"\x09\x04\x06\x00" + bytes(20))):
        yield lists.case(f"an .xls of {what}", "water.household", [], {"refused": "spreadsheet", "says": ["xlsx"]},
                         kind="xls", write=lambda path, content=content: path.write_bytes(content))


def make(folder, built):
    lists = Lists(folder, built)
    for kind in (references, names, sums, lines, books, old_books, endless, strangers):
        yield from kind(lists)
