"""Feeds over the wire: taken once, whole, and only from whom they may come."""

from feed import COMMITTED, Submission, enrolment


def test_a_submission_becomes_visible_with_its_receipt(hub, feed):
    hub.start()
    one = feed()
    assert one.hello().next_seq == 1
    submission = Submission([enrolment(i) for i in range(1, 251)])
    receipt = one.deliver(submission)
    assert (receipt.status, receipt.revision, receipt.stored, receipt.quarantined) == (COMMITTED, 1, 250, 0)
    assert receipt.digest == submission.head["digest"]
    assert hub.value("select count(*) from feed.insurance_enrolment") == "250"
    assert hub.states() == ["visible"]
