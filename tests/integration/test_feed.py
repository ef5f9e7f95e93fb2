"""What a submission becomes: visible, repeated or refused, with a receipt that says so."""

import pytest
from client import Rejected
from conftest import wait_for
from feed import (COMMITTED, CORRECTION, DELTA, DUPLICATE, REFUSED, Submission, enrolment,
                  settlement)

INPUT, DENIED, CONFLICT = 9, 6, 7
MAY = 20574  # 2026-05-01


def rows(count, **fields):
    return [enrolment(i, **fields) for i in range(1, count + 1)]


@pytest.fixture
def one(hub, feed):
    """A session of the insurance adapter."""
    hub.start()
    adapter = feed()
    adapter.hello()
    return adapter


def test_a_submission_becomes_visible_with_its_receipt(hub, one):
    submission = Submission(rows(250))
    receipt = one.deliver(submission)
    assert (receipt.status, receipt.revision) == (COMMITTED, 1)
    assert (receipt.stored, receipt.quarantined) == (250, 0)
    assert receipt.digest == submission.head["digest"] and receipt.committed_at > 0
    assert hub.value("select count(*) from feed.insurance_enrolment") == "250"
    assert hub.states() == ["visible"]
    assert hub.value("select count(*) from ops.batch") == "3"


def test_every_type_of_value_arrives_as_it_was_sent(hub, feed):
    hub.start()
    adapter = feed("register")
    adapter.hello()
    household = dict(row_no=7, household_no="H1", area="360722100201", category="2",
                     risks=["因病", "因残"], identified_on=MAY, no_labour=True, relocated=False,
                     income_month=202604, wage=-125, production=1 << 40, property=0, transfer=1,
                     production_cost=2)
    receipt = adapter.deliver(Submission([household], record_type="register.household"))
    assert receipt.stored == 1
    assert hub.sql("select county, row_no, removed, household_no, risks, identified_on, no_labour,"
                   " relocated, income_month, wage, production, address is null"
                   " from feed.register_household")[0] == [
        "360722", "7", "f", "H1", "{因病,因残}", "2026-05-01", "t", "f", "2026-04-01", "-125",
        str(1 << 40), "t"]


def test_a_name_keeps_its_key_only_where_folding_changes_it(hub, one):
    one.deliver(Submission([enrolment(1, name="陈芳"), enrolment(2, name="陈峯")]))
    assert hub.sql("select name, coalesce(name_key, '-') from feed.insurance_enrolment"
                   " order by row_no") == [["陈芳", "-"], ["陈峯", "陈峰"]]


def test_rows_that_cannot_be_used_are_quarantined_and_the_others_go_on(hub, one):
    good = rows(3)
    bad = [enrolment(4, id_no="360799199001010000"), enrolment(5, scheme="999"), enrolment(6, name="?")]
    unresolved = [dict(row_no=7, reason=1, column="id_no", name="王芳", id_no="3.6E+17"),
                  dict(row_no=8, reason=2, column="made up by 王芳")]
    receipt = one.deliver(Submission(good + bad, unresolved))
    assert (receipt.status, receipt.stored, receipt.quarantined) == (COMMITTED, 3, 5)
    assert [(row.row_no, row.column, row.reason) for row in receipt.refused] == [
        (4, "id_no", 1), (5, "scheme", 3), (6, "name", 2)]
    assert hub.sql("select row_no, field, reason, hub from ops.quarantine order by row_no") == [
        ["4", "id_no", "id", "t"], ["5", "scheme", "code", "t"], ["6", "name", "name", "t"],
        ["7", "id_no", "id", "f"], ["8", "", "name", "f"]]
    assert hub.value("select id_no from ops.quarantine where row_no = 7") == "3.6E+17"


def test_rows_that_postgresql_refuses_are_found_and_quarantined(hub, one):
    content = rows(150)
    content[70]["row_no"] = 7  # a row number given twice breaks the table's key
    content[120]["row_no"] = 8
    receipt = one.deliver(Submission(content, per_batch=200))
    assert (receipt.status, receipt.stored, receipt.quarantined) == (COMMITTED, 148, 2)
    assert hub.sql("select row_no, reason, hub from ops.quarantine order by row_no") == [
        ["7", "storage", "t"], ["8", "storage", "t"]]
    assert hub.value("select octet_length(raw) > 1000 from ops.batch") == "t"


