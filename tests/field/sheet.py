"""Workbooks written by hand, so that a cell can be what no library writes."""

import zipfile
from xml.sax.saxutils import escape, quoteattr

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
