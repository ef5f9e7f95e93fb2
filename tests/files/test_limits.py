"""What reading a large file costs: memory stays bounded however many rows there are.

With QIANSHAO_LONG=1 the files have the sizes that the limits are promised for.
"""

import datetime
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make import ENROLMENT  # noqa: E402

LONG = bool(os.environ.get("QIANSHAO_LONG"))
RELEASE = HERE.parents[1] / ".build"  # sanitizers need memory of their own
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DAY = datetime.date(1940, 1, 1)


def numbers(count):
    """Citizen numbers, all different, 999 a birthday."""
    for n in range(count):
        if n % 999 == 0:
            head = "360799" + (DAY + datetime.timedelta(n // 999)).strftime("%Y%m%d")
            weight = sum(int(digit) * w for digit, w in zip(head, WEIGHTS))
        tail = n % 999 + 1
        check = weight + tail // 100 * WEIGHTS[14] + tail // 10 % 10 * WEIGHTS[15] + tail % 10 * WEIGHTS[16]
        yield f"{head}{tail:03d}{'10X98765432'[check % 11]}"


def as_text(path, count):
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(ENROLMENT) + "\n")
        file.writelines(f"{number},陈芳,2026,390,1,2026-01-05,0,0.00,360799001001,\n" for number in numbers(count))


def as_workbook(path, count):
    """A workbook written by hand, since the libraries take minutes for a million rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def row(cells):
        return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{space}" xmlns:r="{office}"><sheets>'
                         '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='rId1' Type="
                         f"'{office}/worksheet' Target='worksheets/sheet1.xml'/></Relationships>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{space}"><sheetData>'.encode() + row(ENROLMENT).encode())
            for number in numbers(count):
                sheet.write(row([number, "陈芳", "2026", "390", "1", "2026-01-05", "0", "0.00", "360799001001",
                                 ""]).encode())
            sheet.write(b"</sheetData></worksheet>")


@pytest.mark.parametrize("make, ending, short, promised, limit_mib",
                         [(as_text, "csv", 100_000, 5_000_000, 96), (as_workbook, "xlsx", 20_000, 1_000_000, 256)],
                         ids=["csv", "xlsx"])
def test_memory_is_bounded(tmp_path, make, ending, short, promised, limit_mib):
    program = RELEASE / "adapters/insurance/insurance-adapter"
    if not program.exists():
        pytest.skip("no release build")
    count = promised if LONG else short
    path = tmp_path / f"insurance.enrolment.2026-05.{ending}"
    make(path, count)
    begun = time.monotonic()
    with subprocess.Popen([program, "check", path, "--county", "360799", "--json"], stdout=subprocess.PIPE,
                          env={**os.environ, "QIANSHAO_TODAY": "2026-06-15"}) as check:
        out = check.stdout.read()
        _, status, usage = os.wait4(check.pid, 0)
        check.returncode = os.waitstatus_to_exitcode(status)
    path.unlink()
    assert check.returncode == 0 and f'"stored":{count},'.encode() in out, out
    peak = usage.ru_maxrss / 1024
    print(f"{ending}: {count} rows, {peak:.0f} MiB, {time.monotonic() - begun:.1f} s")
    assert peak < limit_mib