def test_rows_in_each_other_s_way_do_not_stop_the_workers(hub, one):
    content = rows(6000)
    for first in range(1000, 6000, 1000):  # the first row of a batch takes the last one's number before
        content[first]["row_no"] = content[first - 1]["row_no"]
    receipt = one.deliver(Submission(content, per_batch=1000), seconds=60)
    assert (receipt.status, receipt.stored, receipt.quarantined) == (COMMITTED, 5995, 5)
    assert hub.value("select count(distinct row_no) from feed.insurance_enrolment") == "5995"


def test_a_key_given_in_two_batches_is_quarantined_in_both(hub, one):
    content = rows(120)
    content[110]["id_no"] = content[3]["id_no"]
    receipt = one.deliver(Submission(content))
    assert (receipt.stored, receipt.quarantined) == (118, 2)
    assert [(row.row_no, row.column, row.reason) for row in receipt.refused] == [
        (4, "id_no", 9), (111, "id_no", 9)]


@pytest.mark.parametrize("fields, code, text", [
    (dict(producer="other"), DENIED, "the access list does not let"),
    (dict(county=360721), DENIED, "the access list does not let"),
    (dict(record_type="housing.renovation", producer="insurance"), DENIED, "the access list"),
    (dict(period=202607), INPUT, "the period lies in the future"),
    (dict(rows=[]), INPUT, "the submission is empty and no nil report"),
    (dict(rows=[], nil=True), INPUT, "a roster cannot be nil: send a delta nil"),
    (dict(rows=[], nil=True, kind=CORRECTION), INPUT, "a correction cannot be nil"),
])
def test_a_submission_is_refused_whole_and_holds_up_nothing(hub, one, fields, code, text):
    content = rows(3) if fields.get("record_type") is None else []
    refused = one.deliver(Submission(**{"rows": content, **fields}))
    assert (refused.status, refused.code) == (REFUSED, code)
    assert text in refused.text and refused.text_zh
    assert refused.stored == 0
    assert hub.value("select count(*) from feed.insurance_enrolment") == "0"
    assert one.deliver(Submission(rows(3))).status == COMMITTED
    assert hub.states() == ["refused", "visible"]


@pytest.mark.parametrize("fields", [
    dict(record_type="insurance.settlement", nil=True),
    dict(kind=DELTA, nil=True),
])
def test_a_nil_report_is_taken_where_nothing_is_news(hub, one, fields):
    receipt = one.deliver(Submission(**fields))
    assert (receipt.status, receipt.stored) == (COMMITTED, 0)


def test_the_same_content_again_is_a_duplicate(hub, one):
    one.deliver(Submission(rows(3)))
    again = one.deliver(Submission(rows(3)))
    assert (again.status, again.revision) == (DUPLICATE, 1)
    assert "r1" in again.text and "第1版" in again.text_zh
    assert hub.value("select count(*) from feed.insurance_enrolment") == "3"


def test_replaced_content_comes_back_only_by_its_number(hub, one):
    assert one.deliver(Submission(rows(3))).revision == 1
    assert one.deliver(Submission(rows(4))).revision == 2
    refused = one.deliver(Submission(rows(3)))
    assert (refused.status, refused.code) == (REFUSED, CONFLICT)
    assert refused.text == "received as r1, replaced by r2; give --revision to restore it"
    assert one.deliver(Submission(rows(3), revision=3)).revision == 3
    taken = one.deliver(Submission(rows(5), revision=3))
    assert (taken.status, taken.text) == (REFUSED, "revision 3 is taken by other content")
    assert one.deliver(Submission(rows(3), revision=3)).status == DUPLICATE
    assert one.deliver(Submission(rows(3), period=202604)).revision == 1


def test_one_counter_serves_all_kinds(hub, one):
    assert one.deliver(Submission(rows(3))).revision == 1
    assert one.deliver(Submission(rows(1, status="2"), kind=CORRECTION)).revision == 2
    removed = [dict(row_no=1, removed=True, id_no=enrolment(3)["id_no"], insured_year=2026)]
    assert one.deliver(Submission(removed, kind=DELTA)).revision == 3
    assert hub.sql("select removed, name is null from feed.insurance_enrolment where submission = 3"
                   ) == [["t", "t"]]


def test_only_a_delta_may_remove_rows(hub, one):
    receipt = one.deliver(Submission([enrolment(1, removed=True)]))
    assert (receipt.status, receipt.text) == (REFUSED, "only a delta may remove rows")
    assert hub.value("select next_seq from ops.channel where name = 'insurance'") == "4"


