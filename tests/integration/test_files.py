"""Files whose answer only the hub knows, and reports that go through a clerk's hands: adapter and hub are real.

The lines of the list "What real files look like" that ../files/README.md leaves to the hub are here.
"""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from conftest import COUNTY, wait_for
from feed import number
from test_adapter import HEADER, Adapter, line, receipt, roster

OTHER, DENIED = 360799, 350899
MEMBER = "户编号,证件号码,姓名,与户主关系,健康状况,劳动技能,人员状态\n"
BAD = "360799195001010012"


class Office(Adapter):
    """An agency of any sector with a key of its own at a real hub."""

    def __init__(self, build, directory, hub, sector, more=""):
        self.sector, self.more, self.of = sector, more, hub
        directory.mkdir()
        super().__init__(build, directory, hub)
        self.program = build / f"adapters/{sector}/{sector}-adapter"
        (directory / "insurance.key").write_text(hub.adapters[sector]["keys"].secret + "\n")

    def settings(self, **more):
        (self.dir / "insurance.yaml").write_text(
            f"channel: {self.sector}\ncounty: {COUNTY}\nproducer: {self.of.adapters[self.sector]['producer']}\n"
            f"hub: {{endpoint: '{self.of.feeds}', key: '{self.of.keys.public}'}}\n"
            f"key_file: insurance.key\nspool: {{dir: spool}}\nwatch: {{dir: drop}}\n{self.more}")

    def send(self, name, text, *words):
        """Send a text as the file `name`; returns the finished process and the receipt."""
        path = self.dir / name
        path.write_text(text)
        return self.run("send", path, *words), receipt(path)


@pytest.fixture
def office(built, hub, tmp_path):
    hub.adapter("insurance", ["insurance.enrolment", "insurance.settlement"], counties=(COUNTY, OTHER))
    hub.start()
    made = []

    def make(sector="insurance", more=""):
        made.append(Office(built, tmp_path / f"{sector}{len(made)}", hub, sector, more))
        return made[-1]
    yield make
    for one in made:
        one.close()


def content(hub, period, table="insurance_enrolment", key="id_no", county=COUNTY):
    """The rows of a period as its submissions leave them: by key, the newest, deletions gone."""
    rows = hub.sql(f"select distinct on (f.{key}) f.{key}, f.removed, to_jsonb(f) - 'submission' - 'row_no'"
                   f" - 'county' from feed.{table} f join ops.submission s on s.county = f.county"
                   f" and s.submission = f.submission where s.period = '{period}-01' and s.state = 'visible'"
                   f" and f.county = {county} order by f.{key}, s.revision desc")
    return sorted((row[0], row[2]) for row in rows if row[1] == "f")


# ---- reports through a clerk's hands ----

def as_workbook(text, path):
    book = openpyxl.Workbook()
    for row in csv.reader(text.splitlines()):
        book.active.append(row)
    book.save(path)
    return path


def mend(path):
    """What a clerk does with the report: put the right number in the place of the wrong one."""
    if path.suffix == ".csv":
        text = path.read_text(encoding="utf-8-sig")
        assert BAD in text and "1.2万" in text
        path.write_text("\ufeff" + text.replace(BAD, number(30)).replace("1.2万", "12000"), encoding="utf-8")
        return
    book = openpyxl.load_workbook(path)
    mended = 0
    for row in book.active.iter_rows():
        for cell in row:
            if cell.value in (BAD, "1.2万"):
                cell.value = number(30) if cell.value == BAD else "12000"
                mended += 1
    assert mended == 2
    book.save(path)


def office_suite(path, ending, directory):
    """Open a report in LibreOffice and save it, perhaps as another kind of file."""
    out = directory / "saved"
    words = ["--infilter=CSV:44,34,76"] if path.suffix == ".csv" else []
    to = "csv:Text - txt - csv (StarCalc):44,34,76" if ending == ".csv" else "xlsx"
    subprocess.run(["soffice", f"-env:UserInstallation=file://{directory}/profile", "--headless", *words,
                    "--convert-to", to, "--outdir", out, path], check=True, capture_output=True, timeout=300)
    saved = path.with_suffix(ending)
    path.unlink()
    shutil.move(out / saved.name, saved)
    return saved


