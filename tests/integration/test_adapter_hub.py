"""A sector's adapter and the real hub: what one says the other has."""

import json
import os
import signal
import time
from types import SimpleNamespace

import pytest

from conftest import COUNTY, wait_for
from feed import number
from test_adapter import Adapter, line, receipt, roster

PERIODS = ("2026-03", "2026-04", "2026-05", "2026-06")


@pytest.fixture
def adapter(built, hub, tmp_path):
    directory = tmp_path / "agency"
    directory.mkdir()
    hub.adapter("insurance", ["insurance.enrolment", "insurance.settlement"], producer="ybj")
    hub.start()
    adapter = Adapter(built, directory, SimpleNamespace(endpoint=hub.feeds,
                                                        public=hub.keys.public.encode()))
    (directory / "insurance.key").write_text(hub.adapters["insurance"]["keys"].secret + "\n")
    yield adapter
    adapter.close()


def file(adapter, period, rows=20, first=1, extra="", suffix=""):
    return roster(adapter.dir / f"insurance.enrolment.{period}{suffix}.csv", rows, first, extra)


def stored(hub):
    return int(hub.value("select count(*) from feed.insurance_enrolment"))


def test_a_file_is_in_the_database_when_its_receipt_is_there(adapter, hub):
    path = file(adapter, "2026-05")
    done = adapter.run("send", path)
    assert done.returncode == 0, done.out + done.err
    answer = receipt(path)
    assert (answer["status"], answer["revision"], answer["stored"]) == ("committed", 1, 20)
    assert stored(hub) == 20 and hub.states() == ["visible"] or hub.states() == ["complete"], hub.states()


def test_one_after_the_other_nobody_waits_for_the_one_before(adapter, hub):
    begun = time.monotonic()
    for first, period in enumerate(PERIODS, 1):
        assert adapter.run("send", file(adapter, period, first=first)).returncode == 0
    assert time.monotonic() - begun < 14, "a session that said goodbye must not block the next"
    assert stored(hub) == 80


def test_the_same_again_is_a_duplicate_and_a_changed_file_the_next_revision(adapter, hub):
    path = file(adapter, "2026-05")
    assert adapter.run("send", path).returncode == 0
    assert "此前已收到相同内容" in adapter.run("send", path).out
    assert adapter.run("send", file(adapter, "2026-05", rows=21)).returncode == 0
    assert receipt(path)["revision"] == 2


def test_mended_rows_come_back_as_a_correction(adapter, hub):
    path = file(adapter, "2026-05", extra=line(21, id="360722195001010011"))
    done = adapter.run("send", path)
    assert done.returncode == 4 and receipt(path)["quarantined"] == 1, done.out + done.err
    report = path.with_name(path.name + ".rejects.csv")
    text = report.read_text(encoding="utf-8-sig").replace("360722195001010011", number(21))
    report.write_text("\ufeff" + text, encoding="utf-8")
    done = adapter.run("send", report)
    assert done.returncode == 0, done.out + done.err


def test_what_the_key_may_not_send_is_refused_in_chinese(adapter, hub):
    path = file(adapter, "2026-05")
    done = adapter.run("send", path, "--producer", "other")
    assert done.returncode == 1, done.out + done.err
    assert receipt(path)["status"] == "refused" and receipt(path)["text_zh"]


def test_a_key_that_is_not_known_gets_no_answer_and_the_file_is_kept(adapter, hub):
    hub.adapters.pop("insurance")
    hub.settings()
    hub.reload()
    done = adapter.run("send", file(adapter, "2026-05"), "--timeout", "2")
    assert done.returncode == 3 and "暂存区" in done.err


def test_a_large_file_comes_whole(adapter, hub):
    path = file(adapter, "2026-05", rows=60000)
    done = adapter.run("send", path)
    assert done.returncode == 0, done.out + done.err
    assert stored(hub) == 60000


@pytest.mark.parametrize("place", ["inbox-after-begin", "inbox-before-commit", "inbox-after-commit",
                                   "close-before-commit", "close-after-commit", "broker-before-ack"])
def test_a_hub_that_dies_under_watch_gets_everything_once(adapter, hub, place):
    hub.stop()
    hub.restart(QIANSHAO_CRASH_AT=place)
    watch = adapter.start("watch")
    adapter.drop(file(adapter, "2026-05"))
    hub.died()
    hub.restart()
    wait_for(lambda: adapter.one("sent/*/*.receipt.json"), 60)
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0
    assert stored(hub) == 20 and len(hub.states()) == 1


def test_a_spool_that_was_lost_stops_nothing_when_all_was_in(adapter, hub):
    assert adapter.run("send", file(adapter, "2026-04")).returncode == 0
    os.rename(adapter.dir / "spool", adapter.dir / "lost")
    path = file(adapter, "2026-05", first=3)
    done = adapter.run("send", path)
    assert done.returncode == 0, done.err
    assert json.loads((path.with_name(path.name + ".receipt.json")).read_text())["stored"] == 20
