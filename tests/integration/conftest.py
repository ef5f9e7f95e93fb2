"""A PostgreSQL for the whole run and a hub with a database of its own for each test.

Fixtures: `cluster` (the server), `hub` (made, not started), `feed` (opens adapters' connections).
Nothing sleeps: wait_for looks until a condition holds.
"""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import zmq

sys.dont_write_bytecode = True
REPO = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "deploy"), str(Path(__file__).resolve().parent)]

import run  # noqa: E402
from feed import Feed  # noqa: E402

COUNTY = 360722
TODAY = "2026-06-15"
ROLES = (REPO / "deploy/postgres/roles.sql").read_text()
TEMPLATE = "qianshao_template"
COMPLETE = "qianshao"
RECORDS = {"insurance": ["insurance.enrolment", "insurance.settlement"],
           "housing": ["housing.house", "housing.renovation"],
           "register": ["register.household", "register.member", "register.village"]}


def wait_for(condition, seconds=20, what="the condition"):
    """Look until condition() is true; returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come true in {seconds} s"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def built():
    return run.build(lambda text: print(text, file=sys.stderr))


def make_enterable(name):
    """The server's user must get to its files."""
    os.chmod(name, 0o711)
    return Path(name)


@pytest.fixture(scope="session")
def cluster(built):
    """A server with a migrated database to copy from."""
    with tempfile.TemporaryDirectory(prefix="qianshao-pg-") as name, \
            run.Cluster(make_enterable(name)) as cluster:
        directory = Path(name)
        cluster.sql(f"create database {TEMPLATE}", database="postgres")
        cluster.sql(ROLES, database=TEMPLATE)
        hub = Hub(cluster, built, directory, TEMPLATE)
        hub.settings()
        hub.command("--migrate")
        yield cluster


class Keys:
    """A CURVE key pair."""

    def __init__(self):
        self.public, self.secret = (key.decode() for key in zmq.curve_keypair())


