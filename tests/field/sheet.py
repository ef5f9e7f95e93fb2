"""Workbooks written by hand, so that a cell can be what no library writes."""

import struct
import zipfile
from xml.sax.saxutils import escape, quoteattr

import xlwt
from xlwt.BIFFRecords import FormulaRecord

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class Raw(str):
    """A cell as XML, from <c to </c> without its reference: `<c{at} t="e"><v>#N/A</v></c>`."""


def name_of(column):
    return chr(ord("A") + column) if column < 26 else "A" + chr(ord("A") + column - 26)


def cell(row, column, value):
    at = f' r="{name_of(column)}{row}"'
    if isinstance(value, Raw):
        return value.replace("{at}", at)
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>' if value else ""


def sheet(rows, hidden=(), merges=()):
    lines = "".join(
        f'<row r="{number}"{" hidden=" + chr(34) + "1" + chr(34) if number in hidden else ""}>'
        + "".join(cell(number, column, value) for column, value in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, 1))
    merged = f"<mergeCells>{''.join(f'<mergeCell ref={quoteattr(area)}/>' for area in merges)}</mergeCells>"
    return (f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData>'
            f'{merged if merges else ""}</worksheet>')


def write(path, sheets, book="", formats=()):
    """sheets: [(name, state, XML)]; book: XML inside the workbook; formats: codes of cell styles 1, 2, …"""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = "".join(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.'
                        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
                        for number in range(1, len(sheets) + 1))
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{TYPES}"><Default Extension="xml" '
                         f'ContentType="application/xml"/>{parts}</Types>')
        named = "".join(f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="rId{number}"/>'
                        for number, (name, state, _) in enumerate(sheets, 1))
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{book}'
                         f"<sheets>{named}</sheets></workbook>")
        links = "".join(f'<Relationship Id="rId{number}" Type="{DOCUMENT}/worksheet" '
                        f'Target="worksheets/sheet{number}.xml"/>' for number in range(1, len(sheets) + 1))
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}">{links}'
                         f'<Relationship Id="rIdS" Type="{DOCUMENT}/styles" Target="styles.xml"/></Relationships>')
        codes = "".join(f'<numFmt numFmtId="{200 + at}" formatCode={quoteattr(code)}/>'
                        for at, code in enumerate(formats))
        styles = "".join(f'<xf numFmtId="{200 + at}"/>' for at in range(len(formats)))
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts>'
                         f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>')
        for number, (_, _, text) in enumerate(sheets, 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", text)


# ---- .xls ----

ERRORS = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}


class Number:
    """A number in an .xls with its format, as the cell holds it."""

    def __init__(self, value, code="General"):
        self.value, self.code = value, code


class Error:
    """An error in an .xls, by its text."""

    def __init__(self, text):
        self.text = text


class Formula:
    """A formula in an .xls. Without a result it is as xlwt writes it: never calculated. Results are a number, a
    text, a truth or an Error; flags are those of the record."""

    def __init__(self, text, result=None, code="General", flags=0):
        self.text, self.result, self.code, self.flags = text, result, code, flags


class Calculated:
    """A cell for xlwt's rows that writes a formula with its result."""

    def __init__(self, row, column, style, formula):
        self.rowx, self.colx, self.xf_idx, self.formula = row, column, style, formula

    def get_biff_data(self):
        result, behind = self.formula.result, b""
        if isinstance(result, bool):
            value = struct.pack("<BxBxxxH", 1, result, 0xFFFF)
        elif isinstance(result, Error):
            value = struct.pack("<BxBxxxH", 2, ERRORS[result.text], 0xFFFF)
        elif result is None or result == "":
            value = struct.pack("<BxxxxxH", 3, 0xFFFF)
        elif isinstance(result, str):
            value = struct.pack("<BxxxxxH", 0, 0xFFFF)
            units = result.encode("utf-16le")
            behind = struct.pack("<HHHB", 0x0207, 3 + len(units), len(units) // 2, 1) + units
        else:
            value = struct.pack("<d", result)
        record = FormulaRecord(self.rowx, self.colx, self.xf_idx, xlwt.Formula(self.formula.text).rpn(),
                               self.formula.flags).get()
        return record[:10] + value + record[18:] + behind


def style_of(code):
    style = xlwt.XFStyle()
    style.num_format_str = code
    return style


def write_xls(path, sheets, from_1904=False):
    """sheets: [(name, rows, {"visibility": 0|1|2, "hidden": row numbers, "merges": [(first row, last row, column)]})];
    a cell is a text, Number, Error or Formula."""
    book, styles = xlwt.Workbook(encoding="utf-8"), {}
    book.dates_1904 = from_1904
    for name, rows, more in sheets:
        page = book.add_sheet(name)
        page.visibility = more.get("visibility", 0)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                style = styles.setdefault(getattr(value, "code", "General"), style_of(getattr(value, "code", "General")))
                if isinstance(value, Formula):
                    page.row(number).insert_cell(column, Calculated(number, column, book.add_style(style), value))
                elif isinstance(value, Error):
                    page.row(number).set_cell_error(column, ERRORS[value.text])
                elif isinstance(value, Number):
                    page.write(number, column, value.value, style)
                elif value:
                    page.write(number, column, value)
            page.row(number).hidden = number + 1 in more.get("hidden", ())
        for first, last, column in more.get("merges", ()):
            page.merge(first - 1, last - 1, column, column)
    book.set_active_sheet(next(at for at, (_, _, more) in enumerate(sheets) if not more.get("visibility")))
    book.save(str(path))
