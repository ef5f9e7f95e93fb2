#!/usr/bin/env python3
"""Put SQL files into a C table: sql.py MODULE OUTPUT.c FILE.sql...

The C file defines MODULE_files and MODULE_count, see daemon/sql.h.
"""
import os
import sys


def literal(text):
    """C string literals, one a line of the SQL, so that the C file reads like it."""
    out = []
    for line in text.splitlines(keepends=True):
        escaped = line.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n')
        out.append('     "%s"' % escaped)
    return '\n'.join(out) if out else '     ""'


def main():
    module, output, *paths = sys.argv[1:]
    with open(output, 'w', encoding='utf-8') as c:
        c.write('#include "sql.h"\n\nSQL_FILES(%s);\n\n' % module)
        c.write('const struct sql_file %s_files[] = {\n' % module)
        for path in paths:
            with open(path, encoding='utf-8') as sql:
                c.write('    {"%s",\n%s},\n' % (os.path.basename(path), literal(sql.read())))
        c.write('};\nconst size_t %s_count = %d;\n' % (module, len(paths)))


main()