@pytest.mark.parametrize("spoil", ["digest", "totals", "rows"])
def test_what_differs_from_its_announcement_is_refused(hub, one, spoil):
    submission = Submission(rows(3, aid_amount=5))
    if spoil == "digest":
        submission.head["digest"] = bytes(32)
    elif spoil == "totals":
        submission.totals = [16]
    else:
        submission.head["rows"] = 4
    receipt = one.deliver(submission)
    assert (receipt.status, receipt.code, receipt.stored) == (REFUSED, CONFLICT, 0)
    assert "what arrived is not what was announced" in receipt.text
    assert hub.value("select count(*) from feed.insurance_enrolment") == "0"


def test_a_payload_that_cannot_be_read_refuses_its_submission(hub, one):
    import hashlib
    submission = Submission(rows(150))
    submission.batches[1][0] = b"\x0a\xff\xff\xff\xff\x0f"
    submission.head["digest"] = hashlib.sha256(b"".join(b[0] for b in submission.batches)).digest()
    receipt = one.deliver(submission)
    assert (receipt.status, receipt.code) == (REFUSED, INPUT)
    assert hub.value("select count(*) from feed.insurance_enrolment") == "0"
    assert one.deliver(Submission(rows(3))).status == COMMITTED


def test_an_event_list_of_another_month_is_refused(hub, one):
    late = [settlement(i, MAY + (40 if i > 4 else 3)) for i in range(1, 10)]
    receipt = one.deliver(Submission(late, record_type="insurance.settlement"))
    assert (receipt.status, receipt.text) == (REFUSED, "over half of the dates lie outside the period")
    fine = [settlement(i, MAY + (40 if i > 5 else 3)) for i in range(1, 10)]
    assert one.deliver(Submission(fine, record_type="insurance.settlement")).status == COMMITTED


def test_warnings_tell_what_is_odd_about_a_roster(hub, one):
    def warnings(receipt):
        assert len(receipt.warnings) == len(receipt.warnings_zh)
        return list(receipt.warnings), receipt.partial

    assert warnings(one.deliver(Submission(rows(2), kind=DELTA, period=202601))) == (["waiting"], False)
    assert warnings(one.deliver(Submission(rows(10), period=202602))) == ([], False)
    assert warnings(one.deliver(Submission(rows(10), period=202603))) == (["identical"], False)
    assert warnings(one.deliver(Submission(rows(8), period=202604))) == ([], False)
    assert warnings(one.deliver(Submission(rows(7), period=202605))) == (["partial"], True)
    assert hub.value("select count(*) from ops.submission where partial") == "1"
    assert warnings(one.deliver(Submission(rows(2), kind=DELTA, period=202605))) == ([], False)


def test_expected_feeds_follow_the_access_list(hub, feed):
    hub.adapter("civil", ["civil.dibao", "civil.standard"], optional=["civil.standard"])
    hub.start()

    def feeds():
        return hub.sql("select record_type, producer, county, expected from ops.feed"
                       " where channel = 'civil' order by record_type")
    wait_for(lambda: feeds() == [["civil.dibao", "civil", "360722", "t"],
                                 ["civil.standard", "civil", "360722", "f"]])
    del hub.adapters["civil"]
    hub.settings()
    assert "reloaded" in hub.reload()
    wait_for(lambda: feeds() == [])


def test_many_small_submissions_are_taken_in_one_go(hub, one):
    for number in range(1, 401):
        one.push(Submission(kind=DELTA, nil=True, revision=number))
    end, acked, asked = one.seq, 1, 0
    while acked < end:
        kind, body, _ = one.receive(20)
        if kind == "ack":
            acked = body.next_seq
        elif kind == "resend":
            asked += 1
            one.again(body.from_seq)
    assert asked > 0
    assert hub.states() == ["visible"] + ["duplicate"] * 399
    assert hub.position() == end == 801


def test_receipts_are_sent_again_when_asked_for(hub, feed):
    hub.start()
    first = feed()
    first.hello()
    sent = [Submission(rows(3)), Submission(rows(3)), Submission(rows(4), period=202608)]
    told = [first.deliver(submission) for submission in sent]
    first.close()
    second = feed()
    second.seq = first.seq
    assert second.hello(epoch=first.epoch, receipts_from=sent[0].head["batches"] + 2 + 1).next_seq == first.seq
    again = [second.until("receipt") for _ in range(2)]
    assert again == told[1:]
