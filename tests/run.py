"""Runs every part of the tests and counts what passed and failed.

A part is a command. Meson and pytest count their own tests; any other part
counts as one. Output goes to .build/tests/<part>.log; of a failed part its end
is shown.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
LOGS = REPO / ".build/tests"
# Sanitizers make gcc warn of what cannot happen; the release build is the one without a warning.
SANITIZED = ("-Db_sanitize=address,undefined", "-Db_lundef=false", "--buildtype=debug",
             "-Doptimization=1", "-Dwerror=false")


PROFILES = "xinfeng,ganzhou,longyan,tanghe,jinjiang"  # the short form takes two that differ most
# The parsers of an agency's bytes, and of the wire's; the others are met with their corpus only.
FUZZED = ("biff", "frame", "reader", "table", "xls", "xlsx", "yaml")


class Part:
    """One part of the tests: a name, a command and how to count it."""

    long = False  # the sizes that the project promises

    def __init__(self, name, command, count="exit", build=None, seconds=900, memory=True):
        self.name, self.command, self.count = name, command, count
        self.build, self.seconds, self.memory = build, seconds, memory

    def run(self):
        log = LOGS / f"{self.name}.log"
        report = LOGS / f"{self.name}.xml"
        report.unlink(missing_ok=True)
        command = [str(word).replace("{report}", str(report)) for word in self.command]
        environment = dict(os.environ, QIANSHAO_LONG="1" if self.long else "",
                           ASAN_OPTIONS="detect_leaks=1:abort_on_error=0",
                           UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
        if self.build:
            environment["QIANSHAO_BUILD"] = str(self.build)
        if self.memory and memory():
            environment["TMPDIR"] = memory()
        status = self.execute(command, environment, log)
        passed, failed = self.counted(status, report)
        if failed:
            sys.stdout.write("".join(log.read_text(errors="replace").splitlines(True)[-60:]))
        return passed, failed

    def execute(self, command, environment, log):
        with open(log, "w") as out:
            try:
                return subprocess.run(command, cwd=REPO, env=environment, stdout=out,
                                      stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                      timeout=self.seconds).returncode
            except subprocess.TimeoutExpired:
                out.write(f"\nnot done after {self.seconds} s\n")
                return 1

    def counted(self, status, report):
        passed = failed = 0
        log = self.build / "meson-logs/testlog.json" if self.build else report
        if self.count == "meson" and log.exists():
            for line in log.read_text().splitlines():
                result = json.loads(line)["result"]
                passed += result in ("OK", "EXPECTEDFAIL")
                failed += result not in ("OK", "EXPECTEDFAIL", "SKIP")
        elif self.count == "pytest" and report.exists():
            for suite in xml.etree.ElementTree.parse(report).iter("testsuite"):
                bad = int(suite.get("failures")) + int(suite.get("errors"))
                failed += bad
                passed += int(suite.get("tests")) - bad - int(suite.get("skipped"))
        elif status == 0:
            passed = 1
        if status != 0 and failed == 0:
            failed = 1
        return passed, failed


def built(name, compiler, options):
    """A build directory for one compiler."""
    directory = REPO / f".build-{name}"
    environment = dict(os.environ, CC=compiler)
    if not (directory / "build.ninja").exists():
        subprocess.run(["meson", "setup", directory, REPO, *options], env=environment, check=True,
                       stdout=subprocess.DEVNULL)
    return directory


def pytest(*paths, workers=4):
    """Four at a time on two cores: they mostly wait for conditions."""
    return ["/usr/bin/python3", "-m", "pytest", "-q", "-n", str(workers), "-o",
            f"cache_dir={LOGS}/cache-{Path(paths[0]).name}", "--junitxml", "{report}", *paths]


def memory():
    """A folder in memory for the clusters of tests that are not about time; None: the usual one."""
    status = os.statvfs("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    return "/dev/shm" if status and status.f_bavail * status.f_frsize > 4 << 30 else None


def parts(long):
    gcc = built("gcc", "gcc", SANITIZED)
    clang = built("clang", "clang", SANITIZED)
    release = REPO / ".build"
    meson = ["meson", "test", "-C"]
    kills = "60" if long else "10"
    households = "20000" if long else "1500"
    return [
        Part("build-gcc", ["ninja", "-C", gcc]),
        Part("unit-gcc", [*meson, gcc, "--no-rebuild"], "meson", gcc),
        Part("build-clang", ["ninja", "-C", clang]),
        Part("unit-clang", [*meson, clang, "--no-rebuild", "--no-suite", "lint"], "meson", clang),
        Part("build-release", ["/usr/bin/python3", "-c",
                               "import sys; sys.path.insert(0, 'deploy'); import run;"
                               " run.build(print, options=['--buildtype=release'])"]),
        Part("rules", pytest("tests/rules", workers=0), "pytest", release),  # every worker would judge everything
        Part("files", pytest("tests/files"), "pytest", gcc),
        Part("field", ["tests/field/run"], build=release),
        Part("fuzz", ["tests/fuzz/run", "--jobs", "2", *(word for name in FUZZED for word in ("--target", name))]),
        Part("public", ["tests/public/run"], build=gcc),
        Part("integration", pytest("tests/integration"), "pytest", release, 1500),
        Part("quickstart", pytest("tests/quickstart"), "pytest", None, 1200),
        Part("house", ["tests/house/run"], seconds=1200),
        Part("upgrade", ["tests/upgrade/run"], build=release),
        Part("link", ["tests/link/run", "--records", "1000000" if long else "100000"],
             build=release, seconds=1800),
        Part("truth", ["tests/truth/run", "--households", households], build=release, seconds=3000),
        Part("profiles", ["tests/truth/run", "--months", "6", "--households", households,
                          "--profiles", PROFILES if long else "longyan,tanghe"],
             build=release, seconds=3000),
        Part("scope", ["tests/scope/run", *("--counties 10 --steps 40" if long else
                                            "--counties 3 --steps 5 --seed 4711").split()],
             build=release, seconds=3600),
        Part("dirty", ["tests/dirty/run", "--households", households if long else "500"], build=release,
             seconds=3000),
        Part("fault", ["tests/fault/run", "--kills", kills, "--households",
                       "3000" if long else "400"], build=release, seconds=3600),
        Part("bench-ingest", ["tests/bench/ingest", "--rows", "1000000" if long else "50000"],
             build=release, seconds=1800, memory=False),
        Part("bench-files", ["tests/bench/files", "--rows", "1000000" if long else "200000", "--sheet-rows",
                             "200000" if long else "40000"], build=release, seconds=900, memory=False),
        Part("bench-link", ["tests/bench/link", "--records", "1000000" if long else "100000"],
             build=release, seconds=1800, memory=False),
        Part("bench-match", ["tests/bench/match"] + (
            ["--growth"] if long else ["--persons", "30000", "--runs", "1", "--deltas", "2"]),
             build=release, seconds=3600, memory=False),
    ]


def bare(long):
    """README's two commands in a bare root; it calls this program, so it is no part of itself."""
    if os.getuid() != 0 or os.environ.get("QIANSHAO_BARE"):
        return []
    return [Part("bare", ["tests/bare/run", *(["--long"] if long else [])], seconds=7200 if long else 1800,
                 memory=False)]


def main():
    parser = argparse.ArgumentParser(prog="tests/run", description=__doc__.split("\n")[0])
    parser.add_argument("--long", action="store_true", help="the sizes that the project promises")
    parser.add_argument("--only", help="names of parts, separated by commas")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    Part.long = options.long
    only = set(options.only.split(",")) if options.only else None
    passed = failed = 0
    for part in parts(options.long) + bare(options.long):
        if only and part.name not in only:
            continue
        begun = time.monotonic()
        good, bad = part.run()
        passed, failed = passed + good, failed + bad
        print(f"{part.name}: {good} passed, {bad} failed, {time.monotonic() - begun:.0f} s",
              flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