@pytest.mark.parametrize("ending, saved", [(".csv", None), (".xlsx", None), (".csv", ".csv"), (".csv", ".xlsx"),
                                           (".xlsx", ".xlsx"), (".xlsx", ".csv")],
                         ids=["csv", "xlsx", "csv-saved", "csv-saved-as-xlsx", "xlsx-saved", "xlsx-saved-as-csv"])
def test_a_mended_report_and_the_whole_month_again_end_in_the_same_state(office, hub, tmp_path, ending, saved):
    if saved and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    adapter = office()
    dirty = HEADER + "".join(line(n) for n in range(1, 21)) + line(30, id=BAD) + line(31, amount="1.2万")
    clean = HEADER + "".join(line(n) for n in range(1, 21)) + line(30) + line(31, amount="12000")
    for period in ("2026-04", "2026-05"):
        path = as_workbook(dirty, adapter.dir / f"insurance.enrolment.{period}.xlsx")
        assert adapter.run("send", path).returncode == 4
        assert receipt(path)["quarantined"] == 2
    report = Path(f"{adapter.dir}/insurance.enrolment.2026-04.xlsx.rejects{ending}")
    mend(report)
    if saved:
        report = office_suite(report, saved, tmp_path)
    done = adapter.run("send", report)
    assert done.returncode == 0, done.out + done.err
    assert (receipt(report)["kind"], receipt(report)["stored"]) == ("correction", 2)
    whole = as_workbook(clean, adapter.dir / "insurance.enrolment.2026-05.xlsx")
    assert adapter.run("send", whole).returncode == 0
    assert not list(adapter.dir.glob("insurance.enrolment.2026-05.xlsx.rejects*"))
    assert content(hub, "2026-04") == content(hub, "2026-05") and len(content(hub, "2026-05")) == 22


def test_a_half_mended_report_is_taken_for_what_is_right_and_is_never_replaced(office, hub):
    adapter = office()
    text = HEADER + "".join(line(n) for n in range(1, 21)) + line(30, id=BAD) + line(31, amount="1.2万")
    path = adapter.dir / "名册.csv"  # a name that says nothing: the receipt knows what it was
    path.write_text(text)
    assert adapter.run("send", path, "--period", "2026-05").returncode == 4
    report = Path(f"{path}.rejects.csv")
    half = report.read_text(encoding="utf-8-sig").replace(BAD, number(30))
    report.write_text("\ufeff" + half, encoding="utf-8")
    done = adapter.run("check", path, "--period", "2026-05")
    assert "原有的退回清单已被改动过，没有覆盖" in done.out
    assert report.read_text(encoding="utf-8-sig") == half
    assert Path(f"{path}.rejects.2.csv").exists()
    done = adapter.run("send", report)
    assert done.returncode == 4, done.out + done.err
    answer = receipt(report)
    assert (answer["kind"], answer["period"], answer["stored"], answer["quarantined"]) == \
        ("correction", "2026-05", 1, 1)
    assert len(content(hub, "2026-05")) == 21


def test_rows_are_added_and_deleted_by_a_delta_and_its_report_is_one_too(office, hub):
    adapter = office()
    rows = HEADER + "".join(line(n) for n in range(1, 21))
    assert adapter.send("insurance.enrolment.2026-05.csv", rows)[0].returncode == 0
    delta = "操作," + HEADER + "删除," + line(3) + "," + line(21) + "新增," + line(4, scheme="310")
    delta += "".join("新增," + line(n) for n in range(40, 44)) + "删除," + line(5, id=BAD)
    done, answer = adapter.send("insurance.enrolment.2026-05.delta.csv", delta)
    assert done.returncode == 4 and (answer["kind"], answer["quarantined"]) == ("delta", 1), done.out + done.err
    now = dict(content(hub, "2026-05"))
    assert number(3) not in now and number(5) in now and number(21) in now and len(now) == 24
    assert json.loads(now[number(4)])["scheme"] == "310"
    report = adapter.dir / "insurance.enrolment.2026-05.delta.csv.rejects.csv"
    text = report.read_text(encoding="utf-8-sig").replace(BAD, number(5))
    report.write_text("\ufeff" + text, encoding="utf-8")
    done = adapter.run("send", report)
    assert done.returncode == 0 and receipt(report)["kind"] == "delta", done.out + done.err
    assert number(5) not in dict(content(hub, "2026-05"))


