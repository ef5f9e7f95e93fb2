"""Find SQL in the hub's C that is longer than a line: sql.py SOURCE_ROOT

A statement that two or more adjacent string literals hold belongs into <room>/sql/<name>.sql, and so does
such a part of an assembled one (daemon/store/sql.py makes constants of these files). A literal's length on
one line is a format macro's, too: "… = %" PRIu32 " and …".
"""

import pathlib
import re
import sys

TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|\\\n|\s+|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\w+|.", re.S)
MACRO = re.compile(r"[A-Z][A-Z0-9_]+$|PRI\w+$")  # may stand for a literal between two others
STATEMENT = re.compile(r"[\s();,]*(select|insert|update|delete|create|with|copy|drop|alter|grant|revoke)\s", re.I)
PART = re.compile(r"\b(select|from|where|join|union|having)\b.*(=|<>|\bnull\b|\bexists\b|\bin \()|'\{", re.I)

# (file, first words of the literal) -> why the statement may stand there all the same.
EXCEPTIONS = {}


def runs(text):
    """Adjacent literals: (line of the first, line of the last, their texts)."""
    line, run = 1, []
    for token in TOKEN.findall(text):
        if token[0] == '"':
            run.append((line, token[1:-1]))
        elif not (token.isspace() or token.startswith(("/*", "//", "\\")) or MACRO.match(token)):
            if len(run) > 1:
                yield run[0][0], run[-1][0], [literal for _, literal in run]
            run = []
        line += token.count("\n")


def is_sql(literals):
    return STATEMENT.match(literals[0]) or PART.search(" ".join(literals))


def problems_of(root, path):
    name = path.relative_to(root).as_posix()
    for first, last, literals in runs(path.read_text(encoding="utf-8")):
        start = " ".join(literals[0].split()[:3])
        if first != last and is_sql(literals) and (name, start) not in EXCEPTIONS:
            yield f"{name}:{first}: \"{start} …\" is SQL longer than a line: move it to sql/<name>.sql of its room"


def main(root):
    root = pathlib.Path(root)
    files = sorted(p for pattern in ("*.c", "*.h") for p in (root / "daemon").rglob(pattern))
    problems = [problem for path in files for problem in problems_of(root, path)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
