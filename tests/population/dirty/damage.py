"""What happens to a single cell: spots that must be read all the same, and spots that cannot be.

A spot is a function of the cell's text that returns the damaged text, or None where it does not
fit. Each names the line of the list "What real files look like" that it is an example of.
"""

import collections
import datetime
import decimal
from pathlib import Path

AREAS_FILE = Path(__file__).resolve().parent.parent / "areas.tsv"
# What the adapters' settings declare for the dirty files: sector, then YAML.
SETTINGS = {"housing": f'areas: "{AREAS_FILE}"\n', "insurance": "units: {insurance.settlement: {total: 元或万元}}\n"}

IDS = {"证件号码", "身份证件号", "户主身份证号", "身份证号"}
NAMES = {"姓名", "户主姓名"}
AREAS = {"行政区划代码"}
MONEY = {"资助金额", "医疗费总额", "政策范围内费用", "基本医保支付", "大病保险支付", "医疗救助支付", "其他支付",
         "政策内自付", "个人自付总额", "月保障金额", "救助金额", "工资性收入", "生产经营性收入", "财产性收入",
         "转移性收入", "生产经营性支出", "补助金额", "学费", "住宿费", "教材费", "资助减免"}
DATES = {"状态日期", "缴费日期", "入院日期", "出院日期", "鉴定日期", "最近走访日期", "起始日期", "终止日期",
         "救助日期", "识别监测时间", "审核日期", "发放日期", "开工日期", "竣工日期", "入住日期", "检测日期",
         "受理日期", "停水开始"}
CODES = {"学籍状态", "参保状态", "险种", "保障类别", "残疾类别", "鉴定等级", "医疗类别", "户类型", "与户主关系",
         "供水方式", "水质", "资助项目", "改造方式"}
NUMBERS = {"当月停水天数", "全年累计停水天数", "受益户数", "计划年度"}
# Where the area decides whose county a row is.
BY_NAME = "housing.house"  # whose settings name the table of divisions
OWN_AREA = {"register.household", "housing.house", "water.household"}

WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
EPOCH = datetime.date(1899, 12, 30)


def day(text):
    return datetime.date.fromisoformat(text) if len(text) == 10 else None


def dated(form):
    """A date in another form; empty cells stay as they are."""
    return lambda text: form(day(text)) if day(text) else None


def card(tail):
    return lambda text: text + tail if len(text) == 18 else None


def fifteen(text):
    return text[:6] + text[8:17] if text[6:8] == "19" and text[14:17] < "996" else None


def money(form):
    return lambda text: form(text) if text and not text.startswith("-") else None


def grouped(text):
    return f"{int(text[:-3]):,}{text[-3:]}" if len(text) > 6 else None


def words(table):
    return lambda text: table.get(text)


def villages():
    """{code: township and village by name}, of those whose name says which they are."""
    names = dict(line.split("\t")[:2] for line in AREAS_FILE.read_text(encoding="utf-8").splitlines())
    called = {code: names[code[:9]] + name for code, name in names.items() if len(code) == 12}
    count = collections.Counter(called.values())
    return {code: name for code, name in called.items() if count[name] == 1}


def ten_thousands(text):
    """Sums in 万元, exact to the fen."""
    return f"{decimal.Decimal(text) / 10000:f}万" if text and not text.startswith("-") else None


def replaced(text):
    return lambda cell: text if cell else None


def typed(text):
    """Another check character: the number is nobody's."""
    return text[:17] + ("1" if text[17] != "1" else "2") if len(text) == 18 else None


