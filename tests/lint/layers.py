"""Check which file includes what: layers.py SOURCE_ROOT

Folders depend one way, libraries belong to one module each, and the modules of a folder
form no circle.
"""

import pathlib
import re
import subprocess
import sys

# Folder of the including file → folders whose headers it may include, besides its own.
MAY_INCLUDE = {
    "daemon/base": (),
    "proto": ("daemon/base",),
    "daemon/link": ("daemon/base",),
    "daemon": ("daemon/base", "daemon/link", "proto"),
    "adapters/sdk": ("daemon/base", "proto"),
    "adapters": ("daemon/base", "proto", "adapters/sdk"),  # each agency's own folder
}

# Library header → the only files that may include it.
OWNERS = {
    r"zmq.*\.h": ("proto/wire.c",),
    r"protobuf-c/.*|.*\.pb-c\.h": ("proto/frame.c", "proto/event.c", "proto/part.c"),
    r"libpq-fe\.h|libpq/.*|postgres.*\.h": ("daemon/store.c",),
    r"yaml\.h": ("daemon/base/yaml.c",),
    r"unicode/.*": ("daemon/base/text.c", "daemon/base/decode.c"),
    r"(zip|expat)\.h": ("adapters/sdk/xlsx_part.c",),
    r"(freexl|seccomp)\.h": ("adapters/sdk/xls_rows.c",),
    r"xlsxwriter\.h": ("adapters/sdk/book.c",),
    r"openssl/.*": ("daemon/base/digest.c",),
    r"microhttpd\.h": ("daemon/http.c",),
}

# (file, header) → why it may all the same.
EXCEPTIONS = {}

# Modules that only the ones named may include.
TOP = {"daemon/main": (), "daemon/broker": ("daemon/main", "daemon/counts")}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
HEADER_ROOTS = ("daemon", "proto", "adapters")  # as in the top-level meson.build


def sources(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.c", "*.h"],
                            capture_output=True, text=True)
    if listed.returncode != 0:
        sys.exit(77)  # not a git checkout
    return [name for name in listed.stdout.split("\0")
            if name and not name.startswith("tests/") and pathlib.Path(root, name).exists()]


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1] == "<", match[2]


def resolve(name, header, files):
    """The tracked file that an include in quotes means, or None."""
    folder = name.rpartition("/")[0]
    for base in (folder,) + HEADER_ROOTS:
        if f"{base}/{header}" in files:
            return f"{base}/{header}"
    return None


def layer(name):
    folder = name.rpartition("/")[0]
    while folder not in MAY_INCLUDE and "/" in folder:
        folder = folder.rpartition("/")[0]
    return folder


def module(name):
    """Folder and first word: a module may stand in several files, config.c and config_show.c."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{re.split('[._]', file)[0]}"


def check_library(name, header):
    for pattern, owners in OWNERS.items():
        if re.fullmatch(pattern, header) and name not in owners:
            return f"only {', '.join(owners)} may include <{header}>"
    return None


def check_own(name, target):
    together = layer(name) == layer(target) != "adapters"  # agencies know nothing of each other
    if together or name.rpartition("/")[0] == target.rpartition("/")[0]:
        allowed = TOP.get(module(target))
        if allowed is not None and module(name) != module(target) and module(name) not in allowed:
            return f"{module(target)} stands above this module"
        return None
    if layer(target) not in MAY_INCLUDE[layer(name)] or target.rpartition("/")[0] != layer(target):
        return f"{layer(name)} must not depend on {target}"
    return None


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


def main(root):
    files, problems, graph = set(sources(root)), [], {}
    for name in sorted(files):
        if layer(name) not in MAY_INCLUDE:
            problems.append(f"{name}: no rule says what this folder may include")
            continue
        for number, system, header in includes(pathlib.Path(root, name)):
            target = None if system else resolve(name, header, files)
            problem = check_own(name, target) if target else check_library(name, header)
            if problem and (name, header) not in EXCEPTIONS:
                problems.append(f"{name}:{number}: {problem}")
            if target and module(target) != module(name):
                graph.setdefault(module(name), set()).add(module(target))
    problems += [f"circle: {' → '.join(circle)}" for circle in circles(graph)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
