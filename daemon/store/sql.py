#!/usr/bin/env python3
"""Put a folder's SQL files into C constants: sql.py NAME OUTPUT.c OUTPUT.h FILE.sql...

A file person.sql of the folder "judge" becomes `const struct sql judge_sql_person`, so that a wrong
name does not compile; judge_sql_all lists all of them in the order given.
"""
import pathlib
import sys


def literal(text):
    """C string literals, one a line of the SQL, so that the C file reads like it."""
    out = []
    for line in text.splitlines(keepends=True):
        escaped = line.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')
        out.append('     "%s"' % escaped)
    return '\n'.join(out) if out else '     ""'


def main():
    name, source, header, *paths = sys.argv[1:]
    guard = f'{name}_SQL_H'.upper()
    files = [(pathlib.Path(path).stem, pathlib.Path(path).read_text(encoding='utf-8')) for path in paths]
    declared = ''.join(f'extern const struct sql {name}_sql_{stem};\n' for stem, _ in files)
    pathlib.Path(header).write_text(
        f'#ifndef {guard}\n#define {guard}\n\n#include "store/sql.h"\n\n{declared}\n'
        f'extern const struct sql *const {name}_sql_all[];\nextern const size_t {name}_sql_count;\n\n#endif\n',
        encoding='utf-8')
    with open(source, 'w', encoding='utf-8') as c:
        c.write(f'#include "{pathlib.Path(header).name}"\n\n')
        for stem, text in files:
            c.write(f'const struct sql {name}_sql_{stem} = {{\n    "{stem}.sql",\n{literal(text)}}};\n')
        c.write(f'const struct sql *const {name}_sql_all[] = {{\n')
        for stem, _ in files:
            c.write(f'    &{name}_sql_{stem},\n')
        c.write(f'}};\nconst size_t {name}_sql_count = {len(files)};\n')


main()
