"""Find C files over 600 lines and functions over 60: size.py SOURCE_ROOT

Both count every line. A module that outgrew one file continues in module_part.c, and its tests follow;
generated code lives in the build directory. A function is read by its form here: its name begins a line,
and so does its closing brace.
"""

import pathlib
import re
import subprocess
import sys

FILE_LINES = 600
FUNCTION_LINES = 60

HEAD = re.compile(r"^(?:START_TEST\((\w+)\)|(\w+)\(.*)$")


def functions(lines):
    """(name, line of its name, number of lines) of each function."""
    name, start = None, 0
    for number, line in enumerate(lines, 1):
        head = HEAD.match(line)
        if head:
            name, start = head[1] or head[2], number
        elif line == "}" and name:
            yield name, start, number - start + 1
            name = None


def problems_of(name, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES:
        yield f"{name}:{FILE_LINES + 1}: {len(lines)} lines, {FILE_LINES} at most: split the file along its seams"
    for function, line, count in functions(lines):
        if count > FUNCTION_LINES:
            yield f"{name}:{line}: {function} has {count} lines, {FUNCTION_LINES} at most"


def main(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "--deduplicate", "*.c", "*.h"], capture_output=True,
                            text=True)
    if listed.returncode != 0:
        return 77
    problems = []
    for name in listed.stdout.splitlines():
        path = pathlib.Path(root, name)
        if path.exists():
            problems += problems_of(name, path.read_text(encoding="utf-8"))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
