"""Plant each mistake with temporary tables once and see tables.py name it with its file."""

import contextlib
import io
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import tables  # noqa: E402
from walls import expect, run  # noqa: E402

LISTED = "| `{}` | `{}` | judge | a row of the list | transaction |\n"
GOOD = {
    "daemon/judge/sql/came.sql": "-- who came\ncreate temporary table came on commit drop as select 1 as one;\n",
    "daemon/judge/sql/view.sql": "create or replace temp view {kind}_{type}{suffix} as select 1;\n"
                                 "create {form} wide_{type} as select 1;\n",
    "daemon/judge/sql/README.md": LISTED.format("came", "came.sql") + LISTED.format("raw_<type>", "view.sql")
                                  + LISTED.format("every_<type>", "view.sql") + LISTED.format("wide_<type>", "view.sql"),
    "daemon/judge/judge.c": 'static const char *const text = "select * from came";\n',
}


def found(*planted):
    """What tables.py says of the good tree with some files (path, text) replaced."""
    with tempfile.TemporaryDirectory(prefix="qianshao-tables-") as root:
        for path, text in {**GOOD, **dict(planted)}.items():
            (pathlib.Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
            (pathlib.Path(root) / path).write_text(text, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = tables.main(root)
    lines = said.getvalue().replace(f"{root}/", "").splitlines()
    assert status == (1 if lines else 0), f"status {status} with {lines}"
    return lines


def test_a_table_that_is_made_and_listed_passes():
    expect(found())


def test_a_statement_that_the_readme_does_not_list_is_named():
    expect(found(("daemon/judge/sql/went.sql", "create temp table went as select 1;\n")),
           "daemon/judge/sql/README.md:1: went is made by went.sql and listed as nothing")


def test_a_folder_without_a_readme_lists_nothing():
    expect(found(("daemon/month/sql/went.sql", "create temp table went as select 1;\n")),
           "daemon/month/sql/README.md:1: went is made by went.sql and listed as nothing")


def test_a_line_of_the_readme_with_an_empty_cell_lists_nothing():
    expect(found(("daemon/judge/sql/README.md", GOOD["daemon/judge/sql/README.md"].replace(
        "| `came` | `came.sql` | judge |", "| `came` | `came.sql` | |"))),
           "daemon/judge/sql/README.md:1: came is made by came.sql and listed as nothing")


def test_a_listed_table_that_nothing_makes_is_named():
    expect(found(("daemon/judge/sql/README.md", GOOD["daemon/judge/sql/README.md"] + LISTED.format("gone", "gone.sql"))),
           "daemon/judge/sql/README.md:1: gone is made by nothing and listed as gone.sql")


def test_a_table_that_another_file_makes_than_the_list_says_is_named():
    expect(found(("daemon/judge/sql/README.md", GOOD["daemon/judge/sql/README.md"].replace("`came.sql`", "`view.sql`"))),
           "daemon/judge/sql/README.md:1: came is made by came.sql and listed as view.sql")


def test_two_makers_in_one_folder_are_named():
    expect(found(("daemon/judge/sql/before.sql", "create temp view came as select 2 as one;\n")),
           "daemon/judge/sql/came.sql:1: before.sql makes came, too")


def test_two_makers_in_two_folders_are_named():
    said = found(("daemon/month/sql/rows.sql", "create temp table came as select 1;\n"),
                 ("daemon/month/sql/README.md", LISTED.format("came", "rows.sql")))
    assert len(said) == 1 and said[0].startswith("daemon/month/sql/rows.sql:1: "), said
    assert said[0].endswith("daemon/judge/sql/came.sql makes came, too"), said


def test_a_temporary_table_that_c_makes_is_named_with_its_line():
    for words in ("create temp table", "create temporary table", "create or replace temp view", "CREATE TEMP TABLE"):
        expect(found(("daemon/judge/judge.c", f'\nstatic const char *const text =\n    "{words} came as select 1";\n')),
               "daemon/judge/judge.c:3: a temporary table is made by a .sql file of the folder")


def test_a_temporary_table_that_main_or_a_folder_below_makes_is_named():
    for path in ("daemon/main.c", "daemon/judge/part/judge.c", "daemon/judge/judge.h"):
        expect(found((path, 'const char *text = "create temp table came as select 1";\n')),
               f"{path}:1: a temporary table is made by a .sql file of the folder")


def test_a_comment_makes_no_table():
    expect(found(("daemon/judge/sql/came.sql", GOOD["daemon/judge/sql/came.sql"] + "-- create temp table went\n")))


if __name__ == "__main__":
    sys.exit(run(dict(globals())))
