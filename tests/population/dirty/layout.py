"""How a table stands in a file: what is above and below it, and what kind of file it is."""

import datetime
import io

import openpyxl
import xlwt

from damage import DATES, MONEY

XLS_ROWS = 5000    # of a file that is written as .xls; xlwt is slow
XLSX_ROWS = 20000  # of one that is written as .xlsx


class Sheet:
    """Rows of cells with marks: what the file's row is in the list."""

    def __init__(self, header):
        self.header = header
        self.rows = []   # (cells, mark): mark None, or what `Listing` keeps of the row
        self.notes = []  # (line, what) about the whole file

    def place(self, first):
        """(row number, mark) of all marked rows when the first row of all is `first`."""
        return [(first + at, mark) for at, (_, mark) in enumerate(self.rows) if mark]


def tail(width, *words):
    return [*words, *[""] * (width - len(words))]


# ---- forms: each returns the rows above the data and changes the sheet

def plain(sheet, chance):
    return [sheet.header]


def titled(sheet, chance):
    """A title, an ordinal before each row, a sum and who filled it in."""
    for count, (cells, _) in enumerate(sheet.rows, 1):
        cells.insert(0, str(count))
    width = len(sheet.header) + 1
    sheet.rows += [(tail(width, "合计"), {"line": 9, "what": "sum", "answer": "tails"}),
                   (tail(width, "填表人：某某", "", "审核人：某某"),
                    {"line": 9, "what": "foot", "answer": "tails"})]
    sheet.notes.append((9, "title, ordinals"))
    return [tail(width, "某某县数据上报表"), ["序号", *sheet.header]]


def summed(sheet, chance):
    """A title, a line with the unit, sums in between and an empty line."""
    width = len(sheet.header)
    middle = chance.randrange(len(sheet.rows) + 1)
    sheet.rows[middle:middle] = [(tail(width, "小　计"), {"line": 9, "what": "subtotal", "answer": "tails"}),
                                 (tail(width), {"line": 9, "what": "empty row", "answer": "blank"})]
    sheet.rows.append((tail(width, "总计"), {"line": 9, "what": "sum", "answer": "tails"}))
    sheet.notes.append((9, "title, unit"))
    return [tail(width, "某某县数据上报表"), tail(width, "", "单位：元"), sheet.header]


def two_lines(sheet, chance):
    """A header in two lines: a group above the first columns, the others merged."""
    split = min(3, len(sheet.header) - 1)
    sheet.notes.append((9, "header in two lines"))
    return [["基本信息", *[""] * (split - 1), *sheet.header[split:]],
            [*sheet.header[:split], *[""] * (len(sheet.header) - split)]]


def units(sheet, chance):
    """Line breaks and units within the names, and a column that nobody asked for."""
    header = [name + "\n（元）" if name in MONEY else name[:1] + "\n" + name[1:] for name in sheet.header]
    for cells, _ in sheet.rows:
        cells.append("已核")
    sheet.notes.append((17, "line breaks in the header"))
    sheet.notes.append((9, "a column too many"))
    return [[*header, "核对情况"]]


FORMS = [plain, titled, summed, two_lines, units]


# ---- kinds of file

def text(rows, delimiter=",", end="\n"):
    def quoted(cell):
        special = delimiter in cell or any(mark in cell for mark in '"\n\r\t')
        return '"' + cell.replace('"', '""') + '"' if special else cell
    return "".join(delimiter.join(map(quoted, row)) + end for row in rows)


def typed(column, cell):
    """A workbook's cell: sums are numbers, days are days, the rest is text."""
    if column in MONEY and cell.replace(".", "", 1).isdecimal():
        return float(cell)
    if column in DATES and len(cell) == 10 and cell[4] == "-" and cell < "2100":
        try:
            return datetime.date.fromisoformat(cell)
        except ValueError:
            return cell
    return cell


def columns_of(rows, header):
    """The name of each column of the file, by where the header's last line stands."""
    shift = 1 if any(row[:1] == ["序号"] for row in rows[:5]) else 0
    return [""] * shift + header


def xlsx(rows, header):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    names = columns_of(rows, header)
    for row in rows:
        line = []
        for at, cell in enumerate(row):
            line.append(openpyxl.cell.WriteOnlyCell(sheet, typed(names[at] if at < len(names) else "", cell)
                                                    if cell else None))
            if isinstance(cell, str) and cell.startswith("="):
                line[-1].data_type = "s"  # no formula
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows, header):
    book, days = xlwt.Workbook(encoding="utf-8"), xlwt.XFStyle()
    days.num_format_str = "yyyy-mm-dd"
    sheet = book.add_sheet("名册")
    names = columns_of(rows, header)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            value = typed(names[j] if j < len(names) else "", cell)
            if isinstance(value, datetime.date):
                sheet.write(i, j, value, days)
            elif cell:
                sheet.write(i, j, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# (line, what, writer): each takes all rows and the header's names, and returns bytes.
KINDS = [
    (7, "UTF-8 with its mark", lambda rows, _: ("\ufeff" + text(rows)).encode()),
    (17, "CR LF", lambda rows, _: text(rows, end="\r\n").encode()),
    (7, "GB18030", lambda rows, _: text(rows, end="\r\n").encode("gb18030")),
    (18, ".xlsx called .csv", xlsx),
    (7, "UTF-16LE with tabs", lambda rows, _: b"\xff\xfe" + text(rows, "\t", "\r\n").encode("utf-16-le")),
    (17, "CR", lambda rows, _: text(rows, end="\r").encode()),
    (18, ".xls called .csv", xls),
    (17, "tabs", lambda rows, _: text(rows, "\t").encode()),
    (7, "UTF-16BE", lambda rows, _: b"\xfe\xff" + text(rows).encode("utf-16-be")),
]


def fits(what, count):
    return count <= {".xlsx called .csv": XLSX_ROWS, ".xls called .csv": XLS_ROWS}.get(what, count)
