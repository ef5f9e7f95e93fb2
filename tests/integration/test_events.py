"""The hub's event side and bureau-adapter, with real PostgreSQL and CURVE."""

import os
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

import client
import run
from conftest import COUNTY, TEMPLATE, Keys, wait_for
from hub import EventHub

CHANNEL = f"{COUNTY}/bureau"


@pytest.fixture
def hub(cluster, built, tmp_path):
    database = f"qs_events_{os.urandom(4).hex()}"
    cluster.sql(f"create database {database} template {TEMPLATE}", database="postgres")
    directory = tmp_path / "hub"
    directory.mkdir()
    hub = EventHub(cluster, built, directory, database).begin()
    yield hub
    status = hub.stop()
    cluster.sql(f"drop database {database} with (force)", database="postgres")
    assert status in (None, 0), hub.log.read_text()


@pytest.fixture
def bureau(hub, tmp_path):
    bureau = hub.bureau(tmp_path / "bureau")
    yield bureau
    bureau.stop(signal.SIGKILL)


# ---- bureau-adapter ----

def test_events_that_were_there_and_events_that_come_are_in_the_ledger_and_acknowledged(hub, bureau):
    hub.put_events(20)
    bureau.start()
    wait_for(lambda: hub.acked() == 20)
    hub.put_events(5)
    wait_for(lambda: hub.acked() == 25)
    bureau.expect_ledger(25)
    assert bureau.stop() == 0
    assert stat.S_IMODE(bureau.ledger_file.stat().st_mode) == 0o600
    line = bureau.ledger()[7]
    assert line["type"] == "updated" and line["case_seq"] == 2 and line["case_id"].startswith(f"{COUNTY}-H")
    assert not bureau.logged("case-out-of-order")


def test_until_ends_once_the_event_is_in_the_ledger(hub, bureau):
    hub.put_events(300)
    assert bureau.start("--until", "300").wait() == 0
    bureau.expect_ledger(300)
    wait_for(lambda: hub.acked() == 300)
    assert bureau.start("--until", "300").wait() == 0


@pytest.mark.parametrize("place", ["bureau-after-write", "bureau-after-sync", "bureau-after-ack"])
def test_killed_at_any_step_the_ledger_has_every_event_once(hub, bureau, place):
    hub.put_events(40)
    for _ in range(2):
        bureau.start(crash=place)
        assert bureau.wait() == -signal.SIGKILL
        count = hub.put_events(3)
    assert bureau.start("--until", str(count)).wait() == 0
    bureau.expect_ledger(count)
    wait_for(lambda: hub.acked() == count)


