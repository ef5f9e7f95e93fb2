"""Each line of README.md's table: the real adapter's `check` answers exactly that."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("QIANSHAO_BUILD", HERE.parents[1] / ".build"))
TODAY = "2026-06-15"
ADVICE = re.compile("请|应为|可写的有|不用发送")  # a refusal's sentence says what to do


def table():
    """The rows of the table: line, file, record type, options, answer."""
    for line in (HERE / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[1].startswith("`"):
            yield cells[0], cells[1].strip("`"), cells[2], cells[3].strip("`"), cells[4]


CASES = list(table())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    subprocess.run([sys.executable, HERE / "make.py", folder], check=True)
    return folder


def check(path, record_type, options):
    """Run `check`; returns exit status, answer and the refused rows."""
    adapter = record_type.partition(".")[0]
    words = [BUILD / f"adapters/{adapter}/{adapter}-adapter", "check", path, "--json", "--type", record_type,
             "--county", "360799", *options.split()]
    if "--period" not in options:
        words += ["--period", "2026-05"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=path.parent,
                         env={**os.environ, "QIANSHAO_TODAY": TODAY})
    assert "陈芳" not in ran.stdout + ran.stderr and "36079919" not in ran.stdout + ran.stderr
    report = Path(f"{path}.rejects.csv")
    refused = list(csv.reader(report.open(encoding="utf-8-sig", newline=""))) if report.exists() else []
    return ran.returncode, json.loads(ran.stdout), refused[1:]


def said(answer):
    """The answer in the table's words."""
    if answer["refusal"]:
        return "refused: " + answer["refusal"]["code"]
    words = [f"stored {answer['stored']}"]
    words += [f"{name} {count}" for name, count in answer["reasons"].items()]
    words += [f"{name} {answer[name]}" for name in ("collapsed", "tails", "tests") if answer[name]]
    return ", ".join(words)


@pytest.mark.parametrize("line, name, record_type, options, expected", CASES,
                         ids=[case[1] for case in CASES])
def test_a_file_gets_the_answer_of_the_table(folder, line, name, record_type, options, expected):
    expected, _, same = expected.partition("; as ")
    status, answer, refused = check(folder / name, record_type, options)
    assert said(answer) == expected
    if answer["refusal"]:
        assert status == 1 and ADVICE.search(answer["refusal"]["text_zh"])
    else:
        assert status == (4 if answer["unresolved"] else 0)
        assert len(refused) == answer["unresolved"]
        assert all(row[2] and row[3] for row in refused)
    if same:
        assert answer["digest"] == check(folder / same.strip("`"), record_type,
                                         options.replace("--config agency.yaml", ""))[1]["digest"]


def test_every_file_is_in_the_table(folder):
    named = {case[1] for case in CASES} | {case[4].partition("; as ")[2].strip("`") for case in CASES}
    made = {path.name for path in folder.iterdir()}
    beside = (".rejects.csv", ".rejects.xlsx", ".yaml", ".tsv")
    assert {name for name in made if not name.endswith(beside)} == named - {""}