# (line, what, columns, spot): the record that is stored is the clean one.
READ = [
    (3, "number wrapped", IDS, lambda text: f'="{text}"' if text else None),
    (3, "apostrophe", IDS, lambda text: "'" + text if text else None),
    (3, "trailing tab", IDS, lambda text: text + "\t" if text else None),
    (4, "small x", IDS, lambda text: text.lower() if text.endswith("X") else None),
    (4, "full-width number", IDS, lambda text: text.translate(WIDE) if text else None),
    (5, "blanks in a number", IDS, lambda text: f"{text[:6]} {text[6:14]}\u00a0{text[14:]}" if text else None),
    (5, "zero-width blank", IDS, lambda text: f"{text[:9]}\u200b{text[9:]}" if text else None),
    (6, "fifteen digits", IDS, fifteen),
    (6, "disability card", IDS, card("43")),
    (6, "long disability card", IDS, card("43B1")),
    (8, "blank in a name", NAMES, lambda text: f"{text[0]} {text[1:]}" if len(text) > 1 else None),
    (8, "wide blank in a name", NAMES, lambda text: f"{text[0]}　{text[1:]}" if len(text) > 1 else None),
    (10, "date in words", DATES, dated(lambda date: f"{date.year}年{date.month}月{date.day}日")),
    (10, "date with dots", DATES, dated(lambda date: f"{date.year}.{date.month:02d}.{date.day:02d}")),
    (10, "date without marks", DATES, dated(lambda date: f"{date:%Y%m%d}")),
    (10, "date with strokes", DATES, dated(lambda date: f"{date.year}/{date.month}/{date.day}")),
    (10, "date as a serial", DATES, dated(lambda date: str((date - EPOCH).days))),
    (11, "lost zero", {"学籍状态"}, lambda text: text[1:] if text.startswith("0") else None),
    (12, "full-width money", MONEY, money(lambda text: text.translate(WIDE))),
    (12, "grouped money", MONEY, money(grouped)),
    (12, "money with its sign", MONEY, money(lambda text: "¥" + text)),
    (12, "a sum that says its unit", {"医疗费总额"}, ten_thousands),
    (13, "grade in words", {"残疾等级"}, words({"1": "一级", "2": "贰级", "3": "3级", "4": "肆级"})),
    (13, "grade of a house", {"鉴定等级"}, words({"A": "甲", "B": "Ｂ", "C": "丙", "D": "D级"})),
    (20, "village by name", AREAS, words(villages())),
]

# (line, what, columns, spot, reason): the row is quarantined for that reason.
BAD = [
    (1, "scientific", IDS, lambda text: f"{float(text[:17] + '0'):.5E}" if len(text) == 18 else None, "id"),
    (2, "rounded by a spreadsheet", IDS, lambda text: text[:15] + "000" if typed(text) and
     not text.endswith("000") else None, "id"),
    (4, "Cyrillic X", IDS, lambda text: text[:-1] + "Х" if text.endswith("X") else None, "id"),
    (4, "asterisk", IDS, lambda text: text[:17] + "*" if len(text) == 18 else None, "id"),
    (6, "a digit lost", IDS, lambda text: text[:-1] if len(text) == 18 else None, "id"),
    (6, "wrong check character", IDS, typed, "id"),
    (7, "question mark in a name", NAMES, lambda text: text[:-1] + "?" if len(text) > 1 else None, "name"),
    (7, "mojibake", NAMES, replaced("锟斤拷"), "name"),
    (10, "30 February", DATES, replaced("2025-02-30"), "date"),
    (10, "for long", DATES, replaced("长期"), "date"),
    (10, "a date of zeros", DATES, replaced("0000-00-00"), "date"),
    (12, "ten thousands", MONEY - {"医疗费总额"}, replaced("1.2万"), "unit"),
    (12, "number in words", NUMBERS, replaced("若干"), "number"),
    (13, "unknown code", CODES, replaced("待定"), "code"),
    (20, "village that is none", AREAS, replaced("前山镇后山村"), "code"),
    (16, "another county", AREAS, replaced("350899001001"), "county"),
]


def sound(text):
    """Whether 18 characters are a citizen number; only what is none may be called damaged."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    if len(text) != 18 or not text[:17].isdecimal():
        return False
    return "10X98765432"[sum(int(a) * b for a, b in zip(text, weights)) % 11] == text[17]


def read(chance, record_type, header, row):
    """Write a cell of the row in another way; (line, what, column) or None when none fits."""
    for line, what, columns, spot in chance.sample(READ, len(READ)):
        if line == 20 and record_type != BY_NAME:
            continue
        for at, column in enumerate(header):
            text = spot(row[at]) if column in columns else None
            if text is not None:
                row[at] = text
                return line, what, column
    return None


def bad(chance, record_type, header, row):
    """Damage a cell of the row for good; (line, what, column, reason) or None when none fits."""
    for line, what, columns, spot, reason in chance.sample(BAD, len(BAD)):
        if (reason == "county" and record_type not in OWN_AREA) or (line == 20 and record_type != BY_NAME):
            continue
        for at, column in enumerate(header):
            text = spot(row[at]) if column in columns else None
            if text is not None and not sound(text):
                row[at] = text
                return line, what, column, reason
    return None
