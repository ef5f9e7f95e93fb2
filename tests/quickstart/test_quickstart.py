"""README's first command, as root and as a plain user, from a fresh clone."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent.parent
KEYS = {"county", "profile", "months", "feeds", "findings", "cases", "events_total", "events_new",
        "refused"}


def plain_user():
    """A user that is not root, to run as; None when we are one ourselves."""
    return pwd.getpwnam("nobody").pw_name if os.getuid() == 0 else None


@pytest.fixture
def place():
    directory = Path(tempfile.mkdtemp(prefix="qianshao-clone-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def quickstart(clone, directory, *options, user=None, environment=None):
    command = [clone / "deploy/quickstart", "--once", "--json", "--households", "300", "--dir",
               directory, *options]
    if user:
        command = ["runuser", "-u", user, "--", *command]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            timeout=600, env={**os.environ, **(environment or {})})
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 1, "stdout holds one object and nothing else"
    return json.loads(lines[0])


def processes_below(directory):
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes()
        except OSError:
            continue
        if str(directory).encode() in text:
            found.append(text.replace(b"\0", b" ").decode())
    return found


def check(clone, directory, user=None, environment=None):
    first = quickstart(clone, directory, user=user, environment=environment)
    assert set(first) == KEYS
    assert first["cases"] > 0 and first["events_new"] == first["events_total"] > 0
    assert first["refused"] == [] and len(first["months"]) == 3
    second = quickstart(clone, directory, user=user, environment=environment)
    assert second["events_new"] == 0
    for key in ("findings", "cases", "events_total", "months"):
        assert second[key] == first[key], key
    assert processes_below(directory) == []
    return first


def test_a_fresh_clone_shows_the_same_warnings_twice_as_a_plain_user(place):
    clone = place / "clone"
    subprocess.run(["git", "clone", "-q", REPO, clone], check=True)
    user = plain_user()
    if user:
        shutil.chown(place, user)
        subprocess.run(["chown", "-R", user, clone], check=True)
    check(clone, place / "run", user)


def test_as_this_user_below_a_long_path_that_others_cannot_enter(place):
    built = {"QIANSHAO_BUILD": str(REPO / ".build")}
    deep = place / ("long" * 40) / "run"
    deep.mkdir(parents=True)
    place.chmod(0o700)
    result = check(REPO, deep, environment=built)
    cluster = (deep / "pg").resolve()
    assert result["county"] == "360722"
    if not cluster.is_relative_to(deep):
        shutil.rmtree(cluster)


def test_a_data_directory_of_ones_own_and_a_file_that_is_refused(place):
    built = {**os.environ, "QIANSHAO_BUILD": str(REPO / ".build")}
    data = place / "data"
    (data / "water").mkdir(parents=True)
    (data / "water/water.complaint.2026-03.csv").write_text("投诉编号\n1\n")
    (data / "water/water.works.2026-03.nil").touch()
    result = subprocess.run([REPO / "deploy/quickstart", "--once", "--json", "--data", data, "--dir",
                             place / "run", "--county", "411328", "--profile", "ganzhou"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300,
                            env=built)
    assert result.returncode == 4, result.stderr
    answer = json.loads(result.stdout)
    assert [item["file"] for item in answer["refused"]] == ["water/water.complaint.2026-03.csv"]
    assert "outside the area" in result.stderr
