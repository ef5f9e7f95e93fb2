"""A subscriber written from proto/README.md alone gets every event once, whatever happens to it."""

import json
import signal

import client
from conftest import COUNTY, wait_for
from feed import Submission, number, settlement
from test_events import hub  # noqa: F401  the fixture

MAY = 20574  # 2026-05-01, counted from 1970


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


def test_a_warning_that_the_hub_judged_reaches_it_without_a_name_or_number(hub, feed):  # noqa: F811
    """From two offices' rows to the event: hospital bills of 12,000 yuan in a household once poor."""
    person = number(1)
    register, insurance = feed("register"), feed("insurance")
    register.hello()
    insurance.hello()
    household = dict(row_no=1, household_no="H1", area="360722100201", category="1", no_labour=False,
                     relocated=False, wage=3_000_000, production=0, property=0, transfer=0,
                     production_cost=0)
    member = dict(row_no=1, household_no="H1", id_no=person, name="陈小芳", relation="户主",
                  health=["健康"], labour="普通劳动力", status="1")
    register.deliver(Submission([household], record_type="register.household"))
    register.deliver(Submission([member], record_type="register.member"))
    insurance.deliver(Submission([settlement(1, MAY, name="陈小芳", self_total=1_200_000)],
                                 record_type="insurance.settlement"))
    with hub.client() as them:
        them.subscribe()
        seq, _, cloud, warning, _ = them.event(seconds=30)
    assert seq == 1 and warning.case_seq == 1 and cloud.type.endswith(".raised")
    assert [finding.rule for finding in warning.findings] == ["M05"]
    assert warning.severity == "red" and warning.household_no == "H1"
    assert {source.record_type for source in warning.findings[0].sources} >= {"insurance.settlement"}
    assert warning.head_name == "陈*芳"
    assert warning.head_id == f"{person[:6]}********{person[-4:]}"
    assert person.encode() not in cloud.binary_data
    assert "陈小芳".encode() not in cloud.binary_data
