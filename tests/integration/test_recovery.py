"""Deaths and losses at every step: nothing is lost, nothing counted twice, nobody's data is told."""

import signal
import tempfile

import pytest
from conftest import ROLES, wait_for
from feed import COMMITTED, DUPLICATE, REFUSED, Submission, enrolment
from proxy import Proxy

PLACES = ["hello-after-commit", "inbox-after-begin", "inbox-after-copy", "inbox-before-commit",
          "inbox-after-commit", "inbox-after-begin:3", "inbox-after-copy:3", "inbox-before-commit:3",
          "inbox-after-commit:2", "close-before-commit", "close-after-commit", "broker-before-ack",
          "broker-before-ack:3", "broker-before-ack:5"]
NAME, ID = "欧阳㛃", "360799195001010012"


def rows(count, **fields):
    return [enrolment(i, **fields) for i in range(1, count + 1)]


def whole(hub, count):
    """The database holds one visible submission with each row once."""
    assert hub.sql("select state, rows, stored, batches, revision from ops.submission") == [
        ["visible", str(count), str(count), "3", "1"]]
    assert hub.sql("select count(*), count(distinct row_no), max(row_no) from feed.insurance_enrolment"
                   ) == [[str(count)] * 3]
    assert hub.sql("select next_seq, submission is null from ops.channel") == [["6", "t"]]


def resume(adapter, submission):
    """Say HELLO again, send the rest; returns the receipt, which comes again when it was lost."""
    adapter.control("hello", dict(protocol=1, channel=adapter.channel, epoch=adapter.epoch, first_seq=1,
                                  next_seq=adapter.seq, program="test", receipts_from=1))
    position = adapter.until("subscribe", 30).next_seq
    adapter.again(position)
    return adapter.until("receipt", check=lambda body: body.uuid == submission.uuid)


@pytest.mark.parametrize("place", PLACES)
def test_a_death_at_any_step_loses_and_doubles_nothing(hub, feed, place):
    hub.start(QIANSHAO_CRASH_AT=place)
    adapter = feed()
    submission = Submission(rows(300))
    adapter.control("hello", dict(protocol=1, channel="insurance", epoch=adapter.epoch, first_seq=1,
                                  next_seq=6, program="test", receipts_from=0))
    if not place.startswith("hello"):
        adapter.until("subscribe")
    adapter.push(submission)
    assert hub.died() == -signal.SIGKILL
    hub.restart()
    receipt = resume(adapter, submission)
    assert (receipt.status, receipt.stored, receipt.revision) == (COMMITTED, 300, 1)
    whole(hub, 300)


def test_a_restart_of_postgresql_is_waited_for(hub, feed, cluster):
    import run
    hub.start()
    adapter = feed()
    adapter.hello(next_seq=6)
    submission = Submission(rows(300))
    entries = list(submission.entries(1))
    for entry in entries[:3]:
        adapter.control(*entry)
    adapter.acked(4)
    run.call([cluster.private, "stop", cluster.dir])
    for entry in entries[3:]:
        adapter.control(*entry)
    wait_for(lambda: hub.said("store-away"))
    adapter.control("ping", dict(progress=1, waiting=0))
    adapter.until("pong")
    run.call([cluster.private, "start", cluster.dir], stdout=None)
    assert adapter.until("receipt", 30).stored == 300
    adapter.acked(6)
    whole(hub, 300)
    assert sum(" store-back" in line for line in hub.lines()) == 1
    assert 1 <= sum("qianshaod store-away" in line for line in hub.lines()) <= 3


def test_a_cut_connection_to_postgresql_is_settled_by_reading(hub, feed):
    hub.start()
    adapter = feed()
    adapter.hello(next_seq=6)
    submission = Submission(rows(300))
    for entry in submission.entries(1):
        adapter.control(*entry)
        hub.sql("select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'qianshaod inbox' and datname = current_database()")
    assert adapter.until("receipt").stored == 300
    whole(hub, 300)


@pytest.mark.parametrize("commit", [1, 2, 3, 4, 5])
def test_a_lost_answer_to_commit_is_settled_by_reading(hub, feed, cluster, commit):
    with tempfile.TemporaryDirectory(prefix="qs-") as directory:  # a socket's path must be short
        proxy = Proxy(directory, cluster.socket)
        hub.host = directory
        hub.start()
        adapter = feed()
        adapter.hello()
        proxy.lose(commit)
        receipt = adapter.deliver(Submission(rows(300)))
        assert proxy.lost == 1
        assert (receipt.status, receipt.stored) == (COMMITTED, 300)
        whole(hub, 300)
        assert hub.stop() == 0
        proxy.close()


