"""Writes the files of README.md's table: make.py DIRECTORY

Each function below is one file, named by its line in the table. Nobody in them is real: the numbers
begin with area codes that no table holds.
"""

import datetime
import io
import sys
import zipfile
from pathlib import Path

import openpyxl
import xlwt

ENROLMENT = "证件号码,姓名,参保年度,险种,参保状态,缴费日期,资助类别,资助金额,参保地代码,身份标识".split(",")
SETTLEMENT = ("结算编号,证件号码,姓名,医疗类别,入院日期,出院日期,医疗费总额,政策范围内费用,基本医保支付,"
              "大病保险支付,医疗救助支付,其他支付,政策内自付,个人自付总额,倾斜支付,冲销原结算编号").split(",")
FILES = {}


def file(name):
    """Registers the function that makes the file `name`; it returns text or bytes."""
    return lambda make: FILES.setdefault(name, make)


def number(n, area="360799", born="19900101"):
    """The n-th citizen number, with its check character."""
    digits = f"{area}{born}{n:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(a) * b for a, b in zip(digits, weights)) % 11]


def ending(wanted, start=0):
    """A citizen number that ends in `wanted`."""
    return next(number(n) for n in range(start, 1000) if number(n).endswith(wanted))


def enrolled(id_no, name="陈芳", paid="2026-01-05", amount="0", scheme="390"):
    return [id_no, name, "2026", scheme, "1", paid, "0", amount, "360799001001", ""]


def people(count, start=0):
    return [enrolled(number(n)) for n in range(start, start + count)]


def saved(book):
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(rows, delimiter=",", end="\n"):
    return "".join(delimiter.join(row) + end for row in rows)


def roster(*rows, good=12):
    """An enrolment roster: `good` rows in order, then these."""
    return csv([ENROLMENT, *people(good), *rows])


# ---- 1 to 6: numbers

@file("01-scientific.csv")
def _():
    return roster(enrolled("3.50801E+17"))


@file("02-cut.csv")
def _():
    return csv([ENROLMENT, *people(20), *(enrolled(f"360799199001{n:02d}000"[:15] + "000")
                                          for n in range(10, 15))])


@file("02-double.csv")
def _():
    return csv([ENROLMENT, *(enrolled(str(360799199001010016 + 64 * n)) for n in range(25))])


@file("03-wrapped.csv")
def _():
    return roster(enrolled(f'="{number(50)}"'), enrolled("'" + number(51)), enrolled(number(52) + "\t"))


@file("03-plain.csv")
def _():
    return roster(*people(3, 50))


@file("04-letters.csv")
def _():
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    x = [ending("X", start) for start in (100, 200, 300, 400, 500)]
    return csv([ENROLMENT, *people(17), enrolled(x[0].lower()), enrolled(x[1].translate(wide)),
                enrolled(number(60).translate(wide)), enrolled(x[2][:-1] + "Х"),
                enrolled(x[3][:-1] + "Ⅹ"), enrolled(x[4][:-1] + "*")])


@file("05-blanks.csv")
def _():
    a, b, c = number(50), number(51), number(52)
    return roster(enrolled(f" {a[:6]} {a[6:14]} {a[14:]}"), enrolled(f"{b[:6]}\u00a0{b[6:]}"),
                  enrolled(f"{c[:6]}\u200b{c[6:]}\u3000"))


@file("06-lengths.csv")
def _():
    short = number(50)
    return roster(enrolled(short[:6] + short[8:17]), enrolled(number(51) + "43"),
                  enrolled(number(52) + "43B1"))


# ---- 7 and 8: encodings and names

NAMES = ("王䶮", "李㙍", "𠮷莹", "陈芳")


def named():
    return roster(*(enrolled(number(50 + n), name) for n, name in enumerate(NAMES)))


@file("07-utf8.csv")
def _():
    return named()


@file("07-bom.csv")
def _():
    return "\ufeff" + named()


@file("07-gb18030.csv")
def _():
    return named().encode("gb18030")


@file("07-utf16le.txt")
def _():
    return b"\xff\xfe" + named().replace(",", "\t").replace("\n", "\r\n").encode("utf-16-le")


@file("07-utf16be.csv")
def _():
    return b"\xfe\xff" + named().encode("utf-16-be")


@file("07-neither.csv")
def _():
    return named().encode("gb18030") + b"\xff\xff\n"


@file("07-mixed.csv")
def _():
    return named().encode() + csv([enrolled(number(60))]).encode("gb18030")


@file("07-mojibake.csv")
def _():
    return named().encode().decode("gb18030", errors="replace")


