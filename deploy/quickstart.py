"""Start everything below one run directory, send a county's months, show the warnings.

Called by deploy/quickstart, which installs packages first. Progress goes to
stderr; stdout holds the result (a table, or one JSON object with --json).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import run

PROFILES = {"3607": "ganzhou", "3508": "longyan", "411328": "tanghe", "360722": "xinfeng",
            "350582": "jinjiang"}
# <record type>.<period>[.<producer>][.delta|.correction][.rN].csv or .nil
NAME = re.compile(r"(?P<type>[a-z]+\.[a-z]+)\.(?P<period>\d{4}-\d{2})"
                  r"(?:\.(?!delta\.|correction\.|r\d+\.|csv$|nil$)(?P<producer>[a-z0-9_-]+))?"
                  r"(?:\.(?P<kind>delta|correction))?(?:\.r(?P<revision>\d+))?\.(?:csv|nil)$")


def say(text):
    print(f"quickstart: {text}", file=sys.stderr, flush=True)


def usage():
    parser = argparse.ArgumentParser(prog="deploy/quickstart", description=__doc__.split("\n")[0])
    parser.add_argument("--once", action="store_true",
                        help="end when every submission is answered, judged and acknowledged")
    parser.add_argument("--dir", type=Path, help="run directory; a second start resumes it")
    parser.add_argument("--data", type=Path,
                        help="send these files (DIR/<sector>/<record type>.<period>….csv)")
    parser.add_argument("--profile", help="jurisdiction profile; by default the county's own")
    parser.add_argument("--county", type=int, default=360722, metavar="CODE")
    parser.add_argument("--households", type=int, default=2000, help="of the sample")
    parser.add_argument("--json", action="store_true", help="one object on stdout")
    return parser.parse_args()


def files_of(data):
    """The files to send, oldest period first, register before the others."""
    found = []
    for rank, sector in enumerate(run.sectors()):
        for path in sorted((data / sector).glob("*")):
            match = NAME.fullmatch(path.name)
            if match:
                kind = {"delta": 1, "correction": 2}.get(match["kind"], 0)
                order = (match["period"], rank, int(match["revision"] or 0), kind, path.name)
                found.append((order, sector, path, match))
            elif not path.name.endswith(".receipt.json") and ".rejects." not in path.name:
                say(f"left out, its name is not <record type>.<period>.csv: {sector}/{path.name}")
    return [item[1:] for item in sorted(found, key=lambda item: item[0])]


def profile_of(county, wanted):
    """The profile to use, with a warning outside its area."""
    known = {name: area for area, name in PROFILES.items()}
    own = PROFILES.get(str(county)) or PROFILES.get(str(county)[:4])
    name = wanted or own or "ganzhou"
    if not str(county).startswith(known.get(name, str(county))):
        say(f"warning: county {county} lies outside the area of profile {name}")
    return name


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Sender:
    """Sends files through the adapters, one thread a sector, and remembers what was answered."""

    def __init__(self, place, county):
        self.place, self.county = place, county
        self.memory = place.dir / "sent.json"
        self.sent = json.loads(self.memory.read_text()) if self.memory.exists() else {}
        self.refused, self.rows_refused, self.done = [], [], 0
        self.lock = threading.Lock()

    def send(self, sector, path, match):
        mark = f"{path}:{digest(path)}"
        if mark not in self.sent:
            command = [self.place.bin / f"{sector}-adapter", "send", path, "--period",
                       match["period"], "--county", str(self.county)]
            result = run.call(command, check=False)
            if result.returncode not in (0, 1, 4):
                raise SystemExit(f"quickstart: cannot send {path.name}:\n{result.stderr}")
            self.sent[mark] = {"exit": result.returncode, "file": f"{sector}/{path.name}",
                               "answer": result.stdout.strip() or result.stderr.strip()}
        answer = self.sent[mark]
        with self.lock:
            self.done += 1
            if answer["exit"] == 1:
                self.refused.append({"file": answer["file"], "answer": answer["answer"]})
            elif answer["exit"] == 4:
                self.rows_refused.append(answer["file"])

    def send_all(self, files):
        total = len(files)
        for period in sorted({item[2]["period"] for item in files}):
            failures = []

            def work(mine):
                try:
                    for item in mine:
                        self.send(*item)
                except BaseException as failure:  # handed to the main thread below
                    failures.append(failure)

            threads = [threading.Thread(target=work, args=([
                item for item in files if item[2]["period"] == period and item[0] == sector],))
                for sector in run.sectors()]
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(5)
                    if thread.is_alive():
                        say(f"{period}: {self.done} of {total} files answered")
            if failures:
                raise failures[0]
            temporary = self.memory.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.sent, ensure_ascii=False, indent=0))
            temporary.replace(self.memory)
            say(f"{period}: {self.done} of {total} files answered")


def wait_idle(place, ledger, seconds=600):
    """Until everything visible is judged and every event is in the bureau's ledger."""
    end, told = time.monotonic() + seconds, time.monotonic()
    while True:
        status = place.query("status")[0]
        waiting = status["events"] - run.lines(ledger)
        if status["idle"] and waiting <= 0 and status["events_acked"] == status["events"]:
            return status
        place.check_alive()
        if time.monotonic() > end:
            raise SystemExit("quickstart: not judged in time; look at " + str(place.dir / "log"))
        if time.monotonic() - told > 5:
            told = time.monotonic()
            say(f"judging; {max(waiting, 0)} events not yet acknowledged")
        time.sleep(0.2)


