"""Sessions: who may talk, in which order, and what happens to those that break the rules."""

import hashlib
import os

import pytest
import zmq
from client import Rejected
from conftest import Keys, wait_for
from feed import COMMITTED, DISCARDED, Submission, enrolment

PROTOCOL, DENIED, CONFLICT, LIMIT = 3, 6, 7, 2


def rows(count, **fields):
    return [enrolment(i, **fields) for i in range(1, count + 1)]


def refusal(call, *arguments, **options):
    with pytest.raises(Rejected) as caught:
        call(*arguments, **options)
    return caught.value


@pytest.mark.parametrize("who", ["unknown key", "wrong server key", "subscriber's key"])
def test_a_stranger_gets_no_connection(hub, feed, who):
    subscriber = hub.subscriber("bureau")
    hub.start()
    keys = {"unknown key": Keys(), "subscriber's key": subscriber["keys"]}.get(who)
    server = Keys().public if who == "wrong server key" else None
    stranger = feed(keys=keys, server=server)
    monitor = stranger.socket.get_monitor_socket()
    stranger.control("hello", dict(protocol=1, channel="insurance", epoch=bytes(16), first_seq=1,
                                   next_seq=1, program="test", receipts_from=0))
    from zmq.utils.monitor import recv_monitor_message
    seen = set()
    while not seen & {zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
                      zmq.EVENT_DISCONNECTED}:
        assert monitor.poll(10000)
        seen.add(recv_monitor_message(monitor)["event"])
    assert zmq.EVENT_HANDSHAKE_SUCCEEDED not in seen
    stranger.socket.disable_monitor()
    wait_for(lambda: hub.counts()["feeds"]["handshakes_failed"] > 0)
    assert hub.value("select count(*) from ops.channel") == "0"
    good = feed()
    good.hello()
    assert good.deliver(Submission(rows(3))).status == COMMITTED


def test_a_key_has_one_channel(hub, feed):
    hub.start()
    adapter = feed("insurance", keys=hub.adapters["housing"]["keys"])
    refused = refusal(adapter.hello)
    assert (refused.kind, refused.code, refused.retryable) == ("reject", DENIED, False)
    assert hub.counts()["feeds"]["rejected"] == 1


@pytest.mark.parametrize("fields", [dict(producer="other"), dict(county=350582),
                                    dict(record_type="housing.renovation", nil=True)],
                         ids=["producer", "county", "record type"])
def test_a_key_sends_what_it_was_granted_and_nothing_else(hub, feed, fields):
    hub.start()
    adapter = feed()
    adapter.hello()
    told = [] if "nil" in fields else rows(3)
    receipt = adapter.deliver(Submission(told, **{"producer": "insurance", **fields}))
    assert (receipt.status, receipt.code, receipt.stored) == (2, DENIED, 0)
    assert "access list" in receipt.text and "联系运维" in receipt.text_zh
    assert adapter.deliver(Submission(rows(3))).status == COMMITTED
    counted = hub.counts()["inbox"]
    assert (counted["refused"], counted["visible"], counted["rows"]) == (1, 1, 3)
    assert hub.value("select count(*) from feed.insurance_enrolment") == "3"


def test_another_protocol_is_rejected(hub, feed):
    hub.start()
    refused = refusal(feed().hello, protocol=2)
    assert (refused.code, refused.retryable) == (PROTOCOL, False)


def test_an_entry_before_hello_is_answered_by_reject(hub, feed):
    hub.start()
    adapter = feed()
    adapter.push(Submission(rows(1)))
    refused = refusal(adapter.until, "ack")
    assert (refused.kind, refused.code, refused.retryable) == ("reject", PROTOCOL, True)
    adapter.close()
    assert feed().hello().next_seq == 1


@pytest.mark.parametrize("frames", [
    [b"\xff\xff\xff"], [b""], [os.urandom(300)], [b"\x22\x00"], [b"x"] * 3, [b"\x3a\x02\x08\x05"],
    [b"\x00" * (257 * 1024)]], ids=["torn", "empty", "noise", "open", "three", "ack", "large"])