@file("07-lost.csv")
def _():
    return roster(enrolled(number(50), "锟斤拷"), enrolled(number(51), "陈?"))


@file("08-names.csv")
def _():
    return roster(enrolled(number(50), "陈 芳"), enrolled(number(51), "陈　芳"),
                  enrolled(number(52), "阿依古丽•买买提"))


@file("08-plain.csv")
def _():
    return roster(enrolled(number(50)), enrolled(number(51)), enrolled(number(52), "阿依古丽·买买提"))


# ---- 9: forms

@file("09-form.csv")
def _():
    columns = len(ENROLMENT) + 1
    upper = ["序号", "证件号码", "姓名", "参保", "", "", "缴费日期", "资助", "", "参保地代码", "身份标识"]
    lower = ["", "", "", "年度", "险种", "参保状态", "", "类别", "金额（元）", "", ""]
    rows = [["2026年5月城乡居民参保名册"], ["", "", "单位：元"], upper, lower]
    rows += [[str(n + 1), *row] for n, row in enumerate(people(12))]
    rows += [["小计", "", "", "", "", "", "", "", "12"], ["合  计", "12人"], ["", "总计", "", "", "", "", "", "", "12"],
             ["填表人：某某", "", "", "审核人：某某"]]
    return csv([row + [""] * (columns - len(row)) for row in rows])


@file("09-merged.xlsx")
def _():
    """The form above as somebody draws it: the heads of columns and groups are merged cells."""
    book = openpyxl.Workbook()
    for line in FILES["09-form.csv"]().splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    for area in ("A1:K1", "A3:A4", "B3:B4", "C3:C4", "D3:F3", "G3:G4", "H3:I3", "J3:J4", "K3:K4"):
        book.active.merge_cells(area)
    return saved(book)


@file("09-foot.csv")
def _():
    """A foot whose second word stands where the numbers do."""
    rows = [[str(n), *row] for n, row in enumerate(people(12), 1)]
    return csv([["序号", *ENROLMENT], *rows, ["填表人：某某", "审核人：某某某", *[""] * 9], ["合计", "负责人:某某某", *[""] * 9]])


@file("09-pages.csv")
def _():
    """As printed: the header and a sum on every page."""
    pages = [[ENROLMENT, *people(4, start), ["本页小计", "4人", *[""] * 8]] for start in (0, 4, 8)]
    return csv([row for page in pages for row in page], end="\r\n").encode("gb18030")


@file("09-unit.csv")
def _():
    return "参保资助汇总（单位：万元）\n" + roster()


# ---- 10 to 14: values

@file("10-dates.csv")
def _():
    good = ("45356", "2024年3月5日", "2024.3.5", "20240305", "2024/3/5", "")
    bad = ("2024-02-30", "长期", "0000-00-00")
    return roster(*(enrolled(number(50 + n), paid=paid) for n, paid in enumerate(good + bad)))


def students(statuses):
    head = "身份证件号,姓名,学校标识码,学校所在地代码,年级,学籍状态".split(",")
    return csv([head, *([number(n, born="20150101"), "陈芳", "3607990001", "360799001001", "P3", status]
                        for n, status in enumerate(statuses))])


@file("11-zeros.csv")
def _():
    return students(["1", "2", "3", "8"])


@file("11-plain.csv")
def _():
    return students(["01", "02", "03", "08"])


@file("12-money.csv")
def _():
    amounts = ("１２３４", '"1,234.50"', '"¥1,234.50"', "-", "无", "", "1.2万")
    return roster(*(enrolled(number(50 + n), amount=amount) for n, amount in enumerate(amounts)), good=16)


def settled(n, day="2026-05-03", sign="", reversal="", area="360799"):
    zero = ["0"] * 4
    return [f"JS{n:04d}" + ("R" if reversal else ""), number(n, area), "陈芳", "11", day, day, sign + "100", sign + "100",
            *zero, sign + "100", sign + "100", "否", reversal]


@file("12-reversal.csv")
def _():
    return csv([SETTLEMENT, *(settled(n) for n in range(4)), settled(1, sign="-", reversal="JS0001")])


def disabled(grades):
    head = "身份证号,姓名,残疾类别,残疾等级".split(",")
    return csv([head, *([number(n), "陈芳", "肢体", grade] for n, grade in enumerate(grades))])


@file("13-grades.csv")
def _():
    return disabled(["一级", "1级", "壹级", "肆级", "２"])


@file("13-plain.csv")
def _():
    return disabled(["1", "1", "1", "4", "2"])