# ---- what the list leaves to the hub ----

def member(household, serial, relation="户主", name="陈芳"):
    return f"{household},{number(serial)},{name},{relation},健康,普通劳动力,在户\n"


def test_14_two_heads_or_none_are_stored(office, hub):
    rows = MEMBER + member("H1", 1) + member("H1", 2) + member("H2", 3, "配偶") + member("H2", 4, "之子")
    done, answer = office("register").send("register.member.2026-05.csv", rows)
    assert done.returncode == 0 and (answer["stored"], answer["quarantined"]) == (4, 0), done.out + done.err
    assert len(content(hub, "2026-05", "register_member")) == 4


def test_14_one_person_in_two_households_is_stored_in_the_newest(office, hub):
    adapter = office("register")
    first = MEMBER + member("H1", 1) + member("H1", 2, "配偶")
    second = MEMBER + member("H2", 2, "配偶") + member("H2", 3)
    assert adapter.send("register.member.2026-05.csv", first)[0].returncode == 0
    assert adapter.send("register.member.2026-05.delta.csv",
                        "操作," + MEMBER + "".join("新增," + row + "\n" for row in second.splitlines()[1:]))[0] \
        .returncode == 0
    homes = {key: json.loads(row)["household_no"] for key, row in content(hub, "2026-05", "register_member")}
    assert homes == {number(1): "H1", number(2): "H2", number(3): "H2"}


def test_16_an_unchanged_roster_is_stored_with_a_warning(office):
    adapter = office()
    rows = HEADER + "".join(line(n) for n in range(1, 21))
    assert adapter.send("insurance.enrolment.2026-04.csv", rows)[1]["warnings"] == []
    done, answer = adapter.send("insurance.enrolment.2026-05.csv", rows)
    assert done.returncode == 0 and answer["committed"] and not answer["partial"]
    assert "提示：与上月名册完全相同，请确认是否为本月数据" in done.out and len(answer["warnings_zh"]) == 1


def test_16_half_a_file_is_stored_and_marked_partial(office):
    adapter = office()
    for period, count in (("2026-03", 20), ("2026-04", 21)):
        rows = HEADER + "".join(line(n) for n in range(1, count + 1))
        assert not adapter.send(f"insurance.enrolment.{period}.csv", rows)[1]["partial"]
    done, answer = adapter.send("insurance.enrolment.2026-05.csv", HEADER + "".join(line(n) for n in range(1, 11)))
    assert done.returncode == 0 and answer["committed"] and answer["partial"]
    assert done.out.count("提示：") == 1, done.out


def test_16_another_countys_file_is_refused_by_the_key(office):
    done, answer = office().send("insurance.enrolment.2026-05.csv",
                                 HEADER + "".join(line(n) for n in range(1, 21)), "--county", DENIED)
    assert done.returncode == 1 and answer["status"] == "refused" and answer["text_zh"], done.out + done.err


def test_21_a_spool_file_cut_off_by_a_crash_is_found_by_its_digest_and_sent_again_from_the_file(office, hub):
    adapter = office()
    path = roster(adapter.dir / "insurance.enrolment.2026-05.csv")
    assert adapter.run("send", path, "--no-wait").returncode == 0
    spooled = next((adapter.dir / "spool/incoming").iterdir())
    with open(spooled, "r+b") as file:
        file.truncate(spooled.stat().st_size - 40)  # inside the last frame
    other = roster(adapter.dir / "insurance.enrolment.2026-04.csv", rows=5)
    done = adapter.run("send", other)
    assert done.returncode == 0, done.out + done.err
    assert content(hub, "2026-05") == [] and "damaged" in done.err, done.err
    answers = [json.loads(file.read_text()) for file in (adapter.dir / "spool/receipts").glob("*.json")]
    assert sorted(answer["status"] for answer in answers) == ["committed", "damaged"]
    done = adapter.run("send", path)
    assert done.returncode == 0 and len(content(hub, "2026-05")) == 20, done.out + done.err


# ---- a file of many counties ----

SPLIT = "split: {insurance.enrolment: 参保地代码}\n"


