"""An adapter written from proto/README.md alone, sharing no code with the product."""

import atexit
import hashlib
import importlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from client import Client, Rejected
from google.protobuf import descriptor_pb2

PROTO = Path(__file__).resolve().parents[2] / "proto"
ZEROS = bytes(32)
FULL, DELTA, CORRECTION = 0, 1, 2
COMMITTED, DUPLICATE, REFUSED, DISCARDED = range(4)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
MESSAGES = {"insurance.enrolment": "Enrolment", "insurance.settlement": "Settlement",
            "housing.house": "House", "housing.renovation": "Renovation",
            "register.household": "Household", "register.member": "Member",
            "register.village": "Village"}


def sector(name):
    """The message classes of a sector, compiled from its .proto file."""
    if not sector.directory:
        sector.directory = tempfile.mkdtemp(prefix="qianshao-sector-")
        atexit.register(shutil.rmtree, sector.directory, ignore_errors=True)
        known = Path(sector.directory, "known.pb")  # descriptor.proto need not be installed
        base = descriptor_pb2.FileDescriptorSet()
        descriptor_pb2.DESCRIPTOR.CopyToProto(base.file.add())
        known.write_bytes(base.SerializeToString())
        files = [str(path.relative_to(PROTO)) for path in PROTO.glob("sector/*.proto")]
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--descriptor_set_in={known}",
                        f"--python_out={sector.directory}", "options.proto", *files],
                       check=True, cwd=PROTO)
        sys.path.insert(0, sector.directory)
    return importlib.import_module(f"sector.{name}_pb2")


sector.directory = None


def number(serial):
    """A valid citizen number."""
    head = f"36079919{50 + serial // 28000 % 50:02d}{serial // 2333 % 12 + 1:02d}" \
           f"{serial // 84 % 28 + 1:02d}{serial % 999 + 1:03d}"
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, WEIGHTS)) % 11]


def enrolment(row_no, **fields):
    """A good row of insurance.enrolment."""
    return dict(dict(row_no=row_no, id_no=number(row_no), name="陈芳", insured_year=2026, scheme="390",
                     status="1", aid_class="0", aid_amount=0, insured_area="360722"), **fields)


def settlement(row_no, day, **fields):
    """A good row of insurance.settlement; `day` counts from 1970."""
    return dict(dict(row_no=row_no, settlement_no=f"S{row_no:08d}", id_no=number(row_no), name="陈芳",
                     kind="11", admitted_on=day, discharged_on=day, total=10000, in_scope=8000,
                     basic_paid=5000, serious_paid=0, relief_paid=0, other_paid=0, self_in_scope=3000,
                     self_total=5000, tilted=False), **fields)


def payload(record_type, rows=(), unresolved=()):
    """One batch's bytes."""
    name, _ = record_type.split(".")
    module = sector(name)
    message = getattr(module, MESSAGES[record_type] + "Rows")()
    for row in rows:
        one = message.rows.add()
        for field, value in row.items():
            if isinstance(value, (list, tuple)):
                getattr(one, field).extend(value)
            else:
                setattr(one, field, value)
    for row in unresolved:
        one = message.unresolved.add()
        for field, value in row.items():
            setattr(one, field, value)
    return message.SerializeToString()