def houses(grades):
    head = "房屋编号,户主身份证号,户主姓名,行政区划代码,鉴定等级,唯一住房,是否居住".split(",")
    return csv([head, *([f"F{n}", number(n), "陈芳", "360799001001", grade, "是", "是"]
                        for n, grade in enumerate(grades))])


@file("13-houses.csv")
def _():
    return houses(["Ｃ", "丙", "C级", "甲", "D"])


@file("13-houses-plain.csv")
def _():
    return houses(["C", "C", "C", "A", "D"])


@file("14-copies.csv")
def _():
    return roster(people(1)[0], enrolled(number(50)), enrolled(number(50), scheme="310"))


# ---- 15 to 17: what else comes along

@file("15-tests.csv")
def _():
    return roster(enrolled(number(50), "测试"), enrolled("110101199001010000", "张三"), enrolled("1" * 18))


@file("15-phone.csv")
def _():
    head = "身份证件号,姓名,学校标识码,学校所在地代码,年级,学籍状态,联系电话".split(",")
    rows = [[number(n, born="20150101"), "陈芳", "3607990001", "360799001001", "P3", "01", "13800000000"]
            for n in range(5)]
    rows.append(["1", *rows[0][1:]])
    return csv([head, *rows])


@file("16-month.csv")
def _():
    return csv([SETTLEMENT, *(settled(n, "2026-04-03") for n in range(3)), settled(3)])


@file("16-header.csv")
def _():
    return roster(good=0)


@file("16-nothing.csv")
def _():
    return ""


@file("16-county.csv")
def _():
    return houses(["A"] * 4).replace("360799001001", "350899001001")


@file("16-future.csv")
def _():
    return roster()


@file("17-crlf.csv")
def _():
    return roster().replace("\n", "\r\n")


@file("17-cr.csv")
def _():
    return roster().replace("\n", "\r")


@file("17-lf.csv")
def _():
    return roster()


@file("17-tab.csv")
def _():
    return roster().replace(",", "\t")


@file("17-semicolon.csv")
def _():
    """As LibreOffice saves where the comma is the decimal mark."""
    return roster().replace(",", ";").encode("gb18030")


@file("17-newline.csv")
def _():
    return roster().replace("姓名", '"姓\n名"', 1)


@file("17-quote.csv")
def _():
    return roster().replace("陈芳", '"陈芳', 1)


# ---- 18 and 19: workbooks, absurd files

def cells(row):
    """A roster's row as somebody types it into a spreadsheet: a date, amounts, the rest as it is."""
    return [row[0], row[1], int(row[2]), int(row[3]), int(row[4]), datetime.date(2026, 1, 5), row[6], 1234.6,
            int(row[8]), row[9]]


@file("18-plain.csv")
def _():
    return csv([ENROLMENT, *(row[:7] + ["1234.6"] + row[8:] for row in people(12))])


@file("18-workbook.csv")
def _():
    book = openpyxl.Workbook()
    book.active.title = "填报说明"
    book.active.append(["请按模板填写"])
    hidden = book.create_sheet("旧表")
    hidden.append(ENROLMENT)
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("名册")
    for row in [ENROLMENT, *map(cells, people(12))]:
        sheet.append(row)
    return saved(book)


@file("18-old.csv")
def _():
    book, style = xlwt.Workbook(), xlwt.XFStyle()
    style.num_format_str = "yyyy-mm-dd"
    sheet = book.add_sheet("名册")
    for i, row in enumerate([ENROLMENT, *map(cells, people(12))]):
        for j, value in enumerate(row):
            sheet.write(i, j, value, style if isinstance(value, datetime.date) else xlwt.Style.default_style)
    return saved(book)


@file("18-page.xls")
def _():
    """A web page, as some systems export what they call Excel."""
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [ENROLMENT, *people(12)])
    return f"\ufeff\n<HTML><body><table>{rows}</table></body></HTML>"


@file("18-scan.csv")
def _():
    return b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


@file("18-copies.xlsx")
def _():
    """What is found late in the second sheet sends the reader back to that sheet's first row."""
    book = openpyxl.Workbook()
    book.active.append(["封面"])
    sheet = book.create_sheet("名册")
    for line in FILES["14-copies.csv"]().splitlines():
        sheet.append([cell or None for cell in line.split(",")])
    return saved(book)


@file("18-number.xlsx")
def _():
    book = openpyxl.Workbook()
    for row in [ENROLMENT, *people(12)]:
        book.active.append(row)
    book.active.append([360799199001010016, *people(1)[0][1:]])
    return saved(book)


