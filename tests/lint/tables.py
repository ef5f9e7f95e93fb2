"""Check that each temporary table has one maker and stands in its folder's table: tables.py SOURCE_ROOT

daemon/<room>/sql/README.md lists the temporary tables and views that the room's SQL makes: name, made
by, read by, one row is, gone when. Compared with the "create temp" statements of the .sql files; C makes
none (tables_test.py plants each mistake once). A word in braces, {type}, stands for names that a record
type gives: <type> in the list.
"""

import pathlib
import re
import sys

CREATE = re.compile(r"\bcreate\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:table|view|\{form\})\s+([\w{}]+)", re.I)
TEMP = re.compile(r"create\s+(?:or\s+replace\s+)?(?:temp|\{form\}|%s)", re.I)
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$")
# Kinds that one statement makes by a word of its own.
KINDS = {"{kind}_{type}{suffix}": ("raw_<type>", "every_<type>")}


def names_of(text):
    """The names that a statement makes, as the list writes them."""
    for match in CREATE.finditer(re.sub(r"--[^\n]*", "", text)):
        if match[1] in KINDS:
            yield from KINDS[match[1]]
        else:
            yield match[1].replace("{suffix}", "").replace("{type}", "<type>")


def made(folder):
    """{name: file} of a folder's SQL, and problems with names that two files make."""
    makers, problems = {}, []
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if not TEMP.search(text) or path.name == "trial_views.sql":  # stand-ins of the rules' own views
            continue
        for name in names_of(text):
            if name in makers:
                problems.append(f"{path}:1: {makers[name]} makes {name}, too")
            makers[name] = path.name
    return makers, problems


def listed(folder):
    """{name: file} of a folder's README."""
    readme = folder / "README.md"
    if not readme.exists():
        return {}
    found = {}
    for line in readme.read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        if match and all(cell.strip() for cell in match.groups()[2:]):
            found[match[1]] = match[2]
    return found


def main(root):
    problems, everywhere = [], {}
    for folder in sorted(pathlib.Path(root, "daemon").glob("*/sql")):
        makers, found = made(folder)
        known = listed(folder)
        problems += found
        for name in sorted(makers.keys() | known.keys()):
            if makers.get(name) != known.get(name):
                problems.append(f"{folder}/README.md:1: {name} is made by {makers.get(name, 'nothing')}"
                                f" and listed as {known.get(name, 'nothing')}")
        for name, file in makers.items():
            if name in everywhere:
                problems.append(f"{folder}/{file}:1: {everywhere[name]} makes {name}, too")
            everywhere[name] = f"{folder}/{file}"
    for path in sorted(pathlib.Path(root, "daemon").rglob("*.[ch]")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(r'"[^"]*create\s+(?:or replace\s+)?temp', line, re.I):
                problems.append(f"{path}:{number}: a temporary table is made by a .sql file of the folder")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