def test_a_lost_answer_to_a_refusal_is_settled_by_reading(hub, feed, cluster):
    with tempfile.TemporaryDirectory(prefix="qs-") as directory:
        proxy = Proxy(directory, cluster.socket)
        hub.host = directory
        hub.start()
        adapter = feed()
        adapter.hello()
        proxy.lose(1)
        assert adapter.deliver(Submission(rows(300), producer="other")).status == REFUSED
        assert proxy.lost == 1 and hub.states() == ["refused"]
        assert hub.stop() == 0
        proxy.close()


def test_the_hub_waits_for_postgresql_at_its_start(hub, feed):
    hub.settings()
    hub.options["store"] = (hub.dir / "qianshaod.yaml").read_text().split("store: ")[1].split(
        "rules:")[0].replace(f"dbname={hub.database}", "dbname=later").rstrip()
    hub.settings()
    hub.launch()
    wait_for(lambda: hub.said("store-away"))
    assert hub.said("ready") is None
    assert hub.stop() == 0


def refused_start(hub, text):
    hub.settings()
    hub.launch()
    assert hub.died() == 1
    assert text in hub.said("failed")
    return hub.said("failed")


def test_an_older_schema_is_refused_with_a_hint(hub):
    hub.sql("delete from ops.schema_version where version = 1")
    assert "run qianshaod --migrate" in refused_start(hub, "the database lacks migration 0001")


def test_a_newer_schema_is_refused(hub):
    hub.sql("insert into ops.schema_version (version) values (9999)")
    assert "install the newer" in refused_start(hub, "the database has schema 9999")
    result = hub.command("--migrate", check=False)
    assert result.returncode == 1 and "schema 9999" in result.stderr


def test_migrating_again_changes_nothing(hub):
    hub.settings()
    assert "applied=0" in hub.command("--migrate").stderr


@pytest.fixture
def setting(cluster):
    """setting(name, value) changes the server until the test ends."""
    changed = []

    def change(name, value):
        changed.append(name)
        cluster.sql(f"alter system set {name} = {value}", database="postgres")
        cluster.sql("select pg_reload_conf()", database="postgres")
        wait_for(lambda: cluster.sql(f"show {name}", database="postgres") == [[value]])
    yield change
    for name in changed:
        cluster.sql(f"alter system reset {name}", database="postgres")
    cluster.sql("select pg_reload_conf()", database="postgres")
    for name in changed:
        wait_for(lambda: cluster.sql(f"show {name}", database="postgres") == [["on"]])


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_settings_that_make_an_acknowledgement_untrue_are_refused(hub, setting, name):
    setting(name, "off")
    refused_start(hub, f"PostgreSQL runs with {name} off")


def test_a_role_whose_rows_postgresql_would_log_is_refused(hub, cluster):
    cluster.sql("alter role qs_ingest reset log_min_messages", database="postgres")
    try:
        refused_start(hub, "PostgreSQL's log could quote rows: log_min_messages")
    finally:
        cluster.sql(ROLES, database="postgres")


def test_sigterm_while_postgresql_hangs_ends_cleanly(hub, feed):
    from test_session import hub_locked
    hub.start()
    adapter = feed()
    adapter.hello()
    with hub_locked(hub):
        adapter.push(Submission(rows(3)))
        adapter.control("ping", dict(progress=1, waiting=0))
        adapter.until("pong")
        assert hub.stop() == 0
    assert hub.states() == []


def test_no_log_tells_who_the_rows_are_about(hub, feed, cluster):
    hub.start()
    adapter = feed()
    adapter.hello()
    told = rows(120, name=NAME) + [enrolment(130, name=NAME, id_no=ID, scheme="7")]
    told[50]["row_no"] = 3
    unresolved = [dict(row_no=140, reason=1, column="id_no", name=NAME, id_no=ID, phone="13907970001",
                       household_no="H77001")]
    receipt = adapter.deliver(Submission(told, unresolved, per_batch=200))
    assert (receipt.status, receipt.quarantined) == (COMMITTED, 3)
    assert adapter.deliver(Submission(told, unresolved, per_batch=200)).status == DUPLICATE
    broken = Submission(told, per_batch=200)
    broken.totals = [1]
    assert adapter.deliver(broken).status == REFUSED
    assert hub.stop() == 0
    server = (cluster.dir / "pg").resolve() / "server.log"
    for log in (hub.log.read_text(), server.read_text()):
        for secret in (NAME, NAME[-1], ID, enrolment(3)["id_no"], "13907970001", "H77001"):
            assert secret not in log