def workbook(sheet, **more):
    """A workbook of one sheet, with its XML given."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets>'
                           '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='rId1' Type="
                                      f"'{office}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": sheet, **more}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


@file("19-bomb.xlsx")
def _():
    return workbook("<worksheet><sheetData>" + " " * (64 << 20) + "</sheetData></worksheet>")


@file("19-entities.xlsx")
def _():
    return workbook('<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><worksheet><sheetData/></worksheet>')


@file("19-damaged.xlsx")
def _():
    return FILES["18-workbook.csv"]()[:3000]


@file("19-nul.csv")
def _():
    return roster().replace("陈芳", "陈\0芳", 1)


@file("19-long.csv")
def _():
    return csv([ENROLMENT]) + "x" * (100 << 20)


@file("19-columns.csv")
def _():
    return csv([ENROLMENT + [f"列{n}" for n in range(290)], *people(2)])


# ---- 20: places

def settled_in(places, township=False):
    """Houses in places that are given as texts, or as texts and townships."""
    head = "房屋编号,户主身份证号,户主姓名,行政区划代码,鉴定等级,唯一住房,是否居住".split(",")
    rows = [[f"F{n:02d}", number(n), "陈芳", place, "A", "是", "是"]
            for n, place in enumerate(place[-1] if township else place for place in places)]
    if township:
        head.insert(3, "乡镇")
        rows = [row[:3] + [place[0]] + row[3:] for row, place in zip(rows, places)]
    return csv([head, *rows])


BACK = ["360799101201"] * 10


@file("20-villages.csv")
def _():
    return settled_in(BACK + ["前山镇后山村", "江西省前山县前山乡坡头村", "坡头乡后山村民委员会", "后山村", "三江乡后山村"])


@file("20-townships.csv")
def _():
    return settled_in([("", code) for code in BACK] +
                      [("前山镇", "后山"), ("前山乡", "坡头村"), ("前山", "后山村委会"), ("三江乡", "后山村"), ("", "三江村")], True)


@file("20-plain.csv")
def _():
    return settled_in(BACK + BACK[:3] + ["后山村", "三江乡后山村"])


@file("20-codes.csv")
def _():
    row = enrolled(number(50))
    row[8] = "前山乡后山村"
    return roster(row)


# ---- an agency's own way, which its settings declare

AGENCY = """channel: agency
hub: {{endpoint: 'tcp://127.0.0.1:1', key_file: hub.pub}}
key_file: agency.key
spool: {{dir: spool}}
county: 360799
areas: areas.tsv
{more}"""


@file("agency.yaml")
def _():
    return AGENCY.format(more="""
townships:
  housing.house: {area: [乡镇]}
columns:
  insurance.settlement:
    settlement_no: [单据号]
    id_no: [身份证]
    name: [患者]
    kind: [就诊方式]
    admitted_on: [入院]
    discharged_on: [出院]
    total: [总费用]
    in_scope: [合规费用]
    basic_paid: [统筹支付]
    self_in_scope: [合规自付]
    self_total: [自付]
values:
  insurance.settlement:
    kind: {住院治疗: 21, 慢病: 14}
    tilted: {"√": 是, "": 否}
dates:
  insurance.settlement:
    admitted_on: [DD/MM/YYYY, "YYYY-MM-DD hh:mm:ss"]
    discharged_on: [DD/MM/YYYY, "YYYY-MM-DD hh:mm:ss"]
units:
  insurance.settlement: {total: 万元, in_scope: 元或万元}
defaults:
  insurance.settlement: {serious_paid: 0, relief_paid: 0, other_paid: 0}
""")


@file("areas.tsv")
def _():
    return """# 代码	名称	曾用名
360799	前山县
360799101	前山镇	前山乡、坡头乡
360799101201	后山村委会	坡头村
360799101202	三江村
360799102	三江乡
360799102201	三江村
"""


def own(kind, admitted, discharged, total, in_scope, tilted):
    rows = [["单据号", "身份证", "患者", "就诊方式", "入院", "出院", "总费用(万元)", "合规费用", "统筹支付", "合规自付",
             "自付", "倾斜支付"]]
    for n in range(4):
        rows.append([f"D{n}", number(n), "陈芳", kind, admitted, discharged, total, in_scope, "100", "0", "20", tilted])
    return rows


@file("own.csv")
def _():
    return csv(own("住院治疗", "01/05/2026", "2026-05-03 09:12:00", "1.2345", "1.2万", "√"))


@file("own-plain.csv")
def _():
    return csv([SETTLEMENT, *([f"D{n}", number(n), "陈芳", "21", "2026-05-01", "2026-05-03", "12345", "12000", "100",
                               "0", "0", "0", "0", "20", "是", ""] for n in range(4))])


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        content = make()
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


if __name__ == "__main__":
    main()