class Hub:
    """A hub's directory, database and process."""

    def __init__(self, cluster, built, directory, database):
        self.cluster, self.build, self.dir, self.database = cluster, built, Path(directory), database
        self.keys, self.process, self.feeds, self.events = Keys(), None, None, None
        self.log = self.dir / "qianshaod.log"
        self.options = {}  # section → text of a YAML map
        self.host = None   # another way to PostgreSQL for the inbox
        self.adapters, self.subscribers = {}, {}
        self.retain_months = 36
        self.logins = {"qs_ops": [COUNTY], "qs_clerk": [COUNTY]}
        self.adapter("insurance", RECORDS["insurance"])
        self.adapter("housing", RECORDS["housing"])
        self.adapter("register", RECORDS["register"])

    def adapter(self, channel, records, producer=None, counties=(COUNTY,), optional=(), since=None,
                until=None):
        """Put an adapter on the access list; takes effect at start() or reload()."""
        self.adapters[channel] = dict(keys=Keys(), records=list(records), counties=list(counties),
                                      producer=producer or channel, optional=list(optional),
                                      since=since, until=until)
        return self.adapters[channel]

    def subscriber(self, name, county=COUNTY, route="bureau"):
        self.subscribers[name] = dict(keys=Keys(), county=county, route=route)
        return self.subscribers[name]

    def conninfo(self, user):
        text = self.cluster.conninfo(user, self.database)
        if user != "qs_ingest" or self.host is None:
            return text
        return text.replace(str(self.cluster.socket), str(self.host))

    def settings(self, access=None):
        """Write the configuration, the access list and the secrets."""
        run.write(self.dir / "hub.key", self.keys.secret + "\n")
        run.write(self.dir / "subject.key", "5a" * 32 + "\n")
        lines = ["adapters:"]
        for channel, adapter in self.adapters.items():
            lines += [f"  - channel: {channel}", f"    key: '{adapter['keys'].public}'", "    grants:",
                      f"      - producer: {adapter['producer']}",
                      f"        records: [{', '.join(adapter['records'])}]",
                      f"        counties: [{', '.join(map(str, adapter['counties']))}]"]
            if adapter["optional"]:
                lines.append(f"        optional: [{', '.join(adapter['optional'])}]")
            lines += [f"        {bound}: {adapter[bound]}" for bound in ("since", "until")
                      if adapter[bound]]
        if self.subscribers:
            lines.append("subscribers:")
        for name, subscriber in self.subscribers.items():
            lines += [f"  - name: {name}", f"    key: '{subscriber['keys'].public}'",
                      f"    county: {subscriber['county']}", f"    route: {subscriber['route']}"]
        lines.append("ops:")
        lines += [f"  - {{login: {login}, counties: {counties}}}"
                  for login, counties in self.logins.items()]
        run.write(self.dir / "access.yaml", access or "\n".join(lines) + "\n")
        sections = {
            "feeds": '{endpoint: "tcp://127.0.0.1:*"}', "events": '{endpoint: "tcp://127.0.0.1:*"}',
            "curve": "{secret_file: hub.key}", "access": "{file: access.yaml}",
            "store": "\n".join(
                ["", f'  conninfo: "{self.conninfo("qs_ingest")}"',
                 f'  match_conninfo: "{self.conninfo("qs_match")}"',
                 f'  ops_conninfo: "{self.conninfo("qs_ops")}"',
                 f'  admin_conninfo: "{self.conninfo("postgres")}"', "  subject_key_file: subject.key",
                 f"  retain_months: {self.retain_months}"]),
            "rules": f'{{dir: "{REPO}/config/rules"}}',
            "profiles": f'{{dir: "{REPO}/config/profiles"}}',
            "session": "{ping_seconds: 1, dead_seconds: 15}",
            "counties": f"[{{code: {COUNTY}, profile: ganzhou}}]",
            **self.options}
        run.write(self.dir / "qianshaod.yaml",
                  "".join(f"{name}: {text}\n" for name, text in sections.items()))

    def command(self, *words, check=True):
        """Run qianshaod to its end."""
        return run.call([self.build / "daemon/qianshaod", "--config", self.dir / "qianshaod.yaml",
                         *words], check=check)

    def launch(self, **environment):
        """Start the process without waiting for it."""
        self.from_line = len(self.lines())
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [self.build / "daemon/qianshaod", "--config", self.dir / "qianshaod.yaml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "QIANSHAO_TODAY": TODAY, **environment})

    def start(self, **environment):
        """Write the settings, start, wait until it is ready."""
        self.settings()
        self.launch(**environment)
        ready = wait_for(lambda: self.said("ready") or not self.alive(), what="the hub's start")
        assert ready is not True, "the hub did not start:\n" + self.log.read_text()
        words = dict(word.split("=", 1) for word in ready.split() if "=" in word)
        self.feeds, self.events = words["feeds"], words["events"]
        return self

    def restart(self, **environment):
        """Start again at the same address, so that connections find it."""
        self.options["feeds"] = f'{{endpoint: "{self.feeds}"}}'
        self.options["events"] = f'{{endpoint: "{self.events}"}}'
        return self.start(**environment)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def lines(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def said(self, event):
        """The newest log line of an event since the start, or None."""
        found = [line for line in self.lines()[self.from_line:] if f" {event} " in line + " "]
        return found[-1] if found else None

    def reload(self):
        """SIGHUP, and the log line that answers it."""
        count = len(self.lines())
        self.process.send_signal(signal.SIGHUP)

        def answered():
            return next((line for line in self.lines()[count:] if "reload" in line), None)
        return wait_for(answered, what="the reload")

    def stop(self, number=signal.SIGTERM):
        """End the process; returns its exit status."""
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(number)
        status = self.process.wait(30)
        self.process = None
        return status

    def died(self, seconds=20):
        """Wait until the process is gone by itself; returns its exit status."""
        status = self.process.wait(seconds)
        self.process = None
        return status

    def sql(self, text, user="postgres"):
        """Rows as lists of texts."""
        return self.cluster.sql(text, user, self.database)

    def value(self, text):
        return self.sql(text)[0][0]

    def counts(self):
        """What the running hub has counted: {part: {name: number}}."""
        at = len(self.lines())
        self.process.send_signal(signal.SIGUSR1)

        def logged():
            found = [line for line in self.lines()[at:] if " counts part=" in line]
            return found if len(found) == 4 else None
        parts = [dict(word.split("=", 1) for word in line.split() if "=" in word)
                 for line in wait_for(logged)]
        return {part.pop("part"): {name: int(value) for name, value in part.items()
                                   if value.isdigit()} for part in parts}

    def disconnect_database(self):
        self.cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname ="
                         f" '{self.database}' and pid <> pg_backend_pid()",
                         database="postgres")

    def copy_database(self, name):
        """Keep a copy of the database; nobody may be connected."""
        self.cluster.sql(f"create database {name} template {self.database}", database="postgres")

    def restore_database(self, name):
        """Put the copy in the place of the database, whoever is connected."""
        self.cluster.sql(f"alter database {self.database} allow_connections false", database="postgres")
        self.disconnect_database()
        for statement in (f"drop database {self.database} with (force)",
                          f"alter database {name} rename to {self.database}"):
            self.cluster.sql(statement, database="postgres")

    def position(self, channel="insurance"):
        """next_seq of a channel."""
        return int(self.value(f"select next_seq from ops.channel where name = '{channel}'"))

    def states(self):
        """The states of all submissions in the order of their numbers."""
        return [row[0] for row in self.sql("select state from ops.submission order by submission")]


@pytest.fixture
def hub(cluster, built, tmp_path, request):
    database = f"qs_{next(DATABASES)}"
    # Copying its files is quicker than writing them through the log, and nobody uses the template.
    cluster.sql(f"create database {database} template {TEMPLATE} strategy file_copy", database="postgres")
    hub = Hub(cluster, built, tmp_path, database)
    yield hub
    status = hub.stop()
    cluster.sql(f"drop database {database} with (force)", database="postgres")
    assert status in (None, 0, -signal.SIGKILL), f"the hub ended with {status}:\n{hub.log.read_text()}"


DATABASES = itertools.count(1)


@pytest.fixture
def feed(hub):
    """feed(channel) connects an adapter; all are closed at the end."""
    opened = []

    def connect(channel="insurance", keys=None, server=None):
        keys = keys or hub.adapters[channel]["keys"]
        opened.append(Feed(hub.feeds, server or hub.keys.public, keys.public, keys.secret, channel))
        return opened[-1]
    yield connect
    for one in opened:
        one.close()
