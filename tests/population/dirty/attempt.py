"""Files that an agency sends first and that must be refused whole, each before the right one.

Each takes the clean file's text, its rows and another month's text, and returns bytes, or None
where it does not fit.
"""

import io
import zipfile

from damage import AREAS, IDS, OWN_AREA
from layout import text


def rewritten(rows, columns, change):
    """The file with every cell of some columns changed."""
    header = rows[0]
    at = [i for i, name in enumerate(header) if name in columns]
    return text([header, *([change(cell) if i in at else cell for i, cell in enumerate(row)]
                           for row in rows[1:])]).encode()


def has(rows, columns, least=25):
    return len(rows) > least and any(name in columns for name in rows[0])


def cut(clean, rows, other, record_type):
    return rewritten(rows, IDS, lambda cell: cell[:15] + "000" if cell else cell) if has(rows, IDS) else None


def double(clean, rows, other, record_type):
    """Through a floating-point number: multiples of 64."""
    return rewritten(rows, IDS, lambda cell: str(int(cell[:17] + "0") // 64 * 64) if cell else cell) \
        if has(rows, IDS) else None


def mixed(clean, rows, other, record_type):
    lines = clean.splitlines(keepends=True)
    return "".join(lines).encode() + lines[1].encode("gb18030") if len(lines) > 1 else None


def mojibake(clean, rows, other, record_type):
    return clean.encode().decode("gb18030", errors="replace").encode()


def ten_thousands(clean, rows, other, record_type):
    return ("汇总表（单位：万元）\n" + clean).encode() if record_type == "insurance.settlement" else None


def wrong_month(clean, rows, other, record_type):
    return other.encode() if other and record_type == "insurance.settlement" and len(rows) > 20 else None


def other_county(clean, rows, other, record_type):
    return rewritten(rows, AREAS, lambda cell: "350899" + cell[6:]) if record_type in OWN_AREA else None


def empty(clean, rows, other, record_type):
    return clean.splitlines()[0].encode() if record_type == "civil.dibao" else None


def quote(clean, rows, other, record_type):
    return clean.replace("\n", '\n"', 1).encode() if len(rows) > 1 else None


def nul(clean, rows, other, record_type):
    return clean.replace("\n", "\n\0", 1).encode()


def long(clean, rows, other, record_type):
    return (clean + "x" * (2 << 20)).encode()


def wide(clean, rows, other, record_type):
    return text([rows[0] + [f"列{n}" for n in range(300)], *rows[1:]]).encode()


def bomb(clean, rows, other, record_type):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets>'
                                            '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='rId1' Type="
                                                       f"'{office}/worksheet' Target='worksheets/sheet1.xml'/>"
                                                       "</Relationships>")
        archive.writestr("xl/worksheets/sheet1.xml",
                         "<worksheet><sheetData>" + " " * (64 << 20) + "</sheetData></worksheet>")
    return out.getvalue()


# (line, what, maker, answer). Each is made once, for the first file that it fits.
ATTEMPTS = [
    (2, "numbers cut to 15 digits", cut, "refused: column_damaged"),
    (2, "numbers through a double", double, "refused: column_damaged"),
    (7, "two encodings in a file", mixed, "refused: encoding"),
    (7, "mojibake", mojibake, "refused: column_missing"),
    (9, "a title in 万元", ten_thousands, "refused: unit"),
    (16, "another month's events", wrong_month, "refused: event_dates"),
    (16, "another county's file", other_county, "refused: other_county"),
    (16, "a header alone", empty, "refused: empty"),
    (17, "a quote without its pair", quote, "refused: quote"),
    (19, "a NUL byte", nul, "refused: nul_byte"),
    (19, "a line without end", long, "refused: line_length"),
    (19, "300 columns", wide, "refused: columns_limit"),
    (19, "a zip bomb", bomb, "refused: size_limit"),
]
