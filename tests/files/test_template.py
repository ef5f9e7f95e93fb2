"""The blank templates: what a spreadsheet makes of them, and that they are taken as they are filled in."""

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from make import number  # noqa: E402

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("QIANSHAO_BUILD", HERE.parents[1] / ".build"))
SECTORS = sorted(path.stem for path in (HERE.parents[1] / "proto/sector").glob("*.proto") if path.stem != "common")
NUMBER = number(1)
# libxlsxwriter 1.1.4 loses a few bytes for each list that stands in a sheet
LEAKS = "leak:lxw_strdup\n"


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    leaks = tmp_path_factory.mktemp("leaks") / "leaks"
    leaks.write_text(LEAKS)

    def run(sector, *words):
        return subprocess.run([BUILD / f"adapters/{sector}/{sector}-adapter", *words], capture_output=True,
                              text=True, timeout=120,
                              env={**os.environ, "QIANSHAO_TODAY": "2026-06-15",
                                   "LSAN_OPTIONS": f"suppressions={leaks}:print_suppressions=0"})
    return run


@pytest.fixture(scope="module")
def templates(adapter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    for sector in SECTORS:
        done = adapter(sector, "--print-template", folder)
        assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem: path for path in folder.iterdir()}


def check(adapter, path, name):
    done = adapter(name.partition(".")[0], "check", path, "--json", "--type", name, "--county", "360799",
                   "--period", "2026-05")
    return json.loads(done.stdout)


def columns(sheet):
    return [cell.value for cell in sheet[1]][:-1]  # the last is 填写说明


def choices(book, sheet):
    """What each column is chosen from, by its letter."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        text = rule.formula1.strip('"')
        if "!" in text:
            place = text.replace("$", "").partition("!")[2]
            found[str(rule.sqref)[0]] = [row[0].value for row in book["选项"][place]]
        else:
            found[str(rule.sqref)[0]] = text.split(",")
    return found


def test_every_record_type_has_a_template(templates):
    assert len(templates) == 20 and oct(templates["civil.dibao"].stat().st_mode)[-3:] == "600"


def test_its_example_is_no_data(adapter, templates):
    for name, path in templates.items():
        answer = check(adapter, path, name)
        assert (answer["refusal"]["code"], answer["examples"], answer["unknown_columns"], answer["tests"]) == \
            ("empty", 1, [], 0), name


def test_numbers_and_codes_are_text_and_sums_are_not(templates):
    for path in templates.values():
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        head = {cell.value: cell.column_letter for cell in sheet[1]}
        for column in ("证件号码", "身份证号", "身份证件号", "户主身份证号", "联系电话", "行政区划代码", "户编号"):
            if column in head:
                assert sheet.column_dimensions[head[column]].number_format == "@", (path.name, column)
        for column in ("资助金额", "月保障金额", "医疗费总额", "工资性收入"):
            if column in head:
                assert sheet.column_dimensions[head[column]].number_format == "0.00"
        assert sheet.freeze_panes == "A2" and all(cell.comment for cell in sheet[1][:-1])
        assert book.sheetnames[0] != "填表说明" and "填表说明" in book.sheetnames
        assert [s.title for s in book.worksheets if s.sheet_state == "hidden"] in ([], ["选项"])


def test_code_lists_are_drop_downs(templates):
    book = openpyxl.load_workbook(templates["register.member"])
    lists = choices(book, book.worksheets[0])
    assert len(lists["D"]) == 28 and lists["D"][0] == "户主" and lists["D"][-1] == "其他"
    assert lists["H"] == ["在户", "死亡", "迁出", "服役", "服刑"]
    book = openpyxl.load_workbook(templates["insurance.settlement"])
    assert ["是", "否"] in choices(book, book.worksheets[0]).values()


def test_a_filled_in_template_is_taken_with_and_without_its_example(adapter, templates, tmp_path):
    for name, path in templates.items():
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        head, lists = columns(sheet), choices(book, sheet)
        row = [cell.value for cell in sheet[2]][:-1]
        for at, column in enumerate(head):  # the example's own values, of a real person and key
            letter = sheet.cell(1, at + 1).column_letter
            if row[at] == "110101199001010000":
                row[at] = NUMBER
            elif row[at] == "13800000000":
                row[at] = "13900000001"
            elif row[at] == "示例":
                row[at] = "2023-2024" if column == "学年" else "甲1"
            elif row[at] and row[at].startswith("360722"):
                row[at] = "360799" if name == "civil.standard" else row[at].replace("360722", "360799")
            assert letter not in lists or row[at] in lists[letter]
        sheet.append(row)
        full = tmp_path / f"{name}.2026-05.xlsx"
        book.save(full)
        kept = check(adapter, full, name)
        sheet.delete_rows(2)
        sheet.delete_cols(len(head) + 1)
        book.save(full)
        bare = check(adapter, full, name)
        assert kept["refusal"] is None or kept["refusal"]["code"] == "event_dates", (name, kept)
        assert (kept["examples"], kept["rows"], kept["unresolved"]) == (1, 1, 0), (name, kept)
        assert (bare["examples"], bare["stored"], bare["digest"] is None) == (0, 1, kept["digest"] is None)


def test_a_filled_in_template_is_never_replaced(adapter, templates):
    before = templates["civil.dibao"].read_bytes()
    done = adapter("civil", "--print-template", templates["civil.dibao"].parent, "--type", "civil.dibao")
    assert done.returncode == 1 and "已存在，没有覆盖" in done.stderr
    assert templates["civil.dibao"].read_bytes() == before


def test_another_sectors_template_is_not_ours(adapter, tmp_path):
    done = adapter("civil", "--print-template", tmp_path, "--type", "water.works")
    assert done.returncode == 2 and "本部门没有这种表" in done.stderr
