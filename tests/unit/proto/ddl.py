"""Compare the feed tables' migration with what the .proto files say: ddl.py GENERATE MIGRATION"""

import difflib
import pathlib
import subprocess
import sys

generate, migration = sys.argv[1:]
printed = subprocess.run([sys.executable, "-B", generate, "--sql"], check=True,
                         capture_output=True).stdout.decode()
stored = pathlib.Path(migration).read_text(encoding="utf-8")
sys.stdout.writelines(difflib.unified_diff(stored.splitlines(True), printed.splitlines(True),
                                           migration, "generate.py --sql"))
sys.exit(printed != stored)
