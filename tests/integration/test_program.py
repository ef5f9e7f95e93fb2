"""The program qianshaod: its options, and what it reads at the start."""

import re
from pathlib import Path

import pytest
import run

REPO = Path(__file__).resolve().parents[2]
VERSION = re.search(r"^ *version : '(.*)'", (REPO / "meson.build").read_text(), re.M)[1]


def program(hub, *words):
    return run.call([hub.build / "daemon/qianshaod", *words], check=False)


def test_check_reads_everything_and_says_nothing_when_it_is_right(hub):
    hub.settings()
    result = hub.command("--check")
    assert (result.stdout, result.stderr) == ("", "")


def test_check_names_every_problem(hub):
    hub.adapters["insurance"]["records"] = ["insurance.enrolment", "insurance.nothing"]
    hub.settings()
    (hub.dir / "hub.key").chmod(0o644)
    result = hub.command("--check", check=False)
    assert result.returncode == 1
    assert "insurance: record type insurance.nothing is unknown" in result.stderr
    assert "hub.key: others may read or change this secret" in result.stderr
    assert hub.keys.secret not in result.stderr


@pytest.mark.parametrize("spoil, text", [
    (lambda hub: (hub.dir / "access.yaml").unlink(), "access.yaml"),
    (lambda hub: (hub.dir / "hub.key").write_text("no key\n"), "failed"),
    (lambda hub: (hub.dir / "qianshaod.yaml").write_text("feeds: {port: 1}\n"), "1:9"),
])
def test_it_does_not_start_on_a_broken_file(hub, spoil, text):
    hub.settings()
    spoil(hub)
    hub.launch()
    assert hub.died() == 1
    assert text in hub.log.read_text()


def test_print_gives_settings_that_print_the_same(hub):
    hub.settings()
    printed = hub.command("--print").stdout
    again = hub.dir / "again.yaml"
    again.write_text(printed)
    assert program(hub, "--config", again, "--print").stdout == printed


def test_help_and_version_need_no_settings(hub):
    assert program(hub, "--version").stdout.startswith("qianshaod ")
    assert "--migrate" in program(hub, "--help").stdout
    assert "store.conninfo" in program(hub, "--help-config").stdout.replace("`", "")
    assert program(hub, "--no-such-option").returncode == 2


PROGRAMS = ["daemon/qianshaod", "daemon/qianshao", "adapters/bureau/bureau-adapter"] + [
    f"adapters/{sector}/{sector}-adapter"
    for sector in ("education", "insurance", "housing", "water", "civil", "register")]


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_program_says_its_version_and_its_options(built, path):
    def call(*words):
        return run.call([built / path, *words], check=False)
    name, said = Path(path).name, call("--version")
    assert (said.returncode, said.stdout, said.stderr) == (0, f"{name} {VERSION}\n", "")
    for word in ("--help", "-h"):
        said = call(word)
        assert (said.returncode, said.stderr) == (0, "")
        assert all(word in said.stdout for word in (name, "--config", "--version"))
    for words in (["--no-such"], ["--vers"], ["--version=1"], ["--config"], ["--config="], ["-x"]):
        said = call(*words)
        assert (said.returncode, said.stdout) == (2, ""), words
        assert words[0].split("=")[0] in said.stderr, words


def test_a_value_stands_behind_its_option_or_an_equals_sign(hub):
    hub.start()
    config = ["--config", hub.dir / "qianshaod.yaml"]

    def qianshao(*words):
        return run.call([hub.build / "daemon/qianshao", *words], check=False)
    for words in (["cases", "--month=2026-01"], ["--month=2026-01", "cases"], ["cases", "--month", "2026-01"]):
        said = qianshao(*config, *words, "--json")
        assert (said.returncode, said.stderr) == (0, ""), words
    for words, status, why in (
            (["cases", "--month=2026-13"], 2, "--month"), (["cases", "--mon=2026-01"], 2, "--month"),
            (["cases", "--month"], 2, "--month"), (["cases", "all"], 2, "all"), (["case"], 2, "case"),
            (["rules", "explain"], 2, "ID"), (["fly"], 2, "fly"), ([], 2, "--help"),
            (["status", "--sector", "water"], 2, "--sector"), (["keys", "make"], 2, "keys make FILE")):
        said = qianshao(*config, *words)
        assert (said.returncode, said.stdout) == (status, ""), words
        assert why in said.stderr, words


def test_a_command_has_a_help_of_its_own(built):
    said = run.call([built / "daemon/qianshao", "link", "--help"])
    assert "--one-per-source" in said.stdout and "--reveal" not in said.stdout
    said = run.call([built / "daemon/qianshao", "review", "show", "--help"])
    assert "--reveal" in said.stdout and "--one-per-source" not in said.stdout


def test_a_reload_says_what_it_cannot_change(hub):
    hub.start()
    hub.reload()
    assert hub.said("restart-needed") is None
    hub.options["session"] = "{ping_seconds: 2}"
    hub.settings()
    hub.reload()
    assert hub.said("restart-needed") is None
    hub.options["limits"] = "{credit_bytes: 2097152}"
    hub.settings()
    hub.reload()
    assert hub.said("restart-needed")
