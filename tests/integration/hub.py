"""A hub with PostgreSQL and CURVE keys, for the tests of the event side.

Events are written into the outbox by SQL, as judging does, so that these tests need no feeds.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy"))

import client  # noqa: E402
import run     # noqa: E402

COUNTY = 360722
SCRIPT = Path(client.__file__)


def wait_for(condition, seconds=30, what="the condition"):
    """Until condition() gives something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"{what} did not come about in {seconds} s"
        time.sleep(0.02)


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


class Hub:
    """One database and one qianshaod on it; the cluster is shared."""

    def __init__(self, cluster, build, directory, name):
        self.cluster, self.build, self.dir, self.name = cluster, build, directory, name
        self.endpoint = f"tcp://127.0.0.1:{run.free_port()}"
        self.keys, self.process = {}, None
        self.written = {}
        self.log = directory / "hub.log"
        self.setup()

    # ---- keys and settings ----

    def key(self, name):
        """A key pair (public, secret) as text, its secret half in a file."""
        if name not in self.keys:
            self.keys[name] = tuple(half.decode() for half in zmq.curve_keypair())
            run.write(self.dir / f"{name}.key", self.keys[name][1] + "\n")
        return self.keys[name]

    def grant(self, *subscribers):
        """Write the access list: (name, county, route) each."""
        lines = ["adapters:", "  - channel: register", f'    key: "{self.key("register")[0]}"',
                 "    grants:", "      - producer: xczx", "        records: [register.household]",
                 f"        counties: [{COUNTY}]", "subscribers:"]
        for name, county, route in subscribers:
            lines += [f"  - name: {name}", f'    key: "{self.key(name)[0]}"',
                      f"    county: {county}", f"    route: {route}"]
        run.write(self.dir / "access.yaml", "\n".join(lines) + "\n")

    def setup(self):
        self.key("hub")
        self.grant(("bureau", COUNTY, "bureau"), ("other", COUNTY, "bureau"))
        run.write(self.dir / "subject.key", os.urandom(32).hex() + "\n")
        conninfo = {role: self.cluster.conninfo(role, self.name)
                    for role in ("qs_ingest", "qs_match", "qs_ops", "postgres")}
        run.write(self.dir / "qianshaod.yaml", f"""\
feeds: {{endpoint: "tcp://127.0.0.1:{run.free_port()}"}}
events: {{endpoint: "{self.endpoint}"}}
curve: {{secret_file: hub.key}}
access: {{file: access.yaml}}
store:
  conninfo: "{conninfo['qs_ingest']}"
  match_conninfo: "{conninfo['qs_match']}"
  ops_conninfo: "{conninfo['qs_ops']}"
  admin_conninfo: "{conninfo['postgres']}"
  subject_key_file: subject.key
session: {{ping_seconds: 1, dead_seconds: 3}}
rules: {{dir: {json.dumps(str(run.REPO / 'config/rules'))}}}
profiles: {{dir: {json.dumps(str(run.REPO / 'config/profiles'))}}}
counties:
  - {{code: {COUNTY}, profile: xinfeng}}
""")
        self.create_database()

    def create_database(self):
        """A database with the schema, copied from one that the first hub of a cluster makes."""
        sql = lambda text: self.cluster.sql(text, database="postgres")  # noqa: E731
        if not sql("select 1 from pg_database where datname = 'migrated'"):
            sql(f"create database {self.name}")
            sql((run.REPO / "deploy/postgres/roles.sql").read_text())
            run.call([self.program("daemon/qianshaod"), "--migrate"], env=self.environment())
            sql(f"alter database {self.name} rename to migrated")
        sql(f"create database {self.name} template migrated")

    def program(self, path):
        return self.build / path

    def environment(self, **more):
        return {**os.environ, "QIANSHAO_CONFIG": str(self.dir / "qianshaod.yaml"), **more}

    def sql(self, text):
        return self.cluster.sql(text, database=self.name)

    # ---- the process ----

    def start(self):
        """Start qianshaod and wait until a connection is taken."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([self.program("daemon/qianshaod")], stdout=log,
                                            stderr=log, env=self.environment())
        before = self.logged("event-store-open")
        wait_for(lambda: self.logged("event-store-open") > before or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()
        return self

    def stop(self, number=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(number)
            status = self.process.wait(20)
            self.process = None
            assert number != signal.SIGTERM or status == 0, self.log.read_text()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def logged(self, text):
        """How many lines of the hub's log hold a text."""
        if not self.log.exists():
            return 0
        return sum(text in line for line in self.log.read_text().splitlines())

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
                  self.cluster.conninfo("postgres", self.name)], input=text)

    def acked(self, name="bureau", county=COUNTY, route="bureau"):
        rows = self.sql(f"select acked from cases.subscriber where county = {county} and"
                        f" route = '{route}' and name = '{name}'")
        return int(rows[0][0]) if rows else None

    def disconnect_database(self, database=None):
        self.cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname ="
                         f" '{database or self.name}' and pid <> pg_backend_pid()",
                         database="postgres")

    def copy_database(self, name):
        """Keep a copy of the database; nobody may be connected."""
        self.cluster.sql(f"create database {name} template {self.name}", database="postgres")

    def restore_database(self, name):
        """Put the copy in the place of the database, whoever is connected."""
        self.cluster.sql(f"alter database {self.name} allow_connections false", database="postgres")
        self.disconnect_database()
        for statement in (f"drop database {self.name} with (force)",
                          f"alter database {name} rename to {self.name}"):
            self.cluster.sql(statement, database="postgres")

    def drop(self):
        self.stop(signal.SIGKILL)
        self.cluster.sql(f"drop database if exists {self.name} with (force)", database="postgres")

    # ---- those who take events ----

    def client(self, name="bureau", channel=f"{COUNTY}/bureau", key=None):
        public, secret = key or self.key(name)
        return client.Client(self.endpoint, self.key("hub")[0], public, secret, channel)

    def start_client(self, directory, *arguments, name="bureau"):
        """The Python client as a process of its own."""
        self.key(name)
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), "--endpoint", self.endpoint, "--server-key",
             self.key("hub")[0], "--key-file", str(self.dir / f"{name}.key"), "--channel",
             f"{COUNTY}/bureau", "--dir", str(directory), *arguments])

    def bureau(self, directory, name="bureau", endpoint=None, **settings):
        return Bureau(self, directory, name, endpoint or self.endpoint, settings)


class Bureau:
    """One bureau-adapter with its directory."""

    def __init__(self, hub, directory, name, endpoint, settings):
        self.hub, self.dir, self.process = hub, directory, None
        directory.mkdir(parents=True, exist_ok=True)
        hub.key(name)
        self.config = directory / "bureau.yaml"
        self.log = directory / "bureau.log"
        self.ledger_file = directory / "ledger/ledger.jsonl"
        settings = {"county": COUNTY, "route": "bureau", "ping_seconds": 1, "dead_seconds": 3,
                    "retry_max_seconds": 1, **settings}
        run.write(self.config, "".join([
            f'hub: {{endpoint: "{endpoint}", key: "{hub.key("hub")[0]}"}}\n',
            f"key_file: {hub.dir / name}.key\n", "dir: ledger\n",
            *(f"{key}: {value}\n" for key, value in settings.items())]))

    def command(self, *arguments):
        return [self.hub.program("adapters/bureau/bureau-adapter"), "-c", self.config, *arguments]

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
