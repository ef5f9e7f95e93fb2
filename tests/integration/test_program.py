"""The program qianshaod: its options, and what it reads at the start."""

import pytest
import run


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
