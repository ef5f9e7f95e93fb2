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
    path = file(adapter, "2026-05", extra=line(21, id="360799195001010012"))
    done = adapter.run("send", path)
    assert done.returncode == 4 and receipt(path)["quarantined"] == 1, done.out + done.err
    report = path.with_name(path.name + ".rejects.csv")
    text = report.read_text(encoding="utf-8-sig").replace("360799195001010012", number(21))
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


def test_postgresql_away_for_a_while_costs_nothing_but_time(adapter, hub):
    watch = adapter.start("watch")
    adapter.drop(file(adapter, "2026-03"))
    wait_for(lambda: adapter.one("sent/*/insurance.enrolment.2026-03*.receipt.json"))
    hub.cluster.sql(f"alter database {hub.database} allow_connections false", database="postgres")
    hub.disconnect_database()
    for first, period in enumerate(PERIODS[1:], 30):
        assert adapter.run("send", file(adapter, period, first=first), "--no-wait").returncode == 0
    wait_for(lambda: hub.said("store-away"))
    hub.cluster.sql(f"alter database {hub.database} allow_connections true", database="postgres")
    wait_for(lambda: hub.states() == ["visible"] * 4, 60)
    assert stored(hub) == 80 and hub.counts()["inbox"]["store_losses"] > 0
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0


def test_a_hub_restored_from_an_older_copy_gets_again_what_the_spool_still_holds(adapter, hub):
    assert adapter.run("send", file(adapter, "2026-03")).returncode == 0
    hub.stop()
    hub.copy_database(f"{hub.database}_copy")
    hub.restart()
    for first, period in enumerate(PERIODS[1:3], 2):
        assert adapter.run("send", file(adapter, period, first=first)).returncode == 0
    assert stored(hub) == 60
    hub.stop()
    hub.restore_database(f"{hub.database}_copy")
    assert stored(hub) == 20
    hub.restart()
    assert adapter.run("send", file(adapter, PERIODS[3], first=4)).returncode == 0
    assert stored(hub) == 80 and hub.states() == ["visible"] * 4


def test_a_second_adapter_with_the_key_is_told_and_disturbs_nobody(adapter, built, hub, tmp_path):
    watch = adapter.start("watch")
    wait_for(lambda: hub.said("session-open"))
    other = Adapter(built, tmp_path, SimpleNamespace(endpoint=hub.feeds,
                                                     public=hub.keys.public.encode()))
    (tmp_path / "insurance.key").write_text(hub.adapters["insurance"]["keys"].secret + "\n")
    done = other.run("send", file(other, "2026-04"), "--timeout", "3")
    assert done.returncode == 3 and "暂存区" in done.err
    assert hub.counts()["feeds"]["rejected"] >= 1 and hub.said("session-fenced") is None
    adapter.drop(file(adapter, "2026-05"))
    wait_for(lambda: adapter.one("sent/*/*.receipt.json"))
    assert stored(hub) == 20
    watch.send_signal(signal.SIGTERM)
    assert adapter.end(watch) == 0
    other.close()


def test_a_spool_that_was_lost_stops_nothing_when_all_was_in(adapter, hub):
    assert adapter.run("send", file(adapter, "2026-04")).returncode == 0
    os.rename(adapter.dir / "spool", adapter.dir / "lost")
    path = file(adapter, "2026-05", first=3)
    done = adapter.run("send", path)
    assert done.returncode == 0, done.err
    assert json.loads((path.with_name(path.name + ".receipt.json")).read_text())["stored"] == 20
