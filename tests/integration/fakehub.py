"""A hub in memory, for the tests of adapters: it speaks proto/README.md and obeys the test."""

import hashlib
import threading
import time

import zmq

from client import messages

COMMITTED, DUPLICATE, REFUSED, DISCARDED = range(4)


class FakeHub(threading.Thread):
    """Takes submissions of one channel. Attributes set by a test change what it does next."""

    def __init__(self, endpoint="tcp://127.0.0.1:*", keys=None):
        super().__init__(daemon=True)
        self.control = messages()["control"].Control
        self.public, self.secret = keys or zmq.curve_keypair()
        self.wanted, self.stopping, self.paused = endpoint, False, False
        self.epoch, self.position, self.generation = None, 1, 0
        self.current, self.asked = None, 0
        self.submissions, self.receipts, self.heard, self.seen = [], [], [], set()
        self.lock = threading.Lock()
        # what a test may set
        self.credit, self.reject, self.refuse = 8 << 20, None, False
        self.rows_refused = []  # (row, column, reason) of the next submission
        self.mute = set()      # kinds that are read and not acted on
        self.before = None     # called with (kind, body) before the hub acts; True: do not act

    def __enter__(self):
        self.context = zmq.Context()
        self.open()
        self.start()
        return self

    def __exit__(self, *unused):
        self.stopping = True
        self.join()
        self.context.term()

    def open(self):
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.curve_server, self.socket.curve_secretkey = True, self.secret
        self.socket.linger = 200
        self.socket.bind(self.wanted)
        self.endpoint = self.wanted = self.socket.get_string(zmq.LAST_ENDPOINT)
        self.sessions = set()

    def run(self):
        while not self.stopping:
            if self.paused:
                if self.socket:
                    self.socket.close()
                    self.socket = None
                time.sleep(0.01)
                continue
            if self.socket is None:
                self.open()
            if self.socket.poll(20):
                route, *frames = self.socket.recv_multipart()
                control = self.control.FromString(frames[0])
                kind = control.WhichOneof("body")
                with self.lock:
                    self.heard.append(kind)
                    self.handle(route, kind, getattr(control, kind),
                                frames[1] if len(frames) > 1 else None)
        if self.socket:
            self.socket.close()

    def say(self, route, kind, **fields):
        control = self.control()
        body = getattr(control, kind)
        body.SetInParent()
        for name, value in fields.items():
            if isinstance(value, list):
                getattr(body, name).extend(value)
            else:
                setattr(body, name, value)
        self.socket.send_multipart([route, control.SerializeToString()])

    def handle(self, route, kind, body, payload):
        self.route = route
        if kind in self.mute or (self.before and self.before(kind, body)):
            return
        if kind == "hello":
            self.on_hello(route, body)
        elif route not in self.sessions:
            self.say(route, "reject", code=3, text="begin with HELLO", retryable=True)
        elif kind in ("open", "batch", "close"):
            self.on_entry(route, kind, body, payload)
        elif kind == "ping":
            self.say(route, "pong", progress=self.position)
        elif kind == "drain":
            self.sessions.discard(route)

    def on_hello(self, route, body):
        self.hello = body
        if self.reject:
            self.say(route, "reject", **self.reject)
            return
        if body.epoch != self.epoch:
            assert self.current is None, "half in"
            self.epoch, self.position = body.epoch, body.first_seq
        assert body.first_seq <= self.position <= body.next_seq
        self.current, self.asked = None, 0
        self.generation += 1
        self.sessions = {route}
        self.say(route, "subscribe", channel=body.channel, epoch=body.epoch, next_seq=self.rewind(),
                 generation=self.generation, credit=self.credit, batch_bytes=1 << 20, ping_seconds=1)
        for receipt in self.receipts:
            if body.receipts_from and receipt["last_seq"] >= body.receipts_from:
                self.say(route, "receipt", **receipt)

    def rewind(self):
        """This hub keeps no half submissions: it asks again from the OPEN."""
        if self.half:
            self.position = self.half
        self.half = 0
        return self.position

    half = 0

    def on_entry(self, route, kind, body, payload):
        if body.seq < self.position:
            return
        if body.seq > self.position:
            if self.asked != self.position:
                self.asked = self.position
                self.say(route, "resend", from_seq=self.position)
            return
        self.position += 1
        if kind == "open":
            self.on_open(body)
        elif kind == "batch":
            self.on_batch(route, body, payload)
        else:
            self.on_close(route, body)
        self.say(route, "ack", next_seq=self.position)

    def on_open(self, body):
        known = body.digest in self.seen
        if known or self.refuse:
            self.position = body.last_seq + 1
            self.answer(body, DUPLICATE if known else REFUSED, code=0 if known else 7,
                        text="" if known else "it contradicts", text_zh="" if known else "与已收内容矛盾")
            return
        self.half = body.seq
        self.current = {"open": body, "payloads": [], "previous": bytes(32), "rows": 0, "unresolved": 0}

    def on_batch(self, route, body, payload):
        current = self.current
        assert hashlib.sha256(payload).digest() == body.digest and body.previous == current["previous"]
        current["payloads"].append(payload)
        current["previous"] = body.digest
        current["rows"] += body.rows
        current["unresolved"] += body.unresolved
        self.say(route, "credit", bytes=len(payload))

    def on_close(self, route, body):
        opened, current = self.current["open"], self.current
        assert opened.last_seq == body.seq and len(current["payloads"]) == body.batches == opened.batches
        assert hashlib.sha256(b"".join(current["payloads"])).digest() == body.digest == opened.digest
        assert current["rows"] == body.rows == opened.rows
        assert current["unresolved"] == body.unresolved == opened.unresolved
        self.seen.add(opened.digest)
        self.submissions.append(current)
        self.current, self.half = None, 0
        refused = [messages()["control"].Refused(row_no=row, column=column, reason=reason)
                   for row, column, reason in self.rows_refused]
        self.answer(opened, COMMITTED, stored=current["rows"] - len(refused), refused=refused,
                    quarantined=current["unresolved"] + len(refused))

    def answer(self, opened, status, **fields):
        receipt = dict(uuid=opened.uuid, last_seq=opened.last_seq, status=status, county=opened.county,
                       submission=len(self.submissions), revision=max(opened.revision, 1),
                       digest=opened.digest, committed_at=1780000000000000, **fields)
        self.receipts.append(receipt)
        if "receipt" not in self.mute:
            self.say(self.route, "receipt", **receipt)

    def tell(self, kind, **fields):
        """Say something to the newest session, from the test's thread."""
        with self.lock:
            self.say(self.route, kind, **fields)

    def count(self, kind):
        return self.heard.count(kind)

    def periods(self):
        return [submission["open"].period for submission in self.submissions]
