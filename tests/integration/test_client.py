"""A subscriber written from proto/README.md alone gets every event once, whatever happens to it."""

import json
import signal

import client
from conftest import COUNTY, wait_for
from test_events import hub  # noqa: F401  the fixture


def taken(directory):
    path = directory / "taken.jsonl"
    if not path.exists():
        return []
    whole = path.read_bytes()
    return [json.loads(line) for line in whole[:whole.rfind(b"\n") + 1].splitlines()]


def test_it_takes_checks_and_acknowledges(hub, tmp_path):  # noqa: F811
    hub.put_events(50)
    assert hub.start_client(tmp_path / "own", "--count", "50").wait(60) == 0
    assert [line["seq"] for line in taken(tmp_path / "own")] == list(range(1, 51))
    wait_for(lambda: hub.acked() == 50)


def test_killed_and_started_again_it_goes_on_without_gap_or_repeat(hub, tmp_path):  # noqa: F811
    own = tmp_path / "own"
    count = 0
    for _ in range(5):
        count = hub.put_events(30)
        process = hub.start_client(own)
        wait_for(lambda: len(taken(own)) > count - 30)
        process.kill()
        process.wait()
    assert hub.start_client(own, "--count", str(count)).wait(60) == 0
    lines = taken(own)
    assert [line["seq"] for line in lines] == list(range(1, count + 1))
    assert [line["id"] for line in lines] == [
        client.event_id(COUNTY, line["case_id"], line["case_seq"]) for line in lines]
    assert len({line["id"] for line in lines}) == count
    assert len({line["epoch"] for line in lines}) == 1


def test_it_goes_on_when_the_hub_is_killed(hub, tmp_path):  # noqa: F811
    own = tmp_path / "own"
    hub.put_events(10)
    process = hub.start_client(own, "--count", "20")
    wait_for(lambda: len(taken(own)) == 10)
    hub.stop(signal.SIGKILL)
    hub.put_events(10)
    hub.begin()
    assert process.wait(60) == 0
    assert [line["seq"] for line in taken(own)] == list(range(1, 21))


def test_cases_follow_one_another(hub):  # noqa: F811
    hub.put_events(21)
    newest = {}
    with hub.client() as them:
        them.subscribe()
        for _ in range(21):
            warning = them.event()[3]
            assert warning.case_seq == newest.get(warning.case_id, 0) + 1
            newest[warning.case_id] = warning.case_seq
    assert len(newest) == 7