def test_garbage_ends_the_session_and_nothing_else(hub, feed, frames):
    hub.start()
    good, bad = feed("housing"), feed()
    good.hello()
    bad.hello()
    bad.send_raw(*frames)
    refused = refusal(bad.until, "ack")
    assert (refused.kind, refused.code, refused.retryable) == ("reject", PROTOCOL, False)
    good.control("ping", dict(progress=1, waiting=0))
    good.until("pong")
    assert hub.counts()["feeds"]["garbage"] == 1


def test_an_oversized_message_costs_the_connection(hub, feed):
    hub.start()
    good, bad = feed("housing"), feed()
    good.hello()
    bad.hello()
    monitor = bad.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    bad.send_raw(b"x" * (3 << 20))
    assert monitor.poll(10000)
    bad.socket.disable_monitor()
    good.control("ping", dict(progress=1, waiting=0))
    good.until("pong")
    wait_for(lambda: hub.counts()["feeds"]["disconnected"] == 1)


def test_more_than_the_credit_ends_the_session(hub, feed):
    hub.options["limits"] = "{credit_bytes: 1048576}"
    hub.start()
    adapter = feed()
    assert adapter.hello().credit == 1 << 20
    with hub_locked(hub):
        submission = Submission([enrolment(i, name="陈" * 40) for i in range(1, 9001)], per_batch=3000)
        assert sum(len(batch[0]) for batch in submission.batches) > 1 << 20
        adapter.push(submission)
        refused = refusal(adapter.until, "credit")
        assert (refused.kind, refused.code, refused.retryable) == ("nack", LIMIT, False)


