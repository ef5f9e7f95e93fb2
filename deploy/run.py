"""A whole Qianshao below one directory: cluster, keys, settings, processes.

Used by quickstart and by the tests. Nothing here knows about people's data.
"""

import ctypes
import fcntl
import json
import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
STOP_SECONDS = 30
SECTORS = {}  # filled by sectors()


class Interrupted(BaseException):
    """SIGINT or SIGTERM came: leave through every `with`."""


def interrupt(number, frame):
    raise Interrupted


def call(command, check=True, **options):
    """Run a command to its end; its output comes back as text."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    result = subprocess.run([str(word) for word in command], text=True, **options)
    if check and result.returncode != 0:
        raise SystemExit(f"{Path(str(command[0])).name} failed with {result.returncode}:\n"
                         f"{result.stderr or result.stdout}")
    return result


def pg_bin():
    """Where the newest PostgreSQL's own programs lie; /usr/bin/psql is a wrapper that takes time."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))


def lines(path):
    """How many whole lines a file has; 0 when it is not there."""
    try:
        with open(path, "rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except FileNotFoundError:
        return 0


def building():
    """The environment to build in: meson calls a compiler cache where there is one, and the cache
    wants a home to write to, which a service's user may lack."""
    home = Path(os.environ.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK) and "CCACHE_DIR" not in os.environ:
        return {**os.environ, "CCACHE_DISABLE": "1"}
    return None


def sectors_changed(directory):
    """Whether a sector's file came or went since the build was configured."""
    return (REPO / "proto/sector").stat().st_mtime > (directory / "build.ninja").stat().st_mtime


def tests_missing(directory):
    """Whether the build was configured before the tests' library was there, and it is there now."""
    return ("tests/unit/" not in (directory / "build.ninja").read_text()
            and call(["pkg-config", "--exists", "check"], check=False).returncode == 0)


def build(say, directory=None, options=("--buildtype=release", "-Dwerror=false")):
    """Build the tree; several calls at once wait for each other. What another compiler warns of
    stops only the tests' own build."""
    given = os.environ.get("QIANSHAO_BUILD")
    if given:
        return Path(given)
    directory = directory or REPO / ".build"
    directory.mkdir(exist_ok=True)
    with open(directory / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "build.ninja").exists():
            say("configuring")
            call(["meson", "setup", directory, REPO, *options], env=building())
        elif sectors_changed(directory) or tests_missing(directory):
            say("configuring again: a sector came or went, or the tests' packages came")
            call(["meson", "setup", "--reconfigure", directory, REPO], env=building())
        say("building")
        call(["ninja", "-C", directory], env=building())
    return directory


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text, mode=0o600):
    """Write a file whole."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    temporary.chmod(mode)
    temporary.replace(path)


def sectors():
    """Every sector with its title, sample producer and record types, as proto/sector/ has them."""
    if not SECTORS:
        answer = call(["/usr/bin/python3", "-B", REPO / "proto/generate.py", "--json"]).stdout
        SECTORS.update((entry["sector"], entry) for entry in json.loads(answer))
    return SECTORS


def producer_of(sector):
    """The code of a sector's agency in the sample county."""
    return sectors()[sector]["producer"]


class Cluster:
    """The private PostgreSQL of a run directory, shared with every command that uses it."""

    def __init__(self, directory):
        self.dir = directory
        self.private = REPO / "deploy/postgres/private"
        self.socket = call([self.private, "socket", directory]).stdout.strip()

    def __enter__(self):
        self.lock = open(self.dir / ".pg.lock", "a")
        self.users = open(self.dir / ".pg.users", "a")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        call([self.private, "start", self.dir], stdout=subprocess.DEVNULL)
        fcntl.flock(self.users, fcntl.LOCK_SH)
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        return self

    def __exit__(self, *unused):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        fcntl.flock(self.users, fcntl.LOCK_UN)
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            call([self.private, "stop", self.dir], stdout=subprocess.DEVNULL)
        except BlockingIOError:
            pass  # a command still uses it and stops it when it leaves
        self.users.close()
        self.lock.close()

    def conninfo(self, user, database="qianshao"):
        return f"host={self.socket} user={user} dbname={database}"

    def sql(self, text, user="postgres", database="qianshao"):
        """Run SQL as psql does; rows come back as lists of texts."""
        result = call([pg_bin() / "psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d",
                       self.conninfo(user, database), "-c", text])
        return [line.split("\t") for line in result.stdout.splitlines()]


