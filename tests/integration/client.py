#!/usr/bin/python3
"""An event subscriber written from proto/README.md alone, sharing no code with the product.

    client.py --endpoint tcp://… --server-key Z85 --key-file FILE --channel COUNTY/ROUTE --dir DIR
              [--count N]

Takes events into DIR/taken.jsonl, fsynced before each acknowledgement; a restart goes on behind
its last whole line. Everything that can be checked is checked. With --count it ends once it holds
N events, otherwise at SIGTERM.
"""

import argparse
import atexit
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

PROTO = Path(__file__).resolve().parents[2] / "proto"
CREDIT = 4 * 1024 * 1024
DEAD_SECONDS = 15


def messages():
    """The message classes, compiled from the .proto files."""
    if messages.compiled is None:
        directory = tempfile.mkdtemp(prefix="qianshao-pb2-")
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={directory}",
                        *(str(PROTO / f"{name}.proto") for name in ("control", "envelope", "warning"))],
                       check=True)
        sys.path.insert(0, directory)
        messages.compiled = {name: importlib.import_module(f"{name}_pb2")
                             for name in ("control", "envelope", "warning")}
        sys.path.remove(directory)
    return messages.compiled


messages.compiled = None


class Rejected(Exception):
    """The hub answered REJECT, NACK, FENCED or DRAIN."""

    def __init__(self, kind, code=0, text="", hint="", retryable=False):
        super().__init__(f"{kind} {code} {text}")
        self.kind, self.code, self.text, self.hint, self.retryable = kind, code, text, hint, retryable


def event_id(county, case_id, case_seq):
    return hashlib.sha256(f"{county}/{case_id}/{case_seq}".encode()).hexdigest()


class Client:
    """One connection. Answers pings by itself; everything else is the caller's to say."""

    def __init__(self, endpoint, server_key, public_key, secret_key, channel):
        self.pb = messages()
        self.channel, self.next_seq = channel, None
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.curve_serverkey = server_key.encode()
        self.socket.curve_publickey = public_key.encode()
        self.socket.curve_secretkey = secret_key.encode()
        self.socket.linger = 1000
        self.socket.connect(endpoint)

    def close(self):
        self.socket.close()
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def send(self, kind, **fields):
        control = self.pb["control"].Control()
        body = getattr(control, kind)
        body.SetInParent()
        for name, value in fields.items():
            setattr(body, name, value)
        self.socket.send_multipart([control.SerializeToString()])

    def send_raw(self, *frames):
        self.socket.send_multipart(list(frames))

    def receive(self, seconds=10, answer_pings=True):
        """The next message as (kind, body, payload); None when nothing came in time."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left < 0 or not self.socket.poll(left * 1000):
                return None
            frames = self.socket.recv_multipart()
            control = self.pb["control"].Control.FromString(frames[0])
            kind = control.WhichOneof("body")
            if kind == "ping" and answer_pings:
                self.send("pong", progress=self.next_seq or 0)
                continue
            return kind, getattr(control, kind), frames[1] if len(frames) > 1 else None

    def expect(self, wanted, seconds=10):
        """The next message, which must be of this kind; a refusal raises Rejected."""
        got = self.receive(seconds)
        if got is None:
            raise TimeoutError(f"no {wanted}")
        kind, body, payload = got
        if kind == wanted:
            return body, payload
        if kind in ("reject", "nack"):
            raise Rejected(kind, body.code, body.text, body.hint, body.retryable)
        raise Rejected(kind)

    def subscribe(self, next_seq=1, epoch=bytes(16), credit=CREDIT, ping_seconds=1):
        """Ask, and return the hub's HELLO."""
        self.send("subscribe", channel=self.channel, epoch=epoch, next_seq=next_seq, generation=0,
                  credit=credit, batch_bytes=1 << 20, ping_seconds=ping_seconds)
        hello, _ = self.expect("hello")
        assert hello.channel == self.channel and len(hello.epoch) == 16
        assert hello.first_seq <= next_seq <= hello.next_seq
        self.next_seq = next_seq
        return hello

    def event(self, seconds=10):
        """The next event, checked: (number, digest, CloudEvent, Warning, size)."""
        body, payload = self.expect("event", seconds)
        assert body.seq == self.next_seq, "a gap or a repeat"
        assert hashlib.sha256(payload).digest() == body.digest, "another digest"
        self.next_seq += 1
        cloud = self.pb["envelope"].CloudEvent.FromString(payload)
        warning = self.check(cloud)
        return body.seq, body.digest, cloud, warning, len(payload)

    def check(self, cloud):
        """Everything that a CloudEvents consumer and the bureau rely on; returns the Warning."""
        attributes = {entry.key: entry.value for entry in cloud.attributes}
        warning = self.pb["warning"].Warning.FromString(cloud.binary_data)
        county = int(self.channel.split("/")[0])
        kind = self.pb["warning"].EventType.Name(warning.type).lower()
        assert cloud.spec_version == "1.0"
        assert warning.county == county and cloud.source == f"qianshao/{county}"
        assert cloud.type == f"cn.qianshao.warning.{kind}"
        assert cloud.id == event_id(county, warning.case_id, warning.case_seq)
        assert attributes["subject"].ce_string == warning.case_id
        assert attributes["datacontenttype"].ce_string == "application/protobuf"
        assert attributes["time"].ce_timestamp.seconds > 0
        schema = attributes["dataschema"]
        assert "qianshao.Warning" in (schema.ce_uri or schema.ce_string)
        return warning

    def acknowledge(self, size):
        """Everything received is durable here; the hub may send as much again."""
        self.send("ack", next_seq=self.next_seq)
        self.send("credit", bytes=size)


