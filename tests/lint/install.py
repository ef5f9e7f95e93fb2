"""Install into a scratch folder and compare what lies there: install.py SOURCE_ROOT BUILD_ROOT MESON"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

UNINSTALLED = {"sdk"}  # of adapters/: the library


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def prefix(build):
    """Where each kind of file goes, below the prefix."""
    options = json.loads((build / "meson-info/intro-buildoptions.json").read_text())
    values = {option["name"]: option["value"] for option in options}
    return values["prefix"], values["bindir"], values["sbindir"], values["datadir"]


def wanted(source, binaries, daemons, share):
    agencies = {path.parent.name for path in source.glob("adapters/*/meson.build")} - UNINSTALLED
    names = {f"{daemons}/qianshaod", f"{binaries}/qianshao"}
    names |= {f"{binaries}/{agency}-adapter" for agency in agencies}
    names.add("libexec/qianshao/xls-rows")
    names |= {f"{share}/qianshao/{name}" for name in files(source / "config")}
    return names | {f"{share}/qianshao/postgres/roles.sql"}


def check(source, build, root):
    where, binaries, daemons, share = prefix(build)
    base = root / where.lstrip("/")
    found = files(base)
    expected = wanted(source, binaries, daemons, share)
    for name in sorted(expected - set(found)):
        yield f"{name} is not installed"
    for name in sorted(set(found) - expected):
        yield f"{name} is installed and not in this test's list"
    for name, content in files(source / "config").items():
        if found.get(f"{share}/qianshao/{name}", content) != content:
            yield f"{share}/qianshao/{name} is not what config/{name} is"
    for name in sorted(found):
        if name.startswith((f"{binaries}/", f"{daemons}/")):
            said = subprocess.run([base / name, "--version"], capture_output=True, text=True)
            if not said.stdout.startswith(pathlib.Path(name).name + " "):
                yield f"{name} --version says {said.stdout!r} {said.stderr!r}"
    # An adapter finds the program that reads .xls.
    old = pathlib.Path(shutil.copy(source / "tests/files/field/c81-formula.xls", root))
    said = subprocess.run([base / binaries / "civil-adapter", "check", old, "--type", "civil.dibao", "--period", "2026-05",
                           "--county", "360722", "--producer", "mz", "--json"], capture_output=True, text=True,
                          env={**os.environ, "QIANSHAO_TODAY": "2026-06-15"})
    if json.loads(said.stdout or "{}").get("stored", 0) == 0:
        yield f"the installed civil-adapter reads no .xls: {said.stdout}{said.stderr}"
    # The samples lie beside the rules and profiles that they name.
    said = subprocess.run([base / daemons / "qianshaod", "--config", base / share / "qianshao/minimal.yaml", "--print"],
                          capture_output=True, text=True)
    for folder in ("rules", "profiles"):
        if f'dir: "{(base / share / "qianshao" / folder).resolve()}"' not in said.stdout:
            yield f"the installed minimal.yaml does not find {folder}: {said.stdout}{said.stderr}"


def main(source, build, meson):
    with tempfile.TemporaryDirectory(prefix="qianshao-install-") as folder:
        root = pathlib.Path(folder)
        done = subprocess.run([meson, "install", "-C", build, "--destdir", root, "--no-rebuild", "--quiet"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"meson install failed: {done.stdout}{done.stderr}")
        problems = list(check(pathlib.Path(source), pathlib.Path(build), root))
    print(*problems, sep="\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