def prefecture():
    rows = [line(n, area=str(COUNTY) + "101201") for n in range(1, 11)] + [line(30, id=BAD, area=str(COUNTY))]
    rows += [line(n, area=str(OTHER)) for n in range(11, 19)] + [line(n, area=str(DENIED)) for n in range(19, 22)]
    return HEADER + "".join(rows) + line(40, area="某地")


def expect_parts(hub, path):
    """Each county has its receipt; the one that the key may not send is refused alone."""
    def answer(county):
        return receipt(f"{path}.{county}")
    assert [answer(county)["status"] for county in (COUNTY, OTHER, DENIED)] == ["committed", "committed", "refused"]
    assert (answer(COUNTY)["stored"], answer(COUNTY)["quarantined"], answer(OTHER)["stored"]) == (10, 1, 8)
    assert answer(DENIED)["text_zh"]
    lost = Path(f"{path}.rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lost) == 2 and lost[1].startswith("24,参保地代码,")
    mine = Path(f"{path}.{COUNTY}.rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(mine) == 2 and mine[1].startswith("12,证件号码,")
    assert not Path(f"{path}.{OTHER}.rejects.csv").exists()
    assert len(content(hub, "2026-05")) == 10 and len(content(hub, "2026-05", county=OTHER)) == 8


def test_a_file_of_many_counties_is_split_into_a_submission_each(office, hub):
    adapter = office(more=SPLIT)
    path = adapter.dir / "insurance.enrolment.2026-05.csv"
    path.write_text(prefecture())
    answer = json.loads(adapter.run("check", path, "--json").out)
    assert (answer["lost"], [part["stored"] for part in answer["counties"]]) == (1, [3, 10, 8])
    done = adapter.run("send", path)
    assert done.returncode == 1 and "有 1 行从“参保地代码”列看不出是哪个县的" in done.out, done.out + done.err
    expect_parts(hub, path)
    report = Path(f"{path}.{COUNTY}.rejects.csv")
    text = report.read_text(encoding="utf-8-sig").replace(BAD, number(30))
    report.write_text("\ufeff" + text, encoding="utf-8")
    assert adapter.run("send", report).returncode == 0
    assert len(content(hub, "2026-05")) == 11


def test_a_dropped_file_of_many_counties_is_split_too(office, hub):
    adapter = office(more=SPLIT)
    path = adapter.dir / "insurance.enrolment.2026-05.csv"
    path.write_text(prefecture())
    adapter.start("watch")
    adapter.drop(path)
    for county in (COUNTY, OTHER, DENIED):
        there = wait_for(lambda county=county: adapter.one(f"sent/*/*.{county}.receipt.json"))
    expect_parts(hub, there.with_name(path.name))
    assert adapter.one(f"sent/*/{path.name}.{DENIED}.reason.txt")


def test_a_file_without_the_column_to_split_by_is_refused(office):
    adapter = office(more="split: {insurance.enrolment: 县区}\n")
    done, answer = adapter.send("insurance.enrolment.2026-05.csv", HEADER + line(1))
    assert done.returncode == 1 and "文件里没有“县区”列" in done.err and answer["code"] == "split_column"


# ---- what a side file says ----

def test_a_side_file_says_what_the_name_does_not(office, hub):
    adapter = office()
    adapter.start("watch")
    path = roster(adapter.dir / "五月名册.csv")
    side = adapter.dir / "五月名册.csv.yaml"
    side.write_text("type: insurance.enrolment\nperiod: 2026-05\n")
    adapter.drop(side)
    adapter.drop(path)
    answer = wait_for(lambda: adapter.one("sent/*/五月名册.csv.receipt.json"))
    assert json.loads(answer.read_text())["period"] == "2026-05" and len(content(hub, "2026-05")) == 20
    assert answer.with_name(side.name).exists()


def test_a_wrong_side_file_is_refused_with_its_place(office):
    adapter = office()
    path = roster(adapter.dir / "a.csv")
    (adapter.dir / "a.csv.yaml").write_text("period: 2026-05\nmonth: 5\n")
    done = adapter.run("send", path)
    assert done.returncode == 2 and "a.csv.yaml:2:1: unknown option 'month'" in done.err