class Taken:
    """The client's own durable record: one JSON object a line; a torn last line does not count."""

    def __init__(self, directory):
        self.path = Path(directory) / "taken.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.path.read_bytes() if self.path.exists() else b""
        whole = whole[:whole.rfind(b"\n") + 1]
        self.lines = [json.loads(line) for line in whole.splitlines()]
        self.file = open(self.path, "ab")
        self.file.truncate(len(whole))

    @property
    def next_seq(self):
        return self.lines[-1]["seq"] + 1 if self.lines else 1

    @property
    def epoch(self):
        return bytes.fromhex(self.lines[-1]["epoch"]) if self.lines else bytes(16)

    def add(self, **line):
        assert line["seq"] == self.next_seq
        self.lines.append(line)
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())


def take(client, taken, count):
    """One session: subscribe and take until `count` events are held or the hub ends it."""
    hello = client.subscribe(taken.next_seq, taken.epoch)
    heard = time.monotonic()
    while count is None or len(taken.lines) < count:
        try:
            seq, digest, cloud, warning, size = client.event(seconds=1)
        except TimeoutError:
            client.send("ping", progress=taken.next_seq, waiting=0)
            if time.monotonic() - heard > DEAD_SECONDS:
                return
            continue
        except Rejected as refusal:
            if refusal.kind == "pong":
                heard = time.monotonic()
                continue
            raise
        heard = time.monotonic()
        taken.add(seq=seq, digest=digest.hex(), epoch=hello.epoch.hex(), id=cloud.id,
                  case_id=warning.case_id, case_seq=warning.case_seq)
        client.acknowledge(size)
    client.send("drain", text="done")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("endpoint", "server-key", "key-file", "channel", "dir"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(0))
    secret = Path(options.key_file).read_text().strip()
    public = zmq.curve_public(secret.encode()).decode()
    taken = Taken(options.dir)
    while options.count is None or len(taken.lines) < options.count:
        try:
            with Client(options.endpoint, options.server_key, public, secret,
                        options.channel) as client:
                take(client, taken, options.count)
        except Rejected as refusal:
            print(f"client: {refusal}", file=sys.stderr)
            if refusal.kind == "fenced" or not (refusal.retryable or refusal.kind == "drain"):
                return 1
        except TimeoutError as nothing:
            print(f"client: {nothing}", file=sys.stderr)
        time.sleep(0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
