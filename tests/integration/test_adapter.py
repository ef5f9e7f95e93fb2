"""A sector's adapter against a hub in memory: what a clerk sees, and what survives a death."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import zmq

from conftest import wait_for
from fakehub import FakeHub
from feed import number

COUNTY = 360722
TODAY = "2026-06-15"
HEADER = "证件号码,姓名,参保年度,险种,参保状态,缴费日期,资助类别,资助金额,参保地代码,身份标识\n"
NAME = "欧阳测量"  # planted: must never show up in a log or on a terminal


def line(serial, **change):
    fields = dict(id=number(serial), name=NAME, year="2026", scheme="390", status="1", paid="2026-01-05",
                  aid="0", amount="12.50", area="360722", marks="", **{})
    fields.update(change)
    return ",".join(fields.values()) + "\n"


def roster(path, rows=20, first=1, extra=""):
    path.write_text(HEADER + "".join(line(first + i) for i in range(rows)) + extra)
    return path


class Adapter:
    """Settings, spool and drop folder of one agency, and everything its programs printed."""

    def __init__(self, build, directory, hub):
        self.dir, self.hub, self.printed, self.running = directory, hub, [], []
        self.program = build / "adapters/insurance/insurance-adapter"
        public, secret = zmq.curve_keypair()
        (directory / "insurance.key").write_bytes(secret + b"\n")
        (directory / "insurance.key").chmod(0o600)
        self.settings()

    def settings(self, **more):
        options = dict(channel="insurance", county=COUNTY, producer="ybj",
                       hub=f'{{endpoint: "{self.hub.endpoint}", key: "{self.hub.public.decode()}"}}',
                       key_file="insurance.key", spool="{dir: spool}", watch="{dir: drop}", **more)
        (self.dir / "insurance.yaml").write_text(
            "".join(f"{name}: {value}\n" for name, value in options.items() if value))

    def start(self, *words, **environment):
        process = subprocess.Popen(
            [self.program, "--config", self.dir / "insurance.yaml", *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "QIANSHAO_TODAY": TODAY, **environment})
        self.running.append(process)
        return process

    def end(self, process, seconds=60):
        process.out, process.err = process.communicate(timeout=seconds)
        self.running.remove(process)
        self.printed += [process.out, process.err]
        return process.returncode

    def run(self, *words, **environment):
        process = self.start(*words, **environment)
        self.end(process)
        return process

    def status(self):
        return json.loads(self.run("status", "--json").out)

    def one(self, pattern):
        """The only file below the drop folder that the pattern finds."""
        found = list((self.dir / "drop").glob(pattern))
        return found[0] if len(found) == 1 else None

    def drop(self, path):
        """Put a file into the drop folder as a careful program does."""
        incoming = self.dir / "drop/incoming"
        wait_for(incoming.exists)
        hidden = incoming / f".{path.name}"
        hidden.write_bytes(path.read_bytes())
        hidden.rename(incoming / path.name)

    def close(self):
        for process in list(self.running):
            process.kill()
            self.end(process)
        text = "".join(self.printed)
        assert NAME not in text
        assert not re.search(r"3607991[0-9]{10}[0-9X]", text)
        for path in (self.dir / "spool").glob("**/*"):
            assert path.stat().st_mode & 0o077 == 0


@pytest.fixture
def fake():
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def adapter(built, tmp_path, fake):
    adapter = Adapter(built, tmp_path, fake)
    yield adapter
    adapter.close()


def receipt(path):
    return json.loads(Path(f"{path}.receipt.json").read_text())


# ---- check ----

def test_check_reads_and_sends_nothing(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    done = adapter.run("check", path, "--json")
    answer = json.loads(done.out)
    assert done.returncode == 0
    assert (answer["record_type"], answer["period"], answer["stored"]) == ("insurance.enrolment", "2026-05", 20)
    assert not (tmp_path / "spool").exists() and fake.heard == []


def test_check_needs_no_settings(adapter, tmp_path):
    path = roster(tmp_path / "a.csv", extra=line(21, id="12345"))
    done = subprocess.run([adapter.program, "check", path, "--county", str(COUNTY), "--period", "2026-05"],
                          capture_output=True, text=True, env={"QIANSHAO_TODAY": TODAY})
    assert done.returncode == 4 and "参保名册" in done.stdout


# ---- send ----

def test_a_file_is_committed_and_its_receipt_lies_beside_it(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    done = adapter.run("send", path)
    assert done.returncode == 0, done.err
    assert "回执：已入库（第 1 版），入库 20 行，待更正 0 行" in done.out
    answer = receipt(path)
    sent = fake.submissions[0]["open"]
    assert answer["committed"] and answer["status"] == "committed" and answer["digest"] == sent.digest.hex()
    assert (sent.producer, sent.county, sent.period, sent.rows) == ("ybj", COUNTY, 202605, 20)
    assert Path(f"{path}.receipt.json").stat().st_mode & 0o777 == 0o600
    assert adapter.status()["answered"] == 1
    assert wait_for(lambda: fake.count("drain") == 1)


def test_the_same_file_again_is_a_duplicate(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    assert adapter.run("send", path).returncode == 0
    done = adapter.run("send", path)
    assert done.returncode == 0 and "此前已收到相同内容" in done.out
    assert receipt(path)["status"] == "duplicate" and len(fake.submissions) == 1


def test_options_win_over_the_name(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.other.r3.csv")
    done = adapter.run("send", path, "--period", "2026-04", "--producer", "two", "--revision", "7",
                       "--kind", "delta", "--county", "360723")
    sent = fake.submissions[0]["open"]
    assert done.returncode == 0, done.err
    assert (sent.period, sent.producer, sent.revision, sent.kind, sent.county) == \
        (202604, "two", 7, 1, 360723)
    assert adapter.run("send", path).returncode == 0  # from the name alone: equal content
    assert "duplicate" in Path(f"{path}.receipt.json").read_text()


def test_rows_refused_give_a_report_that_comes_back_as_a_correction(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv", extra=line(21, id="360799195001010012"))
    done = adapter.run("send", path)
    assert done.returncode == 4 and receipt(path)["quarantined"] == 1
    report = Path(f"{path}.rejects.csv")
    mended = report.read_text(encoding="utf-8-sig").replace("360799195001010012", number(21))
    report.write_text("\ufeff" + mended, encoding="utf-8")
    done = adapter.run("send", report)
    assert done.returncode == 0, done.out + done.err
    assert fake.submissions[1]["open"].kind == 2 and fake.submissions[1]["rows"] == 1


@pytest.mark.parametrize("way", ["send", "watch"])
def test_rows_that_only_the_hub_refuses_join_the_report(adapter, fake, tmp_path, way):
    fake.rows_refused = [(5, "name", 11)]
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv", extra=line(21, id="360799195001010012"))
    if way == "send":
        assert adapter.run("send", path).returncode == 4
    else:
        adapter.start("watch")
        adapter.drop(path)
        path = wait_for(lambda: adapter.one("sent/*/*.receipt.json")).with_name(path.name)
    report = Path(f"{path}.rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in report[1:]] == ["5", "22"]
    assert receipt(path)["refused"] == [{"row": 5, "column": "name", "reason": "storage"}]


def test_a_file_that_cannot_be_used_is_refused_here(adapter, fake, tmp_path):
    path = tmp_path / "insurance.enrolment.2026-05.csv"
    path.write_text("证件号码,姓名\n1,2\n")
    done = adapter.run("send", path)
    assert done.returncode == 1
    assert receipt(path)["status"] == "refused" and receipt(path)["code"] == "column_missing"
    assert adapter.status()["queued"] == 0 and fake.heard == []


@pytest.mark.parametrize("words, said", [
    (["send"], "文件个数不对"),
    (["send", "/nonexistent.csv"], "cannot open the file"),
    (["send", "{file}", "--period", "2026-13"], "--period must be YYYY-MM"),
    (["send", "{file}", "--kind", "some"], "--kind must be full, delta or correction"),
    (["send", "{file}", "--county", "99"], "--county must be a six-digit code"),
    (["send", "{file}", "--revision", "0"], "--revision must be a number from 1"),
    (["send", "{file}", "--type", "insurance.other"], "--type must be a record type"),
    (["send", "{file}", "--type", "water.works"], "use water-adapter"),
    (["send", "{plain}"], "the period is not known"),
    (["send", "{file}", "--no-such"], "参数有误"),
    (["sendd", "{file}"], "没有这个命令"),
])
def test_a_wrong_command_line_says_so_and_exits_2(adapter, tmp_path, words, said):
    file = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    plain = roster(tmp_path / "roster.csv")
    done = adapter.run(*[word.format(file=file, plain=plain) for word in words])
    assert done.returncode == 2 and said in done.err


def test_what_the_hub_refuses_exits_1_with_its_reason(adapter, fake, tmp_path):
    fake.refuse = True
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    done = adapter.run("send", path)
    assert done.returncode == 1
    assert "回执：整份退回，未入库：与已收内容矛盾" in done.out
    assert receipt(path)["code"] == "CONFLICT"


def test_a_nil_report_needs_no_rows(adapter, fake, tmp_path):
    path = tmp_path / "insurance.settlement.2026-05.nil"
    path.write_text("")
    done = adapter.run("send", path)
    assert done.returncode == 0, done.out + done.err
    assert fake.submissions[0]["open"].nil and receipt(path)["committed"]
    done = adapter.run("send", "--nil", "--type", "insurance.settlement", "--period", "2026-04")
    assert done.returncode == 0, done.out + done.err


def test_without_a_hub_the_file_is_safe_and_goes_first_later(adapter, fake, tmp_path):
    fake.paused = True
    first = roster(tmp_path / "insurance.enrolment.2026-04.csv")
    done = adapter.run("send", first, "--timeout", "1")
    assert done.returncode == 3 and "文件已安全存入本机暂存区" in done.err
    assert adapter.status()["queued"] == 1
    fake.paused = False
    second = roster(tmp_path / "insurance.enrolment.2026-05.csv", first=2)
    assert adapter.run("send", second).returncode == 0
    assert fake.periods() == [202604, 202605]
    assert receipt(first)["committed"]  # whoever owns the spool delivers for all


def test_no_wait_returns_once_it_is_durable(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    done = adapter.run("send", path, "--no-wait")
    assert done.returncode == 0 and "文件已安全存入本机暂存区" in done.out
    assert fake.heard == [] and adapter.status()["incoming"] == 1


def test_a_signal_while_waiting_leaves_the_file_in_the_spool(adapter, fake, tmp_path):
    fake.mute = {"open"}
    process = adapter.start("send", roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    wait_for(lambda: fake.count("open"))
    process.send_signal(signal.SIGTERM)
    assert adapter.end(process) == 3 and "等待回执时被中断" in process.err
    assert adapter.status()["queued"] == 1


def hold_opens(fake):
    """Leave every OPEN unanswered, until fake.before is None: the submissions heard of. An OPEN comes again."""
    opened = set()
    fake.before = lambda kind, body: kind == "open" and (opened.add(body.uuid) or True)
    return opened


def test_two_at_once_share_one_session(adapter, fake, tmp_path):
    opened = hold_opens(fake)
    first = adapter.start("send", roster(tmp_path / "insurance.enrolment.2026-04.csv"))
    wait_for(lambda: len(opened) == 1)
    second = adapter.start("send", roster(tmp_path / "insurance.enrolment.2026-05.csv", first=2))
    wait_for(lambda: len(opened) == 2)
    fake.before = None
    fake.tell("resend", from_seq=1)
    assert adapter.end(first) == 0
    assert adapter.end(second) == 0
    assert fake.periods() == [202604, 202605]


def test_when_the_owner_dies_whoever_waits_takes_over(adapter, fake, tmp_path):
    opened = hold_opens(fake)
    path = roster(tmp_path / "insurance.enrolment.2026-04.csv")
    first = adapter.start("send", path)
    wait_for(lambda: len(opened) == 1)
    second = adapter.start("send", roster(tmp_path / "insurance.enrolment.2026-05.csv", first=2))
    wait_for(lambda: len(opened) == 2)
    fake.before = None
    first.kill()
    adapter.end(first)
    assert adapter.end(second) == 0
    assert sorted(fake.periods()) == [202604, 202605] and receipt(path)["committed"]


def test_a_restarted_hub_is_greeted_anew(adapter, fake, tmp_path):
    fake.mute = {"close"}
    process = adapter.start("send", roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    wait_for(lambda: fake.count("close"))
    fake.paused = True
    wait_for(lambda: fake.socket is None)
    fake.mute, fake.paused = set(), False
    assert adapter.end(process) == 0
    assert len(fake.submissions) == 1 and fake.count("hello") == 2


def test_a_receipt_that_was_lost_comes_with_the_next_session(adapter, fake, tmp_path):
    fake.mute = {"receipt"}
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    process = adapter.start("send", path)
    wait_for(lambda: fake.submissions)
    process.kill()
    adapter.end(process)
    fake.mute = set()
    second = roster(tmp_path / "insurance.enrolment.2026-06.csv", first=2)
    assert adapter.run("send", second).returncode == 0
    assert receipt(path)["committed"] and len(fake.submissions) == 2


def test_a_small_credit_is_obeyed(adapter, fake, tmp_path):
    fake.credit = 1 << 20
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv", rows=30000)
    assert adapter.run("send", path).returncode == 0
    assert fake.submissions[0]["rows"] == 30000 and len(fake.submissions[0]["payloads"]) > 3


def test_a_final_rejection_says_what_the_hub_says(adapter, fake, tmp_path):
    fake.reject = dict(code=6, text="this key is not on the access list", hint="register the key")
    done = adapter.run("send", roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    assert done.returncode == 3
    assert "this key is not on the access list" in done.err and "register the key" in done.err


def test_a_retryable_refusal_is_sent_again(adapter, fake, tmp_path):
    refused = []

    def refuse_first(kind, body):
        if kind == "batch" and not refused:
            refused.append(body.seq)
            fake.say(fake.route, "nack", seq=body.seq, code=4, text="the database is away", retryable=True)
            return True
        return False
    fake.before = refuse_first
    assert adapter.run("send", roster(tmp_path / "insurance.enrolment.2026-05.csv")).returncode == 0
    assert len(fake.submissions) == 1


def test_a_damaged_spool_file_is_never_sent_and_its_sender_is_told(adapter, fake, tmp_path):
    path = roster(tmp_path / "insurance.enrolment.2026-04.csv")
    assert adapter.run("send", path, "--no-wait").returncode == 0
    file = next((tmp_path / "spool/incoming").iterdir())
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    second = roster(tmp_path / "insurance.enrolment.2026-05.csv", first=2)
    done = adapter.run("send", second)
    assert done.returncode == 0 and "submission-damaged" in done.err
    assert fake.periods() == [202605]
    assert receipt(path)["text"] == "damaged: send the file again"
    assert len(list((tmp_path / "spool/queue").glob("*.damaged"))) == 1


@pytest.mark.parametrize("place", ["spool-before-rename", "spool-after-rename", "adopt-after-rename",
                                   "session-after-send", "session-after-send:2", "session-after-send:3",
                                   "receipt-before-write", "receipt-after-write"])
def test_a_death_anywhere_loses_and_doubles_nothing(adapter, fake, tmp_path, place):
    path = roster(tmp_path / "insurance.enrolment.2026-05.csv")
    died = adapter.run("send", path, QIANSHAO_CRASH_AT=place)
    assert died.returncode == -signal.SIGKILL
    done = adapter.run("send", path)
    assert done.returncode == 0, done.err
    assert len(fake.submissions) == 1 and receipt(path)["status"] in ("committed", "duplicate")
    assert list((tmp_path / "spool/incoming").iterdir()) == []


# ---- watch ----

def test_a_dropped_file_ends_in_sent_with_its_receipt(adapter, fake, tmp_path):
    watch = adapter.start("watch")
    adapter.drop(roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    found = wait_for(lambda: adapter.one("sent/*/*.receipt.json"))
    assert json.loads(found.read_text())["committed"]
    assert (found.parent / "insurance.enrolment.2026-05.csv").exists()
    assert list((tmp_path / "drop/incoming").iterdir()) == []
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0


def test_the_session_lives_while_a_large_file_is_prepared(adapter, fake, tmp_path):
    answered = []
    fake.before = lambda kind, body: kind == "pong" and answered.append(time.monotonic())
    watch = adapter.start("watch")
    wait_for(lambda: fake.count("hello"))
    adapter.drop(roster(tmp_path / "insurance.enrolment.2026-05.csv", rows=200_000))
    wait_for(lambda: list((tmp_path / "drop/.working").glob("*/*.csv")))
    begun = time.monotonic()
    while not list((tmp_path / "drop/sent").glob("*/*.csv")):
        fake.tell("ping", progress=1, waiting=0)
        time.sleep(0.02)  # not a wait: how often the hub asks
    took = time.monotonic() - begun
    assert sum(begun < at < begun + took for at in answered) > 3
    wait_for(lambda: adapter.one("sent/*/*.receipt.json"), 60)
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0


def test_send_works_beside_watch(adapter, fake, tmp_path):
    adapter.start("watch")
    wait_for(lambda: fake.count("hello"))
    for month in range(1, 6):
        assert adapter.run("send", roster(tmp_path / f"insurance.enrolment.2026-0{month}.csv",
                                          first=month)).returncode == 0
    assert fake.count("hello") == 1 and len(fake.submissions) == 5


def test_a_half_copied_file_is_left_alone_until_it_is_whole(adapter, fake, tmp_path):
    adapter.start("watch")
    wait_for((tmp_path / "drop/incoming").exists)
    whole = roster(tmp_path / "insurance.enrolment.2026-05.csv").read_text()
    copy = tmp_path / "drop/incoming/insurance.enrolment.2026-05.csv"
    with open(copy, "w") as file:
        file.write(whole[:1000])
        file.flush()
        time.sleep(3)  # longer than the quiet time: the open file tells
        assert copy.exists() and fake.submissions == []
        file.write(whole[1000:])
    wait_for(lambda: fake.submissions)
    assert fake.submissions[0]["rows"] == 20


def test_what_cannot_be_taken_goes_to_refused_with_the_reason(adapter, fake, tmp_path):
    adapter.start("watch")
    adapter.drop(roster(tmp_path / "roster.csv"))
    reason = wait_for(lambda: adapter.one("refused/*/roster.csv.reason.txt"))
    assert "不知道是哪个月的数据" in reason.read_text(encoding="utf-8-sig")
    fake.refuse = True
    adapter.drop(roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    reason = wait_for(lambda: adapter.one("refused/*/insurance.enrolment.2026-05.csv.reason.txt"))
    assert "与已收内容矛盾" in reason.read_text(encoding="utf-8-sig")
    assert adapter.one("refused/*/insurance.enrolment.2026-05.csv.receipt.json")
    assert list((tmp_path / "drop/sent").iterdir()) == []


def test_a_reload_with_a_broken_file_keeps_the_old_settings(adapter, fake, tmp_path):
    watch = adapter.start("watch")
    wait_for(lambda: fake.count("hello"))
    good = (tmp_path / "insurance.yaml").read_text()
    (tmp_path / "insurance.yaml").write_text(good + "colour: red\n")
    watch.send_signal(signal.SIGHUP)
    adapter.drop(roster(tmp_path / "insurance.enrolment.2026-05.csv"))
    wait_for(lambda: len(fake.submissions) == 1)
    (tmp_path / "insurance.yaml").write_text(good.replace("producer: ybj", "producer: other"))
    watch.send_signal(signal.SIGHUP)
    wait_for(lambda: fake.count("hello") == 2)
    adapter.drop(roster(tmp_path / "insurance.enrolment.2026-06.csv", first=2))
    wait_for(lambda: len(fake.submissions) == 2)
    assert [one["open"].producer for one in fake.submissions] == ["ybj", "other"]
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0
    assert "unknown option 'colour'" in watch.err and "settings-kept" in watch.err


def test_a_fenced_watch_ends_with_6(adapter, fake):
    watch = adapter.start("watch")
    wait_for(lambda: fake.count("hello"))
    fake.tell("fenced", generation=9)
    assert adapter.end(watch) == 6 and "a newer session" in watch.err


def test_a_killed_watch_hands_each_file_in_once(adapter, fake, tmp_path):
    for number_, place in enumerate(("spool-before-rename", "spool-after-rename", "adopt-after-rename",
                                     "session-after-send", "receipt-before-write",
                                     "receipt-after-write"), 1):
        dying = adapter.start("watch", QIANSHAO_CRASH_AT=place)
        adapter.drop(roster(tmp_path / f"insurance.enrolment.2026-0{number_}.csv", first=number_))
        assert adapter.end(dying) == -signal.SIGKILL, place
        watch = adapter.start("watch")
        found = wait_for(lambda: adapter.one(f"sent/*/*-0{number_}.csv.receipt.json"), what=place)
        assert json.loads(found.read_text())["status"] == "committed", place  # not sent a second time
        watch.send_signal(signal.SIGTERM)
        assert adapter.end(watch) == 0
        assert len(fake.submissions) == number_, place
        assert not list((tmp_path / "drop/.working").iterdir())


# ---- settings ----

def test_settings_are_checked_with_n(adapter):
    done = adapter.run("-n")
    assert done.returncode == 0 and "设置无误" in done.out


def test_every_problem_of_the_settings_is_named_with_its_place(adapter, tmp_path):
    path = tmp_path / "insurance.yaml"
    path.write_text("channel: insurance\ncolour: red\ncounty: 12\nspool: {dir: spool, max_mib: -1}\n"
                    "hub: {endpoint: x}\n")
    done = adapter.run("-n")
    assert done.returncode == 2
    for text in (":2:1: unknown option 'colour'", ":3:9: ", ":4:30: ", "'key_file' is missing"):
        assert f"{path}{text}" in done.err or text in done.err


def test_a_key_that_others_can_read_is_refused(adapter, tmp_path):
    (tmp_path / "insurance.key").chmod(0o644)
    done = adapter.run("-n")
    assert done.returncode == 2 and "insurance.key: others may read or change this secret" in done.err
    assert "chmod 0600" in done.err


@pytest.mark.parametrize("sector", ["education", "insurance", "housing", "water", "civil", "register"])
def test_the_sample_settings_are_good(built, sector):
    sample = Path(__file__).resolve().parents[2] / f"config/adapters/{sector}.yaml"
    done = subprocess.run([built / f"adapters/{sector}/{sector}-adapter", "--config", sample, "check",
                           "/nonexistent"], capture_output=True, text=True)
    assert done.returncode == 2 and "设置文件有误" not in done.stderr and "文件无法读取" in done.stderr