def result_of(place, county, profile, sender, before, ledger):
    findings = {}
    for item in place.query("findings"):
        findings[item["rule"]] = findings.get(item["rule"], 0) + 1
    total = run.lines(ledger)
    return {"county": str(county), "profile": profile,
            "months": sorted({item["month"] for item in place.query("report")}),
            "feeds": place.query("feeds"), "findings": dict(sorted(findings.items())),
            "cases": len(place.query("cases")), "events_total": total,
            "events_new": total - before, "refused": sender.refused}


def show(place, result, sender):
    for title, command in (("预警 warnings", ["cases"]), ("数据报送 feeds", ["feeds"]),
                           ("规则 rules", ["report"])):
        print(f"\n== {title}")
        sys.stdout.flush()
        run.call([place.bin / "qianshao", *command], stdout=None)
    print(f"\n县 county {result['county']}, 方案 profile {result['profile']}: {result['cases']} 户 cases, "
          f"{result['events_total']} 事件 events, 本次新增 new {result['events_new']}")
    for item in sender.refused:
        print(f"退回 refused: {item['file']}: {item['answer']}")
    for name in sender.rows_refused:
        print(f"有问题行 rows refused: {name}, see {name}.rejects.csv")
    print(f"\n进一步查看 look further:\n  {place.bin}/qianshao case ID\n  {place.bin}/qianshao findings"
          f" --month {(result['months'] or ['YYYY-MM'])[-1]}\n  {place.dir}/bureau/ledger.jsonl\n  {place.dir}/log/")
    sys.stdout.flush()


def main():
    os.umask(0o077)
    options = usage()
    begun = time.monotonic()
    directory = (options.dir or Path(tempfile.mkdtemp(prefix="qianshao-run-"))).absolute()
    if not options.dir or not directory.exists():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711)  # the server's user passes through to its cluster; the rest is 0700
    profile = profile_of(options.county, options.profile)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, run.interrupt)

    build = run.build(say)
    data = options.data.absolute() if options.data else directory / "sample"
    if not options.data and not (data / "complete").exists():
        say(f"making a sample county of {options.households} households")
        shutil.rmtree(data, ignore_errors=True)
        run.call([build / "tests/population/population", "--out", data, "--county",
                  str(options.county), "--profile", profile, "--households",
                  str(options.households), "--months", "3"])
        (data / "complete").touch()
    files = files_of(data)
    if not files:
        raise SystemExit(f"quickstart: no file to send in {data}")
    producers = {}
    for sector, _, match in files:
        producers.setdefault(sector, {}).setdefault(match["producer"] or run.producer_of(sector),
                                                    set()).add(match["type"])

    with run.Place(directory, build, options.county, profile, producers, say) as place:
        ledger = directory / "bureau/ledger.jsonl"
        before = run.lines(ledger)
        sender = Sender(place, options.county)
        sender.send_all(files)
        wait_idle(place, ledger)
        result = result_of(place, options.county, profile, sender, before, ledger)
        if options.json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            show(place, result, sender)
        say(f"ready after {time.monotonic() - begun:.0f} s; run directory {directory}")
        if not options.once:
            say("up until Ctrl-C")
            while not stop.wait(2):
                place.check_alive()
    return 4 if sender.refused else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, run.Interrupted):
        say("stopped")
        sys.exit(130 if "--once" in sys.argv else 0)
