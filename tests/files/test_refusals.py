"""Every reason for which an adapter refuses a file has a Chinese sentence that says what to do, and happens here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import make  # noqa: E402
from test_files import ADVICE, BUILD, CASES, HERE, TODAY  # noqa: E402

ENROLMENT = ",".join(make.ENROLMENT) + "\n"
GOOD = make.roster()
SPLIT = make.AGENCY.format(more="split: {insurance.enrolment: 县区}\n")

# What no file of README.md's table provokes: code → file's name, its content, adapter, options.
MORE = {
    "argument": ("a.csv", GOOD, "insurance", "--period 2026-05 --kind other"),
    "file_name": ("a.csv", GOOD, "insurance", ""),
    "side_file": ("a.csv", GOOD, "insurance", "--period 2026-05"),
    "other_sector": ("civil.dibao.2026-05.csv", GOOD, "insurance", ""),
    "type_unknown": ("a.csv", "甲,乙\n1,2\n", "insurance", "--period 2026-05"),
    "column_twice": ("a.csv", ENROLMENT.replace("身份标识", "姓名") + "\n", "insurance",
                     "--period 2026-05 --type insurance.enrolment"),
    "report_kind": ("a.csv", "行号,列名,原因,处理办法," + GOOD.replace("\n", "\n1,a,b,c,", 12), "insurance",
                    "--period 2026-05 --kind full"),
    "removal": ("a.csv", "操作," + GOOD.replace("\n", "\n删除,", 12), "insurance", "--period 2026-05"),
    "operation": ("a.csv", "操作," + GOOD.replace("\n", "\n修改,", 12), "insurance", "--period 2026-05 --kind delta"),
    "nil_roster": ("insurance.enrolment.2026-05.nil", "", "insurance", ""),
    "nil_correction": ("insurance.enrolment.2026-05.nil", "", "insurance", "--kind correction"),
    "nil_content": ("insurance.settlement.2026-05.nil", make.csv([make.SETTLEMENT, make.settled(1)]), "insurance", ""),
    "too_many_bad": ("a.csv", make.roster(*[make.enrolled("1")] * 9), "insurance", "--period 2026-05"),
    "split_column": ("a.csv", GOOD, "insurance", "--period 2026-05 --config split.yaml"),
    "archive": None, "sheets": None,  # ../field/run
    "rows_limit": None,  # needs 20 million rows: too long for a test
    "period": None,  # the command line says "argument" before; ../unit/sdk/prepare/prepare_test.c
}


def codes():
    source = (HERE.parents[1] / "daemon/base/refusal.def").read_text()
    return set(re.findall(r'^X\(\w+, +"(\w+)"', source, re.M))


def test_every_code_is_provoked():
    tabled = {case[4].partition(": ")[2].partition(";")[0] for case in CASES if case[4].startswith("refused")}
    assert codes() == tabled | set(MORE)


@pytest.mark.parametrize("code", sorted(code for code in MORE if MORE[code]))
def test_a_refusal_says_what_to_do(tmp_path, code):
    name, content, sector, options = MORE[code]
    (tmp_path / name).write_text(content)
    (tmp_path / "split.yaml").write_text(SPLIT.replace("areas: areas.tsv\n", ""))
    if code == "side_file":
        (tmp_path / f"{name}.yaml").write_text("month: 5\n")
    words = [BUILD / f"adapters/{sector}/{sector}-adapter", "check", name, *options.split()]
    words += [] if "--config" in options else ["--county", "360799"]
    ran = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60, cwd=tmp_path,
                         env={**os.environ, "QIANSHAO_TODAY": TODAY})
    answer = json.loads(ran.stdout)
    refusal = answer.get("refusal") or answer
    assert refusal["code"] == code and ran.returncode in (1, 2), ran.stdout
    assert ADVICE.search(refusal["text_zh"]), refusal["text_zh"]
    assert re.search("[一-鿿]", refusal["text_zh"]) and not re.search("[一-鿿]{6}", refusal["text"])
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=tmp_path,
                         env={**os.environ, "QIANSHAO_TODAY": TODAY})
    assert refusal["text_zh"] in ran.stdout + ran.stderr
