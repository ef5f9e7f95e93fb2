"""Run the client that proto/README.md prints: readme.py MINIHUB PROTO_DIR"""

import pathlib
import re
import subprocess
import sys
import tempfile

import zmq
from google.protobuf import descriptor_pb2

ROWS = 300


def compile_classes(proto, out):
    known = pathlib.Path(out, "known.pb")
    base = descriptor_pb2.FileDescriptorSet()
    descriptor_pb2.DESCRIPTOR.CopyToProto(base.file.add())
    known.write_bytes(base.SerializeToString())
    names = sorted(str(path.relative_to(proto)) for path in pathlib.Path(proto).rglob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={proto}", f"--descriptor_set_in={known}",
                    f"--python_out={out}", *names], check=True)
    sys.path.insert(0, out)


def citizen_number(seventeen):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return seventeen + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, weights)) % 11]


def make_rows(message):
    for number in range(1, ROWS + 1):
        yield message(row_no=number, id_no=citizen_number(f"36079919900101{number:03d}"),
                      name="李明", insured_year=2024, scheme="390", status="1", aid_class="0",
                      aid_amount=number, insured_area="360799", marks=["低保"] * (number % 2))


def main(minihub, proto):
    public, secret = zmq.curve_keypair()
    text = pathlib.Path(proto, "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as out:
        compile_classes(proto, out)
        client = {}
        exec(compile(code, "README.md", "exec"), client)
        rows = list(make_rows(client["insurance"].Enrolment))
        hub = subprocess.Popen([minihub, public.decode()], stdout=subprocess.PIPE, text=True)
        endpoint, key = hub.stdout.readline().strip(), hub.stdout.readline().strip()
        receipt = client["send_roster"](endpoint, key.encode(), public, secret, "insurance-a",
                                        "医保局", 360799, 202409, rows)
        said = hub.stdout.read().strip()
        zmq.Context.instance().term()
    print(said)
    good = hub.wait() == 0 and receipt.status == client["c"].COMMITTED and receipt.stored == ROWS \
        and said == f"{ROWS} rows, {sum(range(ROWS + 1))} fen"
    return 0 if good else 1


sys.exit(main(*sys.argv[1:]))