class Submission:
    """A whole submission cut into batches: what a spool would hold of it."""

    def __init__(self, rows=(), unresolved=(), record_type="insurance.enrolment", period=202605,
                 producer=None, county=360722, kind=FULL, revision=0, nil=False, per_batch=100,
                 totals=None):
        rows, unresolved = list(rows), list(unresolved)
        self.type, self.uuid = record_type, os.urandom(16)
        self.batches = []
        for at in range(0, len(rows), per_batch):
            part = rows[at:at + per_batch]
            self.batches.append([payload(record_type, part), len(part), 0])
        if unresolved:
            self.batches.append([payload(record_type, (), unresolved), 0, len(unresolved)])
        self.head = dict(uuid=self.uuid, producer=producer or record_type.split(".")[0],
                         record_type=record_type, county=county, period=period, kind=kind,
                         revision=revision, nil=nil, rows=len(rows), unresolved=len(unresolved),
                         batches=len(self.batches),
                         digest=hashlib.sha256(b"".join(b[0] for b in self.batches)).digest())
        self.totals = self.sums(rows) if totals is None else totals

    def sums(self, rows):
        """Sum of each money field, in field order."""
        options = sector("common") and importlib.import_module("options_pb2")
        descriptor = getattr(sector(self.type.split(".")[0]), MESSAGES[self.type]).DESCRIPTOR
        money = [field.name for field in sorted(descriptor.fields, key=lambda field: field.number)
                 if field.GetOptions().Extensions[options.column].type == options.MONEY
                 and field.GetOptions().HasExtension(options.column)]
        return [sum(row.get(name, 0) for row in rows) for name in money]

    def entries(self, first):
        """(kind, fields, payload) from sequence number `first` on."""
        last = first + len(self.batches) + 1
        yield "open", dict(self.head, seq=first, last_seq=last), None
        previous = ZEROS
        for seq, (bytes_, rows, unresolved) in zip(itertools.count(first + 1), self.batches):
            digest = hashlib.sha256(bytes_).digest()
            yield "batch", dict(seq=seq, rows=rows, unresolved=unresolved, digest=digest,
                                previous=previous), bytes_
            previous = digest
        yield "close", dict(seq=last, rows=self.head["rows"], unresolved=self.head["unresolved"],
                            batches=self.head["batches"], nil=self.head["nil"],
                            digest=self.head["digest"], totals=self.totals), None


class Feed(Client):
    """One adapter's connection. `send_all` keeps count of the sequence."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.epoch, self.seq, self.credit = os.urandom(16), 1, 0
        self.sent = {}  # sequence number → entry, as a spool would keep it
        self.seen = []  # frames that came while another one was waited for

    def control(self, kind, fields, payload=None):
        control = self.pb["control"].Control()
        body = getattr(control, kind)
        body.SetInParent()
        for name, value in fields.items():
            if isinstance(value, (list, tuple)):
                getattr(body, name).extend(value)
            else:
                setattr(body, name, value)
        frames = [control.SerializeToString()]
        self.send_raw(*(frames if payload is None else frames + [payload]))

    def hello(self, first_seq=1, next_seq=None, epoch=None, receipts_from=0, protocol=1):
        """Say HELLO; returns SUBSCRIBE, or raises Rejected."""
        self.epoch = epoch or self.epoch
        next_seq = max(first_seq, self.seq) if next_seq is None else next_seq
        self.control("hello", dict(protocol=protocol, channel=self.channel, epoch=self.epoch,
                                   first_seq=first_seq, next_seq=next_seq, program="test",
                                   receipts_from=receipts_from))
        body, _ = self.expect("subscribe")
        assert body.channel == self.channel and body.epoch == self.epoch
        self.credit = body.credit
        return body

    def push(self, submission, first=None):
        """Send every entry of a submission; returns the sequence number behind it."""
        first = self.seq if first is None else first
        for entry in submission.entries(first):
            self.sent[entry[1]["seq"]] = entry
            self.control(*entry)
            self.seq = entry[1]["seq"] + 1
        return self.seq

    def again(self, from_seq):
        """Send again what was sent, from a number on."""
        for seq in range(from_seq, self.seq):
            self.control(*self.sent[seq])

    def until(self, wanted, seconds=20, check=lambda body: True):
        """The next frame of a kind that satisfies `check`; others are kept in `seen`."""
        while True:
            got = self.receive(seconds)
            if got is None:
                raise TimeoutError(f"no {wanted}; seen {[kind for kind, _ in self.seen]}")
            kind, body, _ = got
            if kind == wanted and check(body):
                return body
            if kind in ("reject", "nack", "fenced", "drain") and kind != wanted:
                self.refused(kind, body)
            self.seen.append((kind, body))

    def refused(self, kind, body):
        raise Rejected(kind, getattr(body, "code", 0), getattr(body, "text", ""),
                       getattr(body, "hint", ""), getattr(body, "retryable", False))

    def acked(self, next_seq, seconds=20):
        """Wait until everything below next_seq is acknowledged."""
        return self.until("ack", seconds, lambda body: body.next_seq >= next_seq)

    def deliver(self, submission, seconds=30):
        """Send a submission and return its receipt once everything is acknowledged."""
        end = self.push(submission)
        receipt = self.until("receipt", seconds, lambda body: body.uuid == submission.uuid)
        self.acked(end, seconds)
        return receipt
