"""Hold our codecs against protobuf's own: interop.py ECHO PROTO_DIR

The classes that protoc makes from the same .proto files write random messages;
our codec reads and writes them, and protobuf must read the same message back.
"""

import importlib
import pathlib
import random
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

ROUNDS = 2
TEXT = "李明𠮷·ab1 é"


def sectors(proto):
    return sorted(path.stem for path in pathlib.Path(proto, "sector").glob("*.proto") if path.stem != "common")


def compile_classes(proto, out):
    """Make the Python classes as any independent client would."""
    known = pathlib.Path(out, "known.pb")
    base = descriptor_pb2.FileDescriptorSet()
    descriptor_pb2.DESCRIPTOR.CopyToProto(base.file.add())
    known.write_bytes(base.SerializeToString())
    names = ["options.proto", "control.proto", "warning.proto", "envelope.proto",
             "sector/common.proto", *(f"sector/{sector}.proto" for sector in sectors(proto))]
    subprocess.run(["protoc", f"--proto_path={proto}", f"--descriptor_set_in={known}",
                    f"--python_out={out}", *names], check=True)
    sys.path.insert(0, out)


def echo(program, kind, payload):
    done = subprocess.run([program, kind], input=payload, capture_output=True)
    return done.stdout if done.returncode == 0 else done.stderr.decode().strip()


def value(field, rng):
    """A random value of a field; texts are never empty, which the wire cannot tell from absent."""
    if field.type == field.TYPE_STRING:
        return "".join(rng.choice(TEXT) for _ in range(rng.randint(1, 30)))
    if field.type == field.TYPE_BOOL:
        return rng.random() < 0.5
    bits = 63 if field.type == field.TYPE_SINT64 else 31
    return rng.choice((0, 1, -1, 2**bits - 1, -2**bits, rng.randint(-2**bits, 2**bits - 1)))


def fill_row(row, rng):
    row.row_no = rng.randint(1, 2**31 - 1)
    for field in row.DESCRIPTOR.fields[2:]:
        if field.label == field.LABEL_REPEATED:
            getattr(row, field.name).extend(value(field, rng) for _ in range(rng.randint(0, 5)))
        elif rng.random() < 0.8:
            setattr(row, field.name, value(field, rng))


def fill_unresolved(row, rng):
    row.row_no = rng.randint(1, 2**31 - 1)
    row.reason = rng.randint(1, 11)
    for name in ("column", "id_no", "name", "phone", "household_no"):
        if rng.random() < 0.5:
            setattr(row, name, value(row.DESCRIPTOR.fields_by_name[name], rng))


def check_rows(program, proto, rng):
    """Random rows of every record type come back byte for byte."""
    options = importlib.import_module("options_pb2")
    problems = []
    for sector in sectors(proto):
        module = importlib.import_module(f"sector.{sector}_pb2")
        for name in module.DESCRIPTOR.message_types_by_name:
            if name.endswith("Rows"):
                continue
            kind = getattr(module, name).DESCRIPTOR.GetOptions().Extensions[options.record].name
            for _ in range(ROUNDS):
                batch = getattr(module, name + "Rows")()
                for _ in range(rng.randint(1, 100)):
                    fill_row(batch.rows.add(), rng)
                for _ in range(rng.randint(0, 30)):
                    fill_unresolved(batch.unresolved.add(), rng)
                payload = batch.SerializeToString()
                if echo(program, kind, payload) != payload:
                    problems.append(f"{kind}: rows do not come back")
                    break
    return problems


