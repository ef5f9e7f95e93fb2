"""Find calls that this project's programs do not make: banned.py SOURCE_ROOT"""

import pathlib
import re
import subprocess
import sys

BANNED = {
    "strcpy": "buf_add_str or mem_strdup",
    "strcat": "buf_add_str",
    "strncpy": "memcpy with a checked length, or snprintf",
    "sprintf": "snprintf or buf_add_fmt",
    "vsprintf": "vsnprintf",
    "gets": "fgets",
    "strtok": "strcspn and strspn",
    "atoi": "strtol with a check",
    "atol": "strtol with a check",
    "atoll": "strtoll with a check",
    "atof": "exact integers",
    "system": "a process of its own",
    "popen": "a process of its own",
    "alloca": "a bounded array",
    "rand": "digest_random",
    "random": "digest_random",
    "tmpnam": "mkstemp",
    "mktemp": "mkstemp",
    "localtime": "clock",
    "gmtime": "clock",
    "ctime": "clock",
    "asctime": "clock",
    "PQerrorMessage": "SQLSTATE, table and constraint: the message quotes rows",
    "PQresultErrorMessage": "SQLSTATE, table and constraint: the message quotes rows",
    "PQresultVerboseErrorMessage": "SQLSTATE, table and constraint: the message quotes rows",
}

# (file, function) → why it may all the same.
EXCEPTIONS = {}

CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_noise(text):
    """Blank comments and literals, so that only code is searched; lines stay in place."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def main(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.c", "*.h"],
                            capture_output=True, text=True)
    if listed.returncode != 0:
        return 77  # not a git checkout
    bad = False
    for name in filter(None, listed.stdout.split("\0")):
        path = pathlib.Path(root, name)
        if name.startswith("tests/") or not path.exists():
            continue
        text = without_noise(path.read_text(encoding="utf-8"))
        for match in CALL.finditer(text):
            if (name, match[1]) not in EXCEPTIONS:
                line = text.count("\n", 0, match.start()) + 1
                print(f"{name}:{line}: {match[1]} is banned, use {BANNED[match[1]]}")
                bad = True
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
