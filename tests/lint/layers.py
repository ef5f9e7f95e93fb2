"""Check which file includes what against layers.txt: layers.py SOURCE_ROOT [TABLE]

A room is a folder: daemon/judge is "judge", adapters/sdk/clerk "sdk/clerk", any other folder of
adapters/ an "agency", daemon/main.c "main". Libraries belong to one file each, and the modules of
the tree form no circle. tests/lint/walls.py breaks every wall once and sees it refused.
"""

import pathlib
import posixpath
import re
import subprocess
import sys

HEADER_ROOTS = ("daemon", "proto", "adapters")  # as in the top-level meson.build
INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\b\s*([<"]?)([^>"]*)')


class Table:
    """layers.txt: what each room may include, and who owns which library."""

    def __init__(self, text):
        self.rooms, self.barred, self.never, self.libraries, self.problems = {}, {}, [], [], []
        self.tables, self.lines = {}, {}
        for number, line in enumerate(text.splitlines(), 1):
            line = line.split("#")[0].strip()
            if line:
                self.read(number, line)
        self.check()

    def read(self, number, line):
        if match := re.fullmatch(r"never (\S+)\s+-> (\S+)", line):
            self.never.append((match[1], match[2]))
        elif match := re.fullmatch(r"table (\S+)\s+: (.+)", line):
            self.tables[match[1]] = match[2].split()
        elif match := re.fullmatch(r"library (.+?)\s+: (.+)", line):
            self.libraries.append((re.compile(match[1]), match[2].split()))
        elif (match := re.fullmatch(r"(\S+)\s+->\s*(.*)", line)) and match[1] not in self.rooms:
            words = match[2].split()
            self.rooms[match[1]] = [word for word in words if word[0] != "!"]
            self.barred[match[1]] = [word[1:] for word in words if word[0] == "!"]
            self.lines[match[1]] = number
        else:
            self.problems.append(f"layers.txt:{number}: {'stands twice' if match else 'cannot be read'}: {line}")

    def room(self, word):
        """The room of a word of the table, which may name one module: room/module."""
        return word if word in self.rooms or word == "*" else word.rpartition("/")[0]

    def is_never(self, room, target):
        return room != target and any(source in ("*", room) and never in ("*", target)
                                      for source, never in self.never)

    def check(self):
        """The table itself: known rooms, no circle, nothing that is never allowed."""
        for room, words in self.rooms.items():
            at = f"layers.txt:{self.lines[room]}: {room} -> "
            for word in words:
                target = self.room(word)
                if target not in self.rooms and target != "*":
                    self.problems.append(f"{at}{word}: no such room")
                elif self.is_never(room, target):
                    self.problems.append(f"{at}{word} is never allowed")
        graph = {room: {self.room(word) for word in words} & set(self.rooms) for room, words in self.rooms.items()}
        self.problems += [f"layers.txt: circle: {' -> '.join(circle)}" for circle in circles(graph)]

    def allows(self, room, target, module):
        """Whether files of a room may include the module of another."""
        if room == target or target == "base":
            return True
        if self.is_never(room, target) or {target, f"{target}/{module}"} & set(self.barred[room]):
            return False
        if "*" in self.rooms[room] and target != "agency" and not target.startswith("sdk/"):
            return True
        return bool({target, f"{target}/{module}"} & set(self.rooms[room]))


def sources(root):
    """The tree's C files, new ones that git does not know yet among them."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
                             "--deduplicate", "*.c", "*.h", "*.def"], capture_output=True, text=True)
    if listed.returncode != 0:
        sys.exit(77)  # not a git checkout
    return [name for name in listed.stdout.split("\0")
            if name and not name.startswith("tests/") and pathlib.Path(root, name).exists()]


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def room_of(name):
    """The room that a path lies in, and its module."""
    folder, _, file = name.rpartition("/")
    module = re.split("[._]", file)[0]
    if name == "daemon/main.c":
        return "main", module
    if folder.startswith("daemon/"):
        return folder.removeprefix("daemon/"), module
    if folder.startswith("adapters/sdk/"):
        return folder.removeprefix("adapters/"), module
    if folder.startswith("adapters/") and folder.count("/") == 1 and folder != "adapters/sdk":
        return "agency", module
    return folder, module


def resolve(name, mark, header, files):
    """The path that an include means: a tracked file, or one that the build makes in a room; else None."""
    folders = HEADER_ROOTS if mark == "<" else (name.rpartition("/")[0],) + HEADER_ROOTS
    for folder in folders:
        path = posixpath.normpath(f"{folder}/{header}")
        if path in files:
            return path
    return f"daemon/{header}" if header.endswith("_sql.h") and "/" in header else None


def module_of(name):
    """Folder and first word: a module may stand in several files, config.c and config_show.c."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{re.split('[._]', file)[0]}"


def check_library(table, name, mark, header):
    """A header that is no file of the tree: a library's or libc's."""
    for pattern, owners in table.libraries:
        if pattern.fullmatch(header):
            return None if name in owners else f"only {', '.join(owners)} may include <{header}>"
    return None if mark == "<" else f"no such header in the tree: {header}"


def check_room(table, name, target):
    room, (other, module) = room_of(name)[0], room_of(target)
    if other not in table.rooms:
        return f"layers.txt does not know the room of {target}"
    if room == other == "agency" and name.rpartition("/")[0] != target.rpartition("/")[0]:
        return f"agency -> agency: {target} is another agency's"
    if module_of(target) != module_of(name) and any(target in owners for _, owners in table.libraries):
        return f"{target} brings a library along and is for {module_of(target)} alone"
    if target.endswith("_sql.h") and room != other:
        return f"{room} -> {other}: {target} is for {other} alone"
    if room in table.tables.get(target, ()):
        return None
    return None if table.allows(room, other, module) else f"{room} -> {other}: layers.txt does not allow {target}"


def circles(graph):
    """Every circle once, by depth-first search."""
    state, found = {}, []

    def visit(node, path):
        state[node] = "open"
        for target in sorted(graph.get(node, ())):
            if state.get(target) == "open":
                found.append(path[path.index(target):] + [target])
            elif target not in state:
                visit(target, path + [target])
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            visit(node, [node])
    return found


def problems(root, table):
    """Every line that breaks the table, with file, line and edge."""
    files, graph = set(sources(root)), {}
    yield from table.problems  # a table that is wrong itself
    for name in sorted(files):
        if room_of(name)[0] not in table.rooms:
            yield f"{name}:1: layers.txt does not know the room {room_of(name)[0]}"
            continue
        for number, mark, header in includes(pathlib.Path(root, name)):
            target = resolve(name, mark, header, files)
            problem = check_room(table, name, target) if target else check_library(table, name, mark, header)
            if name in table.tables:
                problem = f"{name} is a table for other rooms and includes nothing"
            if problem:
                yield f"{name}:{number}: {problem}"
            if target and not target.endswith(("_sql.h", ".def")) and module_of(target) != module_of(name):
                graph.setdefault(module_of(name), set()).add(module_of(target))
    for circle in circles(graph):
        yield f"circle: {' -> '.join(circle)}"


def main(root, table=pathlib.Path(__file__).with_name("layers.txt")):
    found = list(problems(root, Table(pathlib.Path(table).read_text(encoding="utf-8"))))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