def test_killed_again_and_again_under_load_the_ledger_has_every_event_once(hub, bureau):
    kills, count = 6, 600

    def judge():
        for _ in range(count // 50):
            hub.put_events(50)

    judging = threading.Thread(target=judge)
    judging.start()
    for _ in range(kills):
        before = len(bureau.ledger())
        bureau.start()
        wait_for(lambda: len(bureau.ledger()) > before or before == count)
        bureau.stop(signal.SIGKILL)
    judging.join()
    assert bureau.start("--until", str(count)).wait() == 0
    bureau.expect_ledger(count)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_hub_that_comes_back_is_found_again_and_nothing_is_missed(hub, bureau, how):
    hub.put_events(10)
    bureau.start()
    wait_for(lambda: hub.acked() == 10)
    hub.stop(how)
    hub.put_events(10)
    hub.begin()
    wait_for(lambda: hub.acked() == 20)
    bureau.expect_ledger(20)


def test_postgresql_going_away_ends_nothing(hub, bureau):
    hub.put_events(5)
    bureau.start()
    wait_for(lambda: hub.acked() == 5)
    before = hub.logged("event-store-open")
    hub.cluster.sql(f"alter database {hub.database} allow_connections false", database="postgres")
    hub.disconnect_database()
    wait_for(lambda: hub.logged("event-store-away") >= 3)
    assert not bureau.logged("disconnected")
    assert bureau.process.poll() is None and hub.process.poll() is None
    hub.cluster.sql(f"alter database {hub.database} allow_connections true", database="postgres")
    wait_for(lambda: hub.logged("event-store-open") > before)
    hub.put_events(5)
    wait_for(lambda: hub.acked() == 10)
    bureau.expect_ledger(10)


def test_a_hub_restored_from_an_older_copy_is_found_out_and_nothing_is_lost(hub, bureau):
    hub.put_events(10)
    hub.end()
    hub.copy_database(f"{hub.database}_copy")
    hub.begin()
    hub.put_events(10)
    assert bureau.start("--until", "20").wait() == 0
    hub.restore_database(f"{hub.database}_copy")
    ledger = bureau.ledger()
    assert bureau.start().wait() == 1
    assert bureau.logged("code=CONFLICT") and bureau.logged("restored from an older copy")
    wait_for(lambda: hub.logged("subscribe-refused"))
    assert bureau.ledger() == ledger


def test_a_restored_hub_that_has_gone_on_since_is_found_out_by_the_newest_event(hub, bureau):
    hub.put_events(10)
    assert bureau.start("--until", "10").wait() == 0
    hub.sql("delete from cases.outbox where number > 5")
    hub.written[(COUNTY, "bureau")] = 5
    hub.put_events(15, households=3)
    ledger = bureau.ledger()
    assert bureau.start().wait() == 1
    assert bureau.logged("the hub's event 10 differs from ours")
    wait_for(lambda: hub.logged("event-refused"))
    assert bureau.ledger() == ledger


def test_a_new_log_is_a_conflict(hub, bureau):
    hub.put_events(3)
    assert bureau.start("--until", "3").wait() == 0
    hub.end()
    hub.sql("delete from cases.log")
    hub.begin()
    assert bureau.start().wait() == 1
    assert bureau.logged("from another log")


def test_a_second_instance_is_refused(hub, bureau):
    bureau.start()
    wait_for(lambda: bureau.logged("subscribed"))
    second = bureau.call("run")
    assert second.returncode == 5
    assert "another process has taken the directory" in second.stderr


def test_two_programs_with_one_key_do_not_put_each_other_out(hub, bureau, tmp_path):
    hub.put_events(3)
    bureau.start()
    wait_for(lambda: hub.acked() == 3)
    second = hub.bureau(tmp_path / "second").start()
    try:
        wait_for(lambda: second.logged("code=CONFLICT"))
        assert hub.counts()["events"]["occupied"] >= 1 and hub.counts()["events"]["conflicts"] == 0
        hub.put_events(3)
        wait_for(lambda: hub.acked() == 6)
        assert not second.ledger() and not bureau.logged("disconnected")
        bureau.stop()
        wait_for(lambda: len(second.ledger()) == 6)
    finally:
        second.stop(signal.SIGKILL)


def test_a_hung_subscriber_is_replaced_after_a_while_and_ends_when_it_wakes(hub, bureau, tmp_path):
    hub.put_events(3)
    bureau.start()
    wait_for(lambda: hub.acked() == 3)
    bureau.process.send_signal(signal.SIGSTOP)
    second = hub.bureau(tmp_path / "second").start("--until", "3")
    try:
        assert second.wait(30) == 0
        bureau.process.send_signal(signal.SIGCONT)
        assert bureau.wait() == 6
        assert bureau.logged("code=FENCED")
    finally:
        second.stop(signal.SIGKILL)


def test_a_killed_subscriber_gets_in_again_at_once(hub, bureau):
    hub.put_events(3)
    bureau.start()
    wait_for(lambda: hub.acked() == 3)
    bureau.stop(signal.SIGKILL)
    began = time.monotonic()
    hub.put_events(1)
    assert bureau.start("--until", "4").wait() == 0
    assert time.monotonic() - began < 3 + 2  # dead_seconds is 3, and a refusal waits 2


def test_a_revoked_key_is_put_out_at_once_and_comes_back_when_granted(hub, bureau):
    hub.put_events(2)
    bureau.start()
    wait_for(lambda: hub.acked() == 2)
    own = hub.subscribers.pop("bureau")
    hub.regrant()
    assert bureau.wait() == 1
    assert bureau.logged("code=DENIED")
    hub.put_events(1)
    hub.subscribers["bureau"] = own
    hub.regrant()
    assert bureau.start("--until", "3").wait() == 0


def test_a_reload_with_another_key_goes_on(hub, bureau, tmp_path):
    hub.put_events(2)
    bureau.start()
    wait_for(lambda: hub.acked() == 2)
    good = bureau.config.read_text()
    bureau.config.write_text(good.replace("county:", "kounty:"))
    bureau.process.send_signal(signal.SIGHUP)
    wait_for(lambda: bureau.logged("reload-failed"))
    assert bureau.logged("unknown option 'kounty'")
    bureau.config.write_text(good.replace(str(hub.key_file("bureau")), str(hub.key_file("other"))))
    bureau.process.send_signal(signal.SIGHUP)
    wait_for(lambda: bureau.logged("reloaded"))
    hub.put_events(2)
    wait_for(lambda: hub.acked("other") == 4)
    bureau.expect_ledger(4)


def test_a_full_disk_stops_it_and_space_lets_it_go_on(hub, bureau):
    hub.put_events(50, padding=2000)
    limited = subprocess.run(["sh", "-c", 'ulimit -f 100; trap "" XFSZ; exec "$@"', "sh",
                              *(str(word) for word in bureau.command("run"))],
                             capture_output=True, text=True, timeout=60)
    assert limited.returncode == 5 and "hint=\"free disk space" in limited.stderr
    assert bureau.start("--until", "50").wait() == 0
    bureau.expect_ledger(50)


def test_a_large_event_and_many_bytes_get_through(hub, bureau):
    hub.put_events(12, padding=900_000)  # more than one credit
    assert bureau.start("--until", "12").wait(120) == 0
    bureau.expect_ledger(12)


def test_status_and_check_say_what_is_there(hub, bureau):
    assert bureau.status()["events"] == 0
    hub.put_events(9)
    bureau.start("--until", "9").wait()
    status = bureau.status()
    assert (status["events"], status["cases"], status["running"]) == (9, 7, False)
    assert status["channel"] == CHANNEL
    assert "9" in bureau.call("status").stdout
    printed = bureau.call("-n")
    assert printed.returncode == 0
    again = bureau.config.with_name("printed.yaml")
    again.write_text(printed.stdout)
    second = run.call([*bureau.command()[:1], "-c", again, "-n"])
    assert second.stdout == printed.stdout
    assert hub.subscribers["bureau"]["keys"].secret not in printed.stdout
    bureau.config.write_text("county: x\nroute: bureau\n")
    wrong = bureau.call("-n")
    assert wrong.returncode == 2
    assert all(word in wrong.stderr for word in ("bureau.yaml:1:9:", "'dir' is missing",
                                                 "'hub.endpoint' is missing"))
    assert bureau.call("--version").stdout.startswith("bureau-adapter ")
    assert bureau.call("fly").returncode == 2


# ---- the protocol, spoken by hand ----

def test_a_stranger_gets_no_handshake_and_another_channel_is_denied(hub):
    with hub.client(keys=Keys()) as them:
        them.send("ping", progress=0)
        assert them.receive(2) is None
    for channel in ("350582/bureau", f"{COUNTY}/township"):
        with hub.client(channel=channel) as them:
            with pytest.raises(client.Rejected) as refusal:
                them.subscribe()
            assert refusal.value.code == 6 and not refusal.value.retryable


def test_a_subscribe_that_cannot_be_is_rejected_with_its_code(hub):
    hub.put_events(1)
    for fields, code in (({"next_seq": 0}, 3), ({"credit": 1000}, 2), ({"epoch": b"x" * 16}, 7),
                         ({"next_seq": 3}, 7), ({"epoch": b"short"}, 3)):
        with hub.client() as them:
            with pytest.raises(client.Rejected) as refusal:
                them.subscribe(**fields)
            assert refusal.value.code == code, fields
            assert not refusal.value.retryable and refusal.value.text


def test_credit_bounds_what_is_on_its_way(hub):
    hub.put_events(40, padding=100_000)
    with hub.client() as them:
        them.subscribe(credit=1 << 20)
        sizes = [them.event()[4] for _ in range(10)]
        assert them.receive(0.5) is None
        assert sum(sizes) <= 1 << 20 < sum(sizes) + sizes[0]
        them.acknowledge(sum(sizes))
        for _ in range(10):
            them.event()
        assert hub.acked() == 10


def test_resend_starts_again_behind_the_acknowledged(hub):
    hub.put_events(6)
    with hub.client() as them:
        them.subscribe()
        first = [them.event()[1] for _ in range(6)]
        them.next_seq = 3
        them.send("ack", next_seq=3)
        them.send("resend", from_seq=3)
        assert [them.event()[1] for _ in range(4)] == first[2:]
        them.send("resend", from_seq=2)
        assert them.receive()[0] == "reject"


def test_garbage_ends_only_the_session_that_sent_it(hub, bureau):
    garbage = [
        lambda: them.send_raw(b"\xff\xff\xff"),
        lambda: them.send_raw(b""),
        lambda: them.send_raw(b"a", b"b", b"c"),
        lambda: them.send("hello", protocol=1, channel="x", epoch=bytes(16), first_seq=1, next_seq=1),
        lambda: them.send("ack", next_seq=99),
        lambda: them.send("batch", seq=1, rows=1, unresolved=0, digest=bytes(32), previous=bytes(32)),
    ]
    count = hub.put_events(2)
    bureau.start()
    wait_for(lambda: hub.acked() == count)
    for send in garbage:
        with hub.client("other") as them:
            them.subscribe()
            for _ in range(count):
                them.event()
            send()
            kind, body, _ = them.receive()
            assert (kind, body.code, body.retryable) == ("reject", 3, False)
            count = hub.put_events(1)
            wait_for(lambda: hub.acked() == count)
            assert them.receive(0) is None
    assert hub.logged("event-garbage") and not bureau.logged("disconnected")


def test_garbage_without_a_session_or_a_handshake_harms_nobody(hub, bureau):
    bureau.start()
    wait_for(lambda: bureau.logged("subscribed"))
    host, port = hub.events.removeprefix("tcp://").split(":")
    for bytes_sent in (b"GET / HTTP/1.0\r\n\r\n", b"\xff" + bytes(8) + b"\x7f\x03", os.urandom(4096)):
        with socket.create_connection((host, int(port))) as raw:
            raw.sendall(bytes_sent)
    with hub.client("other") as them:
        for _ in range(50):
            them.send_raw(os.urandom(200))
        them.send("ack", next_seq=1)
        kinds = [them.receive() for _ in range(51)]
        assert {kind for kind, _, _ in kinds} == {"reject"}
        assert kinds[-1][1].retryable
    hub.put_events(1)
    wait_for(lambda: hub.acked() == 1)
    assert not bureau.logged("disconnected")


def last_word(hub, epoch, number, kind, **fields):
    """Subscribe, take one event and leave with one message; returns the log's epoch."""
    while True:
        with hub.client() as them:
            try:
                epoch = them.subscribe(next_seq=number, epoch=epoch).epoch
            except client.Rejected as refusal:
                assert refusal.retryable  # it has not noticed yet that the one before has gone
                continue
            them.event()
            them.send(kind, **fields)
            return epoch


def test_the_last_word_of_a_subscriber_counts_though_its_connection_is_closed(hub):
    hub.put_events(100, padding=50_000)
    epoch = bytes(16)
    for number in range(1, 16):
        epoch = last_word(hub, epoch, number, "ack", next_seq=number + 1)
        wait_for(lambda: hub.acked() == number)
    last_word(hub, epoch, number, "nack", seq=number, code=7, text="another", retryable=False)
    wait_for(lambda: hub.logged("event-refused"))


def test_other_times_take_effect_with_a_reload(hub):
    hub.options["session"] = "{ping_seconds: 60, dead_seconds: 600}"
    hub.regrant()
    with hub.client() as them:
        them.subscribe(ping_seconds=0)
        assert them.receive(1.5, answer_pings=False) is None
        hub.options["session"] = "{ping_seconds: 1, dead_seconds: 2}"
        hub.regrant()
        assert them.receive(5, answer_pings=False)[0] == "ping"
        wait_for(lambda: hub.logged("subscriber-silent"))


def test_a_hole_in_the_outbox_is_not_skipped(hub):
    hub.put_events(5)
    hub.sql("delete from cases.outbox where number = 3")
    with hub.client() as them:
        them.subscribe()
        assert [them.event()[0] for _ in range(2)] == [1, 2]
        assert them.receive(1.5) is None
    assert hub.logged("event 3 is missing in the outbox") == 1


def test_drain_says_goodbye_and_the_last_acknowledgement_is_kept(hub):
    hub.put_events(2)
    with hub.client() as them:
        them.subscribe()
        size = sum(them.event()[4] for _ in range(2))
        stopping = threading.Thread(target=hub.end)
        stopping.start()
        assert them.receive()[0] == "drain"
        them.acknowledge(size)
        stopping.join()
    assert hub.acked() == 2


def test_no_name_number_or_payload_is_ever_logged(hub, bureau):
    hub.put_events(3)
    assert bureau.start("--until", "3").wait() == 0
    for text in (hub.log.read_text(), bureau.log.read_text()):
        assert "陈" not in text and "r" * 16 not in text and "-H00000" not in text
