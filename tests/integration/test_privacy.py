"""No log holds a person, and nobody sees a full number without the role and a record of it."""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness import population, producers, run, say, scratch, send_all, settle  # noqa: E402

NAMES = ["欧阳试验甲", "慕容试验乙"]
NUMBERS = ["360799199001011234", "350899198502302345", "41139920010101"]  # bad check, date, length
COUNTY = 360722


@pytest.fixture(scope="module")
def place():
    with scratch("privacy") as base:
        yield from up(Path(base))


def up(base):
    built = run.build(say)
    files = population(built, base / "data", seed=5, households=300, months=1, county=COUNTY,
                       profile="xinfeng")
    (base / "run").mkdir()
    with run.Place(base / "run", built, COUNTY, "xinfeng", producers(files)) as place:
        send_all(place, files)
        settle(place)
        place.data = base / "data"
        yield place


def qianshao(place, *words):
    return run.call([place.bin / "qianshao", *words], check=False)


def people(data):
    """Every number and name of the synthetic county's register."""
    numbers, names = set(), set()
    for line in (data / "register/register.member.2026-01.csv").read_text("utf-8-sig").splitlines()[1:]:
        cells = line.split(",")
        numbers.update(cell for cell in cells if len(cell) == 18 and cell[:17].isdigit())
        names.update(cell for cell in cells if 2 <= len(cell) <= 4 and cell[0] in "王李张刘陈杨黄赵周吴")
    return numbers, names - {"周岁"}


def logs(place):
    found = list(place.log.glob("*.log")) + [(place.dir / "pg").resolve() / "server.log"]
    return {path.name: path.read_bytes().decode("utf-8", "replace") for path in found}


def bad_file(path):
    rows = ["结算编号,证件号码,姓名,医疗类别,入院日期,出院日期,医疗费总额,政策范围内费用,基本医保支付,大病保险支付,医疗救助支付,"
            "其他支付,政策内自付,个人自付总额,倾斜支付,冲销原结算编号,病种类别"]
    for i in range(30):  # mostly good rows, or the file as a whole would be refused
        rows.append(f"N{i},36079919900101{i:03d}X,张好,21,2026-01-02,2026-01-05,100,100,50,0,0,0,50,50,否,,0")
    good = rows[0:1]
    for i, row in enumerate(rows[1:]):
        cells = row.split(",")
        cells[1] = valid(f"36079919900101{i:03d}")
        good.append(",".join(cells))
    for i, number in enumerate(NUMBERS):
        good.append(f"B{i},{number},{NAMES[i % 2]},21,2026-01-02,2026-01-05,100,100,50,0,0,0,50,50,否,,0")
    path.write_text("\n".join(good) + "\n")


def valid(head):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, weights)) % 11]


def test_logs_hold_no_person_after_bad_rows_and_faults(place, tmp_path):
    path = tmp_path / "insurance.settlement.2026-01.r9.csv"
    bad_file(path)
    result = run.call([place.bin / "insurance-adapter", "send", path], check=False)
    assert result.returncode == 4, result.stdout + result.stderr
    for text in (result.stdout, result.stderr, Path(f"{path}.receipt.json").read_text()):
        assert not any(word in text for word in NAMES + NUMBERS)
    for _ in range(3):  # die in the middle of a statement, with the server's own words about it
        for row in place.cluster.sql("select pid from pg_stat_activity where usename like 'qs_%'"):
            try:
                os.kill(int(row[0]), signal.SIGKILL)
            except ProcessLookupError:
                pass
        place.wait_for(lambda: run.call([run.pg_bin() / "pg_isready", "-q", "-h", place.cluster.socket],
                                        check=False).returncode == 0, what="the server to recover")
    settle(place)
    numbers, names = people(place.data)
    assert len(numbers) > 500 and len(names) > 50
    shown = logs(place)
    assert {"qianshaod.log", "server.log"} <= set(shown)
    for name, text in shown.items():
        leaked = [word for word in numbers | names | set(NAMES + NUMBERS) if word in text]
        assert not leaked, f"{name} holds {len(leaked)} of a person"


def test_a_full_number_needs_the_role(place):
    result = qianshao(place, "findings", "--reveal", "入户核实三月")
    assert result.returncode == 1 and result.stdout == ""
    assert "may not see full identities" in result.stderr


def test_a_full_number_needs_a_reason(place):
    result = qianshao(place, "--user", "qs_clerk", "findings", "--reveal", "看看")
    assert result.returncode == 2 and result.stdout == ""


def test_ops_cannot_read_numbers_by_sql_either(place):
    for query in ("select subject from match.finding", "select person from cases.\"case\"",
                  "select id_no from register_member", "select name from ops.quarantine",
                  "select subject from match.finding_full"):
        query = query.replace("register_member", "feed.register_member")
        result = run.call([run.pg_bin() / "psql", "-XqAt", "-d", place.cluster.conninfo("qs_ops"),
                           "-c", query], check=False)
        assert result.returncode != 0 and "permission denied" in result.stderr, query


def test_a_look_up_is_on_record_before_it_is_shown(place):
    result = qianshao(place, "--user", "qs_clerk", "findings", "E02", "--reveal", "入户核实三月")
    assert result.returncode == 0
    shown = {word for line in result.stdout.splitlines() for word in line.split() if len(word) == 18}
    assert any(word[:17].isdigit() for word in shown)
    row = place.cluster.sql("select login, reason, command, count, cardinality(subjects)"
                            " from ops.audit order by id desc limit 1")[0]
    assert row[:3] == ["qs_clerk", "入户核实三月", "findings"] and row[3] == row[4] != "0"


def test_nothing_is_shown_when_the_record_cannot_be_written(place):
    place.cluster.sql("revoke insert on ops.audit from qs_reveal")
    try:
        result = qianshao(place, "--user", "qs_clerk", "findings", "--reveal", "入户核实三月")
    finally:
        place.cluster.sql("grant insert on ops.audit to qs_reveal")
    assert result.returncode == 1 and result.stdout == ""
    assert "cannot be put on record" in result.stderr


def test_masked_listings_hold_no_number(place):
    numbers, _ = people(place.data)
    for words in (["findings"], ["cases"], ["findings", "--json"], ["cases", "--json"]):
        result = qianshao(place, *words)
        assert result.returncode == 0
        assert not any(number in result.stdout for number in numbers), words
