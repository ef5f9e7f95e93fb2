"""What the tests that run a whole Qianshao have in common."""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "deploy"))
sys.dont_write_bytecode = True

import quickstart  # noqa: E402
import run  # noqa: E402


def say(text):
    print(text, file=sys.stderr, flush=True)


def scratch(name):
    """A directory that goes away at the end; KEEP=1 keeps it."""
    directory = tempfile.TemporaryDirectory(prefix=f"qianshao-{name}-", ignore_cleanup_errors=True)
    os.chmod(directory.name, 0o711)  # the server's user passes through to its cluster
    if os.environ.get("KEEP"):
        directory._finalizer.detach()
    return directory


def population(built, out, **options):
    """Make a synthetic county; returns the files in order of sending."""
    words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    run.call([built / "tests/population/population", "--out", out, *words])
    return quickstart.files_of(Path(out))


def producers(files):
    found = {}
    for sector, _, match in files:
        found.setdefault(sector, {}).setdefault(match["producer"] or run.producer_of(sector),
                                                set()).add(match["type"])
    return found


def send(place, item, extra=()):
    """Send one file and return the exit status: 0 committed or duplicate, 4 with rows refused."""
    sector, path, match = item
    return run.call([place.bin / f"{sector}-adapter", "send", path, "--period", match["period"],
                     "--county", str(place.county), *extra], check=False)


def send_all(place, files, times=1, shuffle=None):
    """Send every file through six adapters side by side; shuffle (a seed) mixes their order."""
    failures = []

    def work(mine):
        for item in mine:
            for _ in range(times):
                result = send(place, item)
                if result.returncode not in (0, 4):
                    failures.append(f"{item[1].name}: {result.returncode} {result.stdout} {result.stderr}")

    queues = {}
    for item in files:
        queues.setdefault(item[0], []).append(item)
    if shuffle is not None:
        for queue in queues.values():
            random.Random(shuffle).shuffle(queue)
    threads = [threading.Thread(target=work, args=(queue,)) for queue in queues.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit("not accepted:\n" + "\n".join(failures[:10]))


def settle(place, seconds=900):
    return quickstart.wait_idle(place, place.dir / "bureau/ledger.jsonl", seconds)


def reveal(place, *words):
    """A listing in full, as a clerk with the role and a reason."""
    return place.query("--user", "qs_clerk", "--reveal", "test of the synthetic county", *words)


def ledger(place):
    """The bureau's ledger; complains about a gap or a repeat in numbers or case_seq."""
    events, problems, cases = [], [], {}
    for line in (place.dir / "bureau/ledger.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["seq"] != len(events) + 1:
            problems.append(f"event number {event['seq']} where {len(events) + 1} was due")
        if event["case_seq"] != cases.get(event["case_id"], 0) + 1:
            problems.append(f"case_seq {event['case_seq']} after {cases.get(event['case_id'], 0)}")
        cases[event["case_id"]] = event["case_seq"]
        events.append(event)
    return events, problems


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