class Place:
    """One run directory with everything in it, up while the `with` block lasts."""

    def __init__(self, directory, built, county, profile, producers=None, say=lambda text: None,
                 due_day=None):
        self.dir, self.build, self.county, self.profile = directory, built, county, profile
        self.producers = producers or {sector: {producer_of(sector): None} for sector in sectors()}
        self.say, self.processes = say, {}
        self.bin, self.etc, self.log = (directory / name for name in ("bin", "etc", "log"))

    def __enter__(self):
        for name in ("bin", "etc", "log", "spool", "drop", "bureau"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        self.cluster = Cluster(self.dir)
        self.say("starting PostgreSQL")
        self.cluster.__enter__()
        try:
            self.programs()
            self.settings()
            self.database()
            self.say("starting the hub, the adapters and the bureau")
            self.start("qianshaod")
            for sector in sectors():
                self.start(f"{sector}-adapter", "watch")
            self.start("bureau-adapter", "run")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for name in list(self.processes):
            if name != "qianshaod":
                self.stop(name)
        self.stop("qianshaod")
        self.cluster.__exit__()

    def programs(self):
        """bin/: each program with its settings."""
        where = {"qianshaod": "daemon/qianshaod", "qianshao": "daemon/qianshao",
                 "bureau-adapter": "adapters/bureau/bureau-adapter"}
        where.update({f"{sector}-adapter": f"adapters/{sector}/{sector}-adapter"
                      for sector in sectors()})
        for name, path in where.items():
            program, setting = self.build / path, self.etc / (name.removesuffix("-adapter") + ".yaml")
            if name in ("qianshaod", "qianshao"):
                setting = self.etc / "qianshaod.yaml"
            text = f'#!/bin/sh\nexport QIANSHAO_CONFIG={shlex.quote(str(setting))}\n'
            if name == "qianshao":
                # `link` works on files alone; every other command is about this directory
                text += (f'case " $* " in " link "*|*" --dir "*) ;; *) set -- --dir '
                         f'{shlex.quote(str(self.dir))} "$@" ;; esac\n')
            text += f'exec {shlex.quote(str(program))} "$@"\n'
            write(self.bin / name, text, 0o700)
        write(self.bin / "with-database",
              f'#!/bin/sh\nexec {shlex.quote(str(self.cluster.private))} with '
              f'{shlex.quote(str(self.dir))} "$@"\n', 0o700)

    def key(self, name):
        """The public key of a pair made on the first call; the secret stays in etc/NAME.key."""
        path = self.etc / f"{name}.key"
        if not path.exists():
            call([self.build / "daemon/qianshao", "keys", "make", path])
        return (self.etc / f"{name}.key.pub").read_text().strip()

    def settings(self):
        """etc/: written anew at each start; keys and the spools stay."""
        feeds, events = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
        hub = self.key("hub")
        if not (self.etc / "subject.key").exists():
            write(self.etc / "subject.key", os.urandom(32).hex() + "\n")
        conninfo = self.cluster.conninfo
        write(self.etc / "qianshaod.yaml", f"""\
feeds: {{endpoint: "{feeds}"}}
events: {{endpoint: "{events}"}}
curve: {{secret_file: hub.key}}
access: {{file: access.yaml}}
store:
  conninfo: "{conninfo('qs_ingest')}"
  match_conninfo: "{conninfo('qs_match')}"
  ops_conninfo: "{conninfo('qs_ops')}"
  admin_conninfo: "{conninfo('postgres')}"
  subject_key_file: subject.key
rules: {{dir: {json.dumps(str(REPO / 'config/rules'))}}}
profiles: {{dir: {json.dumps(str(REPO / 'config/profiles'))}}}
counties:
  - {{code: {self.county}, profile: {self.profile}}}
""")
        access = ["adapters:"]
        for sector in sectors():
            access += [f"  - channel: {sector}-{self.county}", f'    key: "{self.key(sector)}"',
                       "    grants:"]
            for producer, types in sorted(self.producers.get(sector, {}).items()):
                records = self.records(sector, types)
                optional = [name for name in records if self.optional(sector, name)]
                access += [f"      - producer: {producer}", f"        title: {sectors()[sector]['title']}",
                           f"        records: [{', '.join(records)}]",
                           f"        counties: [{self.county}]"]
                if optional:
                    access.append(f"        optional: [{', '.join(optional)}]")
            if not self.producers.get(sector):
                access += [f"      - producer: {producer_of(sector)}",
                           f"        records: [{', '.join(self.records(sector, None))}]",
                           f"        counties: [{self.county}]"]
            write(self.etc / f"{sector}.yaml", f"""\
channel: {sector}-{self.county}
hub: {{endpoint: "{feeds}", key: "{hub}"}}
key_file: {sector}.key
county: {self.county}
producer: {min(self.producers.get(sector) or [producer_of(sector)])}
spool: {{dir: ../spool/{sector}}}
watch: {{dir: ../drop/{sector}}}
""")
        access += ["subscribers:", f"  - name: bureau-{self.county}", f'    key: "{self.key("bureau")}"',
                   f"    county: {self.county}", "    route: bureau", "ops:"]
        access += [f"  - {{login: {login}, counties: [{self.county}]}}"
                   for login in ("qs_ops", "qs_console", "qs_clerk")]
        write(self.etc / "access.yaml", "\n".join(access) + "\n")
        write(self.etc / "bureau.yaml", f"""\
hub: {{endpoint: "{events}", key: "{hub}"}}
key_file: bureau.key
county: {self.county}
route: bureau
dir: ../bureau
""")

    @staticmethod
    def records(sector, types):
        """A producer's record types: those it sends, or the sector's."""
        names = [entry["name"] for entry in sectors()[sector]["types"]]
        return sorted(names if types is None else set(names) & set(types))

    @staticmethod
    def optional(sector, name):
        """Whether a county may go without a record type."""
        return any(entry["optional"] for entry in sectors()[sector]["types"] if entry["name"] == name)

    def database(self):
        if not self.cluster.sql("select 1 from pg_database where datname = 'qianshao'",
                                database="postgres"):
            self.cluster.sql("create database qianshao", database="postgres")
        self.cluster.sql((REPO / "deploy/postgres/roles.sql").read_text())
        call([self.bin / "qianshaod", "--migrate"])

    def start(self, name, *arguments, env=None):
        """Start a program in the background; it dies with us."""
        def child():
            os.setpgid(0, 0)
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        log = open(self.log / f"{name}.log", "a")
        self.processes[name] = subprocess.Popen(
            [self.bin / name, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=child, env={**os.environ, **(env or {})})
        log.close()
        return self.processes[name]

    def stop(self, name, number=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def check_alive(self):
        for name, process in self.processes.items():
            if process.poll() is not None:
                tail = "".join((self.log / f"{name}.log").read_text().splitlines(True)[-5:])
                raise SystemExit(f"{name} ended with {process.returncode}:\n{tail}")

    def query(self, *arguments):
        """What the command `qianshao … --json` prints, one object a line."""
        result = call([self.bin / "qianshao", *arguments, "--json"])
        return [json.loads(line) for line in result.stdout.splitlines()]

    def wait_for(self, condition, seconds=60, what="condition"):
        """Until condition() is true; processes must stay alive meanwhile."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.05)
