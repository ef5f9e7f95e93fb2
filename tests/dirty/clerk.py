"""What a clerk does with a reject report: looks each row up, mends it, saves the file."""

import csv
from pathlib import Path

LEADING = ["行号", "列名", "原因", "处理办法"]


def bare(name):
    """A column's name without line breaks and unit."""
    return name.replace("\n", "").removesuffix("（元）")


def report_of(path):
    return Path(f"{path}.rejects.csv")


def read(path):
    """The reject report beside a file: its header and rows; none: no header, no rows."""
    report = report_of(path)
    if not report.exists():
        return [], []
    with open(report, encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def refused(path):
    """{(row number, column, reason)} of a reject report."""
    header, rows = read(path)
    assert not header or header[:4] == LEADING, header[:4]
    return {(int(row[0]), bare(row[1]), row[2]) for row in rows}


def mend(path, clean, listed, encoding):
    """Write what should have stood there into the report's rows; rows that never should are deleted.

    `clean` is the clean file, `listed` this file's rows in dirty.csv. Returns how many rows are left.
    """
    header, rows = read(path)
    with open(clean, encoding="utf-8-sig", newline="") as file:
        names, *right = csv.reader(file)
    where = {int(entry["row"]): entry["clean_row"] for entry in listed if entry["row"]}
    mended = []
    for row in rows:
        clean_row = where[int(row[0])]
        if not clean_row:
            continue  # the wrong one of two rows
        values = dict(zip(names, right[int(clean_row) - 2]))
        mended.append(row[:4] + [values.get(bare(name), cell) for name, cell in zip(header[4:], row[4:])])
    with open(report_of(path), "w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *mended] if mended else [])
    return len(mended)