class hub_locked:
    """While it lasts, no submission can be opened: the worker waits."""

    def __init__(self, hub):
        self.hub = hub

    def __enter__(self):
        import subprocess
        self.psql = subprocess.Popen(
            ["psql", "-XqAt", "-d", self.hub.conninfo("postgres")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.psql.stdin.write("begin; lock table ops.submission in access exclusive mode; select 1;\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline() == "1\n"

    def __exit__(self, *unused):
        self.psql.stdin.close()
        self.psql.wait()


def test_pings_are_answered_while_the_database_works(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    with hub_locked(hub):
        adapter.push(Submission(rows(3)))
        adapter.control("ping", dict(progress=1, waiting=0))
        adapter.until("pong")
    adapter.until("receipt")


def test_a_replayed_batch_counts_once(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    submission = Submission(rows(300))
    for entry in submission.entries(1):
        for _ in range(3):
            adapter.control(*entry)
    assert adapter.until("receipt").stored == 300
    adapter.acked(6)
    assert hub.value("select count(*) from feed.insurance_enrolment") == "300"
    assert hub.value("select count(*) from ops.submission") == "1"
    assert hub.counts()["feeds"]["repeats"] == 10  # five entries, twice too often


def test_the_rest_of_a_refused_submission_is_left_out(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    refused = Submission(rows(300), producer="other")
    adapter.control(*next(refused.entries(1)))
    receipt = adapter.until("receipt")
    assert (receipt.uuid, receipt.code) == (refused.uuid, DENIED)
    adapter.acked(6)
    adapter.seq = 6
    assert adapter.deliver(Submission(rows(300))).stored == 300


def test_entries_out_of_order_are_asked_for_again(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    entries = list(Submission(rows(300)).entries(1))
    adapter.control(*entries[0])
    adapter.control(*entries[2])
    adapter.control(*entries[1])
    adapter.control(*entries[3])
    assert adapter.until("resend").from_seq == 2
    for entry in entries[1:]:
        adapter.control(*entry)
    assert adapter.until("receipt").stored == 300
    assert hub.counts()["feeds"]["gaps"] >= 1


def test_a_damaged_batch_is_asked_for_three_times(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    entries = list(Submission(rows(300)).entries(1))
    adapter.control(*entries[0])
    adapter.acked(2)
    for attempt in range(3):
        adapter.control(*entries[1][:2], entries[1][2][:-1] + b"\x00")
        adapter.control(*entries[2])
        refused = refusal(adapter.until, "receipt")
        assert (refused.kind, refused.code, refused.retryable) == ("nack", PROTOCOL, attempt < 2)
    assert hub.position() == 2
    assert hub.counts()["feeds"]["damaged"] == 3
    adapter.hello(next_seq=6)
    for entry in entries[1:]:
        adapter.control(*entry)
    assert adapter.until("receipt").stored == 300


def test_a_batch_that_names_another_before_it_refuses_the_submission(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    submission = Submission(rows(300))
    for kind, fields, payload in submission.entries(1):
        if kind == "batch" and fields["seq"] == 3:
            fields["previous"] = hashlib.sha256(b"").digest()
        adapter.control(kind, fields, payload)
    receipt = adapter.until("receipt")
    assert (receipt.status, receipt.stored) == (2, 0)
    adapter.acked(6)


def test_close_in_the_wrong_place_ends_the_session(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    entries = list(Submission(rows(300)).entries(1))
    adapter.control(*entries[0])
    adapter.control(entries[4][0], dict(entries[4][1], seq=2))
    refused = refusal(adapter.until, "receipt")
    assert (refused.kind, refused.code, refused.retryable) == ("nack", PROTOCOL, False)
    assert hub.position() == 2


def test_a_second_session_waits_while_the_first_is_alive(hub, feed):
    hub.start()
    first, second = feed(), feed()
    first.hello()
    refused = refusal(second.hello)
    assert (refused.kind, refused.code, refused.retryable) == ("reject", CONFLICT, True)
    assert first.deliver(Submission(rows(3))).status == COMMITTED
    assert hub.counts()["feeds"]["rejected"] == 1


def test_a_closed_connection_makes_way_at_once(hub, feed):
    hub.start()
    first = feed()
    first.hello()
    first.close()

    def again():
        second = feed()
        try:
            return second.hello(epoch=first.epoch)
        except Rejected as refused:
            assert refused.retryable
            second.close()
    assert wait_for(again, 10).generation == 2


def test_a_key_may_come_back_as_often_as_it_likes(hub, feed):
    hub.start()
    first = feed()
    first.hello()
    for _ in range(20):
        refused = refusal(feed().hello)
        assert (refused.kind, refused.retryable) == ("reject", True)
    assert first.deliver(Submission(rows(3))).status == COMMITTED


def test_a_drained_session_makes_way_at_once(hub, feed):
    hub.start()
    first, second = feed(), feed()
    first.hello()
    first.control("drain", dict(text="done"))
    wait_for(lambda: hub.said("session-left"))
    assert second.hello(epoch=first.epoch).generation == 2


def test_a_hung_session_is_fenced_by_its_successor(hub, feed):
    hub.options["session"] = "{ping_seconds: 1, dead_seconds: 2}"
    hub.start()
    first, second = feed(), feed()
    first.hello()
    refusal(second.hello)

    def again():  # `first` does not read, so its pings go unanswered
        try:
            return second.hello(epoch=first.epoch)
        except Rejected as refused:
            assert refused.retryable
    assert wait_for(again).generation == 2
    first.push(Submission(rows(3)))
    got = refusal(first.until, "receipt")
    assert got.kind in ("fenced", "reject")
    assert hub.value("select count(*) from ops.submission") == "0"


def test_another_process_with_the_database_fences_the_session(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    hub.sql("update ops.channel set generation = generation + 1")
    adapter.push(Submission(rows(3)))
    assert refusal(adapter.until, "receipt").kind == "fenced"
    assert hub.value("select count(*) from ops.submission") == "0"


def test_a_revoked_key_is_put_out_at_once(hub, feed):
    hub.start()
    adapter, other = feed(), feed("housing")
    adapter.hello()
    other.hello()
    revoked = hub.adapters.pop("insurance")
    hub.settings()
    assert "reloaded" in hub.reload()
    refused = refusal(adapter.until, "receipt")
    assert (refused.kind, refused.code, refused.retryable) == ("reject", DENIED, False)
    adapter.push(Submission(rows(3)))
    other.control("ping", dict(progress=1, waiting=0))
    other.until("pong")
    assert hub.value("select count(*) from ops.submission") == "0"
    late = feed(keys=revoked["keys"], channel="insurance")
    late.control("hello", dict(protocol=1, channel="insurance", epoch=bytes(16), first_seq=1,
                               next_seq=1, program="test", receipts_from=0))
    other.control("ping", dict(progress=1, waiting=0))
    other.until("pong")
    assert hub.value("select generation from ops.channel where name = 'insurance'") == "1"


def test_a_grant_that_was_withdrawn_refuses_from_then_on(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    hub.adapters["insurance"]["records"] = ["insurance.settlement"]
    hub.settings()
    hub.reload()
    receipt = adapter.deliver(Submission(rows(3)))
    assert (receipt.status, receipt.code) == (2, DENIED)


def test_a_broken_file_keeps_the_settings_of_before(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    hub.settings(access="adapters: [")
    assert "reload-refused" in wait_for(lambda: hub.reload() and hub.said("reload-refused"))
    assert adapter.deliver(Submission(rows(3))).status == COMMITTED


def stopped(adapter, **hello):
    refused = refusal(adapter.hello, **hello)
    assert (refused.kind, refused.code, refused.retryable) == ("reject", CONFLICT, False)
    assert "qianshao channel accept insurance" in refused.hint
    return refused.text


def accept(hub):
    """What `qianshao channel accept` does, by the same program's role."""
    import run
    run.call([hub.build / "daemon/qianshao", "--config", hub.dir / "qianshaod.yaml", "channel",
              "accept", "insurance"])


def half(hub, adapter):
    """Leave a submission half in; returns it with the number of its next entry."""
    adapter.hello(next_seq=100)
    submission = Submission(rows(300))
    for entry in list(submission.entries(1))[:3]:
        adapter.control(*entry)
    adapter.acked(4)
    adapter.control("drain", dict(text="gone"))
    wait_for(lambda: hub.said("session-left"))
    return submission


def test_a_lost_spool_stops_the_channel_until_it_is_accepted(hub, feed):
    hub.start()
    half(hub, feed())
    adapter = feed()
    assert "new spool" in stopped(adapter, epoch=os.urandom(16), next_seq=1)
    assert "waits for a decision" in stopped(adapter, next_seq=1)
    alert = hub.said("session-rejected")
    assert alert.startswith("<3>") and "qianshao channel accept insurance" in alert
    assert hub.counts()["feeds"]["rejected"] == 2
    other = feed("housing")
    other.hello()
    assert other.deliver(Submission(record_type="housing.renovation", nil=True)).status == COMMITTED
    assert hub.value("select count(*) from feed.insurance_enrolment") == "200"
    accept(hub)
    assert adapter.hello(next_seq=1).next_seq == 1
    assert "discarded" in hub.states()
    assert hub.value("select count(*) from feed.insurance_enrolment") == "0"
    assert adapter.deliver(Submission(rows(300))).status == COMMITTED


def test_a_new_spool_is_taken_when_nothing_is_half_in(hub, feed):
    hub.start()
    first = feed()
    first.hello()
    first.deliver(Submission(rows(3)))
    first.control("drain", dict(text="gone"))
    second = feed()
    assert second.hello().next_seq == 1
    assert second.deliver(Submission(rows(4))).revision == 2


@pytest.mark.parametrize("first, next_, text", [(1, 3, "ends before"), (5, 100, "begins after")])
def test_positions_that_cannot_meet_stop_the_channel(hub, feed, first, next_, text):
    hub.start()
    before = feed()
    submission = half(hub, before)
    adapter = feed()
    assert text in stopped(adapter, epoch=before.epoch, first_seq=first, next_seq=next_)
    accept(hub)
    assert adapter.hello(epoch=before.epoch, first_seq=first, next_seq=100).next_seq == first
    adapter.seq = first
    assert adapter.deliver(submission).status == COMMITTED
    assert "receipt" not in [kind for kind, _ in adapter.seen]
    assert hub.states() == ["discarded", "visible"]


def test_a_discarded_submission_is_told_to_its_own_spool(hub, feed):
    hub.start()
    before = feed()
    submission = half(hub, before)
    adapter = feed()
    stopped(adapter, epoch=before.epoch, first_seq=6, next_seq=100)
    accept(hub)
    adapter.hello(epoch=before.epoch, first_seq=6, next_seq=100, receipts_from=1)
    receipt = adapter.until("receipt")
    assert (receipt.uuid, receipt.status, receipt.stored) == (submission.uuid, DISCARDED, 0)
    assert receipt.text and receipt.text_zh


def test_sigterm_drains_sessions_and_ends_cleanly(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello()
    adapter.deliver(Submission(rows(3)))
    assert hub.stop() == 0
    adapter.until("drain")
