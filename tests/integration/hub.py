"""The hub with an outbox that tests fill, and the programs that take its events.

Events are written by SQL, as judging does, so that these tests need no feeds.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import client
import run
from conftest import COUNTY, Hub, wait_for

SCRIPT = Path(client.__file__)


def cloud_event(county, number, case_seq, households, padding=0):
    """One CloudEvent's bytes with its id, case and case_seq."""
    pb = client.messages()
    case_id = f"{county}-H{number % households:06d}-1"
    kind = "raised" if case_seq == 1 else "updated"
    warning = pb["warning"].Warning(
        county=county, case_id=case_id, case_seq=case_seq, episode=1,
        type=pb["warning"].EventType.Value(kind.upper()), household_no=f"{number % households:06d}",
        subject_ref="r" * 16, head_name="陈*芳", severity="red", state="DETECTED", opened=202510,
        month=202511, route="bureau", deadline="2025-12-01")
    finding = warning.findings.add(rule="C01", rule_version=1, title="收入低于监测线", month=202511,
                                   since=202510, severity="red", subject_type="household",
                                   subject_ref="r" * 16, route="bureau", rechecked=True,
                                   values=json.dumps({"line": 500000, "pad": "x" * padding}))
    finding.sources.add(record_type="register.household", submission=1, row_no=number, period=202510,
                        revision=1)
    event_id = client.event_id(county, case_id, case_seq)
    event = pb["envelope"].CloudEvent(id=event_id, source=f"qianshao/{county}", spec_version="1.0",
                                      type=f"cn.qianshao.warning.{kind}",
                                      binary_data=warning.SerializeToString())
    for name, text in (("subject", case_id), ("datacontenttype", "application/protobuf"),
                       ("dataschema", "qianshao.Warning")):
        event.attributes.add(key=name).value.ce_string = text
    event.attributes.add(key="time").value.ce_timestamp.seconds = 1760000000 + number
    return event_id, case_id, kind, event.SerializeToString()


class EventHub(Hub):
    """A hub with two subscribers of one channel, `bureau` and `other`."""

    def __init__(self, cluster, built, directory, database):
        super().__init__(cluster, built, directory, database)
        self.written = {}
        self.options["session"] = "{ping_seconds: 1, dead_seconds: 3}"
        for name in ("bureau", "other"):
            self.subscriber(name)

    def begin(self):
        """Start, or start again where subscribers look for it, and wait for the database."""
        (self.restart if self.events else self.start)()
        wait_for(lambda: self.said("event-store-open"))
        return self

    def end(self):
        """Stop as an operator does."""
        status = self.stop()
        assert status == 0, self.log.read_text()

    def regrant(self):
        """Let the access list that is now wanted take effect."""
        self.settings()
        assert "reloaded" in self.reload()

    def logged(self, text):
        """How many lines of the hub's log hold a text."""
        return sum(text in line for line in self.lines())

    def key_file(self, name):
        """The file with a subscriber's secret key."""
        path = self.dir / f"{name}.key"
        run.write(path, self.subscribers[name]["keys"].secret + "\n")
        return path

    # ---- the outbox ----

    def put_events(self, count, county=COUNTY, route="bureau", households=7, padding=0):
        """Write the next `count` events in one transaction, as judging does."""
        first = self.written.get((county, route), 0) + 1
        values = []
        for number in range(first, first + count):
            case_seq = (number - 1) // households + 1
            event_id, case_id, kind, body = cloud_event(county, number, case_seq, households, padding)
            values.append(f"({county},'{route}',{number},'{event_id}','{case_id}',{case_seq},"
                          f"'{kind}','\\x{body.hex()}')")
        for start in range(0, len(values), 500):
            self.script("insert into cases.outbox (county, route, number, event_id, case_id, case_seq,"
                        " type, body) values " + ",".join(values[start:start + 500]))
        self.written[(county, route)] = first + count - 1
        return first + count - 1

    def script(self, text):
        """SQL that is too long for an argument."""
        run.call(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-1", "-d",
                  self.conninfo("postgres")], input=text)

    def acked(self, name="bureau", county=COUNTY, route="bureau"):
        rows = self.sql(f"select acked from cases.subscriber where county = {county} and"
                        f" route = '{route}' and name = '{name}'")
        return int(rows[0][0]) if rows else None

    # ---- those who take events ----

    def client(self, name="bureau", channel=f"{COUNTY}/bureau", keys=None):
        keys = keys or self.subscribers[name]["keys"]
        return client.Client(self.events, self.keys.public, keys.public, keys.secret, channel)

    def start_client(self, directory, *arguments, name="bureau"):
        """The Python client as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-B", str(SCRIPT), "--endpoint", self.events,
             f"--server-key={self.keys.public}",  # a key may begin with a hyphen
             "--key-file", str(self.key_file(name)), "--channel",
             f"{COUNTY}/bureau", "--dir", str(directory), *arguments])

    def bureau(self, directory, name="bureau", **settings):
        return Bureau(self, directory, name, settings)


class Bureau:
    """One bureau-adapter with its directory."""

    def __init__(self, hub, directory, name, settings):
        self.hub, self.dir, self.process = hub, directory, None
        directory.mkdir(parents=True, exist_ok=True)
        self.config = directory / "bureau.yaml"
        self.log = directory / "bureau.log"
        self.ledger_file = directory / "ledger/ledger.jsonl"
        settings = {"county": COUNTY, "route": "bureau", "ping_seconds": 1, "dead_seconds": 3,
                    "retry_max_seconds": 1, **settings}
        run.write(self.config, "".join([
            f"hub: {{endpoint: '{hub.events}', key: '{hub.keys.public}'}}\n",
            f"key_file: {hub.key_file(name)}\n", "dir: ledger\n",
            *(f"{key}: {value}\n" for key, value in settings.items())]))

    def command(self, *arguments):
        return [self.hub.build / "adapters/bureau/bureau-adapter", "-c", self.config, *arguments]

    def start(self, *arguments, crash=None):
        environment = dict(os.environ, **({"QIANSHAO_CRASH_AT": crash} if crash else {}))
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.command("run", *arguments), stdout=log, stderr=log,
                                            env=environment)
        return self

    def wait(self, seconds=60):
        status = self.process.wait(seconds)
        self.process = None
        return status

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(number)
        return self.wait()

    def call(self, *arguments):
        return run.call(self.command(*arguments), check=False)

    def status(self):
        return json.loads(self.call("status", "--json").stdout)

    def ledger(self):
        """Whole lines of the ledger as objects."""
        if not self.ledger_file.exists():
            return []
        text = self.ledger_file.read_bytes()
        return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()]

    def logged(self, text):
        return self.log.exists() and text in self.log.read_text()

    def expect_ledger(self, count):
        """Every number once and in order, each line what the outbox holds."""
        lines = self.ledger()
        assert [line["seq"] for line in lines] == list(range(1, count + 1))
        rows = self.hub.sql("select number, event_id, encode(body, 'hex') from cases.outbox"
                            f" where county = {COUNTY} and route = 'bureau' and number <= {count}"
                            " order by number")
        for line, (number, event_id, body) in zip(lines, rows, strict=True):
            assert (line["seq"], line["id"]) == (int(number), event_id)
            assert line["digest"] == hashlib.sha256(bytes.fromhex(body)).hexdigest()