def full_frames(control):
    """One frame of each kind with every field set, and one with only what it needs."""
    b16, b32 = bytes(range(16)), bytes(range(32))
    yield control.Control(hello=control.Hello(
        protocol=1, channel="insurance-a", epoch=b16, first_seq=1, next_seq=2**63 - 1,
        receipts_from=7, program="insurance-adapter 0.1.0"))
    yield control.Control(hello=control.Hello(
        protocol=2, channel="医保局", epoch=b16, first_seq=3, next_seq=3))
    yield control.Control(subscribe=control.Subscribe(
        channel="360799/bureau", epoch=bytes(16), next_seq=1, generation=4, credit=1 << 24,
        batch_bytes=1 << 20, ping_seconds=5))
    yield control.Control(reject=control.Reject(
        code=7, text="spool lost", hint="qianshao channel accept", retryable=True,
        retry_seconds=15))
    yield control.Control(open=control.Open(
        seq=5, last_seq=8, uuid=b16, producer="医保局", record_type="insurance.enrolment",
        county=360799, period=202409, kind=control.DELTA, revision=2, digest=b32, rows=9,
        unresolved=1, batches=2))
    yield control.Control(open=control.Open(
        seq=5, last_seq=6, uuid=b16, producer="p", record_type="civil.relief", county=360799,
        period=202409, kind=control.FULL, nil=True, digest=b32, rows=0, unresolved=0, batches=0))
    yield control.Control(batch=control.Batch(seq=6, rows=9, unresolved=1, digest=b32, previous=b32))
    yield control.Control(close=control.Close(
        seq=8, rows=9, unresolved=1, batches=2, digest=b32, totals=[0, -1, 2**63 - 1, -2**63]))
    yield control.Control(ack=control.Ack(next_seq=9))
    receipt = control.Receipt(
        uuid=b16, last_seq=8, status=control.REFUSED, county=360799, submission=3, revision=2,
        stored=8, quarantined=2, digest=b32, committed_at=1727000000000000, code=9, text="empty",
        text_zh="空文件", partial=True, warnings=["partial", "identical"],
        warnings_zh=["不完整", "与上月相同"])
    receipt.refused.add(row_no=4, column="id_no", reason=1)
    receipt.refused.add(row_no=9, column="name", reason=2)
    yield control.Control(receipt=receipt)
    yield control.Control(receipt=control.Receipt(
        uuid=b16, last_seq=8, status=control.DUPLICATE, digest=b32))
    yield control.Control(nack=control.Nack(
        seq=6, code=4, text="the database is away", hint="wait", retryable=True))
    yield control.Control(credit=control.Credit(bytes=1 << 20))
    yield control.Control(resend=control.Resend(from_seq=5))
    yield control.Control(ping=control.Ping(progress=3, waiting=2))
    yield control.Control(pong=control.Pong(progress=3))
    yield control.Control(drain=control.Drain(text="restart"))
    yield control.Control(fenced=control.Fenced(generation=5))
    yield control.Control(event=control.Event(seq=1, digest=b32))


def check_frames(program):
    control = importlib.import_module("control_pb2")
    problems, kinds = [], set()
    for frame in full_frames(control):
        kinds.add(frame.WhichOneof("body"))
        got = echo(program, "frame", frame.SerializeToString())
        if isinstance(got, str):
            problems.append(f"{frame.WhichOneof('body')}: refused: {got}")
        elif control.Control.FromString(got) != frame:
            problems.append(f"{frame.WhichOneof('body')}: comes back otherwise")
    if len(kinds) != len(control.Control.DESCRIPTOR.fields):
        problems.append("not every kind of frame was tried")
    return problems


def make_warning(rng):
    warning = importlib.import_module("warning_pb2")
    message = warning.Warning(county=360799, case_id="360799-2024-000001", case_seq=2,
                              type=warning.ESCALATED, x01=False)
    for field in message.DESCRIPTOR.fields:
        if field.type == field.TYPE_STRING and field.label != field.LABEL_REPEATED \
                and field.name != "case_id":
            setattr(message, field.name, value(field, rng))
    message.episode, message.opened, message.month = 1, 202401, 202409
    message.missing.append("water.household")
    message.members.add(name="李*", subject_ref="ab", age_band="60-69", relation="户主")
    for number in range(3):
        finding = message.findings.add(rule="C01", rule_version=1, title="未参保", month=202409,
                                       since=202407, severity="red", subject_type="person",
                                       subject_ref="ab", values='{"months": 3}', link_pass="id",
                                       route="bureau", rechecked=True,
                                       link_weight=-1500 * number)
        finding.missing.append("insurance.settlement")
        for row in range(number):
            finding.sources.add(record_type="insurance.enrolment", submission=7, row_no=row + 1,
                                producer="医保局", period=202409, revision=1)
    return message


def check_events(program, rng):
    envelope = importlib.import_module("envelope_pb2")
    warning = importlib.import_module("warning_pb2")
    message = make_warning(rng)
    event = envelope.CloudEvent(id="ab" * 32, source="qianshao/360799", spec_version="1.0",
                                type="cn.qianshao.warning.escalated",
                                binary_data=message.SerializeToString())
    time = event.attributes.add(key="time")
    time.value.ce_timestamp.seconds, time.value.ce_timestamp.nanos = 1727000000, 123456000
    got = echo(program, "event", event.SerializeToString())
    if isinstance(got, str):
        return [f"event: refused: {got}"]
    back = envelope.CloudEvent.FromString(got)
    attributes = {entry.key: entry.value for entry in back.attributes}
    problems = []
    if warning.Warning.FromString(back.binary_data) != message:
        problems.append("event: the warning comes back otherwise")
    if (back.id, back.source, back.type, back.spec_version) != \
            (event.id, event.source, event.type, event.spec_version):
        problems.append("event: the envelope comes back otherwise")
    if attributes["time"].ce_timestamp != time.value.ce_timestamp \
            or attributes["subject"].ce_string != message.case_id \
            or attributes["datacontenttype"].ce_string != "application/protobuf" \
            or attributes["dataschema"].ce_uri != "qianshao.Warning":
        problems.append("event: the attributes are others than promised")
    return problems


def main(program, proto):
    rng = random.Random(20240919)
    with tempfile.TemporaryDirectory() as out:
        sys.dont_write_bytecode = True
        compile_classes(proto, out)
        problems = check_rows(program, proto, rng) + check_frames(program) + check_events(program, rng)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
