"""Break every wall once and see layers.py refuse it.

The contract below is written here a second time and is not read from layers.txt, so that a line which
layers.txt gains or loses fails. Each test plants files in a scratch git tree and compares every problem
that layers.py names: file, line and edge.
"""

import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import layers  # noqa: E402

HERE = pathlib.Path(__file__).parent

# Who may include whom, besides base and its own. Rooms that do not exist yet stand here, too.
CONTRACT = {
    "base": "",
    "proto": "",
    "store": "proto",
    "settings": "store proto",
    "roster": "settings store",
    "link": "",
    "rules": "proto",
    "month": "store proto",
    "identity": "month link store",
    "judge": "identity month rules store proto",
    "cases": "judge month rules store proto",
    "county": "cases judge month rules settings store proto",
    "intake": "roster settings store proto",
    "delivery": "roster settings store proto",
    "counts": "intake delivery county",
    "work": "cases roster store",
    "health": "roster rules intake delivery county counts",
    "documents": "work health",
    "evidence": "store",
    "console": "store",
    "command": "proto store settings roster link rules month identity judge cases county intake counts work health"
               " documents evidence console",
    "main": "proto store settings roster link rules month identity judge cases county intake delivery counts work"
            " health documents evidence console",
    "sdk/sheet": "proto",
    "sdk/spool": "proto",
    "sdk/prepare": "sdk/sheet proto",
    "sdk/clerk": "sdk/prepare sdk/sheet proto",
    "sdk/program": "sdk/clerk sdk/prepare sdk/sheet sdk/spool proto",
    "agency": "sdk/program proto",
}
# One module of a room alone, or one taken out.
MODULES = {
    ("agency", "sdk/spool", "durable"): True,
    ("agency", "sdk/spool", "spool"): False,
    ("command", "intake", "channel"): True,
    ("command", "intake", "broker"): False,
    ("command", "intake", "broker_feeder"): False,
}
# Who may include counts/counts.def, a table and no module.
COUNTING = {"counts", "intake", "delivery", "county", "command", "main"} | {"health", "console"}
NEVER = [("intake", "judge"), ("judge", "intake"), ("intake", "delivery"), ("delivery", "intake"), ("judge", "cases"),
         ("delivery", "judge"), ("intake", "work")] + [(room, "command") for room in CONTRACT if room != "command"]
LIBRARIES = {
    "libpq-fe.h": "daemon/store/store.c",
    "zmq.h": "proto/wire.c",
    "openssl/sha.h": "daemon/base/digest.c",
    "yaml.h": "daemon/base/yaml.c",
    "zip.h": "adapters/sdk/sheet/xlsx_part.c",
    "expat.h": "adapters/sdk/sheet/xlsx_part.c",
    "gsf/gsf-input.h": "adapters/sdk/sheet/xls_rows.c",
    "seccomp.h": "adapters/sdk/sheet/xls_rows.c",
    "xlsxwriter.h": "daemon/base/book.c",
    "protobuf-c/protobuf-c.h": "proto/part.c",
    "control.pb-c.h": "proto/frame.c",
    "unicode/uchar.h": "daemon/base/text.c",
    "microhttpd.h": "daemon/console/http.c",
    "record_types.inc": "proto/record.c",
}


def folder(room):
    """Where a room's files lie; one agency stands for all."""
    if room == "agency":
        return "adapters/bureau"
    return room if room == "proto" else f"adapters/{room}" if room.startswith("sdk/") else f"daemon/{room}"


def named(path):
    """A path as an include writes it: below the roots of headers."""
    return path.split("/", 1)[1]


def the_table():
    """layers.txt as it is."""
    return (HERE / "layers.txt").read_text(encoding="utf-8")


def found(files, table=None):
    """What layers.py says of a scratch git tree: {path: text}."""
    with tempfile.TemporaryDirectory(prefix="qianshao-walls-") as scratch:
        root = pathlib.Path(scratch)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        subprocess.run(["git", "init", "-q", root], check=True)
        subprocess.run(["git", "-C", root, "add", "-A"], check=True)
        listed = root / "layers.txt"
        listed.write_text(the_table() if table is None else table, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = layers.main(root, listed)
    lines = said.getvalue().splitlines()
    assert status == (1 if lines else 0), f"status {status} with {lines}"
    return lines


def expect(lines, *wanted):
    """Exactly these problems, in any order."""
    missing, more = sorted(set(wanted) - set(lines)), sorted(set(lines) - set(wanted))
    assert not missing and not more, "".join(f"\n    not said: {line}" for line in missing) + "".join(
        f"\n    said besides: {line}" for line in more)


def including(header, mark='""'):
    return f"/* A planted file. */\n\n#include {mark[0]}{header}{mark[1]}\n"


def file_of(room, name):
    """A file of a room; main has one alone."""
    return "daemon/main.c" if room == "main" else f"{folder(room)}/{name}"


def test_every_pair_of_rooms_that_the_contract_forbids_is_refused_and_no_other():
    files = {file_of(room, "goal.h"): "/* A planted header. */\n" for room in CONTRACT}
    wanted = []
    for source, allowed in CONTRACT.items():
        path = file_of(source, "plant.c")
        lines = []
        for target in CONTRACT:
            goal = file_of(target, "goal.h")
            if target != source:
                lines.append(f'#include "{"../" * path.count("/")}{goal}"')
            if target != source and target not in ("base", *allowed.split()):
                wanted.append(f"{path}:{len(lines)}: {source} -> {target}: layers.txt does not allow {goal}")
        files[path] = "\n".join(lines)
    assert len(wanted) > 400, "the contract forbids most pairs"
    expect(found(files), *wanted)


def test_what_is_never_allowed_is_forbidden_by_the_contract_too():
    for source, target in NEVER:
        assert target not in CONTRACT[source].split(), f"{source} -> {target}"


def test_a_module_that_stands_alone_in_the_table_is_allowed_or_refused_alone():
    files, wanted = {}, []
    for number, ((room, other, module), allowed) in enumerate(MODULES.items()):
        header, path = f"{folder(other)}/{module}.h", f"{folder(room)}/plant{number}.c"
        files |= {header: "\n", path: including(named(header))}
        if not allowed:
            wanted.append(f"{path}:3: {room} -> {other}: layers.txt does not allow {header}")
    expect(found(files), *wanted)


def test_the_table_of_counters_is_for_the_rooms_that_count():
    files, wanted = {"daemon/counts/counts.def": "COUNT(one)\n"}, []
    for room in CONTRACT:
        path = file_of(room, "plant.c")
        files[path] = including("counts/counts.def")
        if room not in COUNTING:
            wanted.append(f"{path}:3: {room} -> counts: layers.txt does not allow daemon/counts/counts.def")
    expect(found(files), *wanted)


def test_the_table_of_counters_includes_nothing():
    expect(found({"daemon/counts/counts.def": including("base/buf.h"), "daemon/base/buf.h": "\n"}),
           "daemon/counts/counts.def:3: daemon/counts/counts.def is a table for other rooms and includes nothing")


def test_a_folder_that_the_table_does_not_know_is_refused():
    places = {"daemon/gossip/talk.c": "gossip", "daemon/judge/deep/talk.c": "judge/deep", "daemon/talk.c": "daemon",
              "adapters/sdk/gossip/talk.h": "sdk/gossip", "adapters/sdk/talk.c": "adapters/sdk",
              "adapters/water/deep/talk.c": "adapters/water/deep", "gossip/talk.def": "gossip"}
    expect(found(dict.fromkeys(places, "\n")),
           *(f"{path}:1: layers.txt does not know the room {room}" for path, room in places.items()))


def test_a_header_of_a_folder_that_the_table_does_not_know_is_refused_where_it_is_included():
    expect(found({"daemon/gossip/talk.h": "\n", "daemon/judge/plant.c": including("gossip/talk.h")}),
           "daemon/gossip/talk.h:1: layers.txt does not know the room gossip",
           "daemon/judge/plant.c:3: layers.txt does not know the room of daemon/gossip/talk.h")


def test_an_agency_includes_no_other_agency_and_not_the_clerks_room():
    expect(found({"adapters/water/water.h": "\n", "adapters/sdk/clerk/reject.h": "\n",
                  "adapters/labour/labour.c": including("water/water.h") + including("sdk/clerk/reject.h")}),
           "adapters/labour/labour.c:3: agency -> agency: adapters/water/water.h is another agency's",
           "adapters/labour/labour.c:6: agency -> sdk/clerk: layers.txt does not allow adapters/sdk/clerk/reject.h")


def test_a_rooms_generated_sql_is_for_the_room_alone():
    files = {f"daemon/{room}/plant.c": including("judge/judge_sql.h") for room in ("judge", "cases", "command")}
    expect(found(files | {"daemon/main.c": including("judge/judge_sql.h")}),
           "daemon/cases/plant.c:3: cases -> judge: daemon/judge/judge_sql.h is for judge alone",
           "daemon/command/plant.c:3: command -> judge: daemon/judge/judge_sql.h is for judge alone",
           "daemon/main.c:3: main -> judge: daemon/judge/judge_sql.h is for judge alone")


def test_a_librarys_header_is_for_its_owner_alone():
    files, wanted = {}, []
    for number, (header, owner) in enumerate(LIBRARIES.items()):
        for mark in ("<>", '""'):
            files[owner] = files.get(owner, "") + including(header, mark)
            for room in ("judge", "store", "base", "sdk/sheet", "agency", "main"):
                path = file_of(room, f"plant{number}.c")
                wanted.append((path, files.get(path, "").count("\n") + 3, header))
                files[path] = files.get(path, "") + including(header, mark)
    said = found(files)
    for path, number, header in wanted:
        owner = LIBRARIES[header]
        assert any(line.startswith(f"{path}:{number}: only ") and owner in line and line.endswith(
            f" may include <{header}>") for line in said), f"not said: {path}:{number}: {header}"
    assert len(said) == len(wanted), f"{len(said)} problems instead of {len(wanted)}"


def test_an_owners_private_header_brings_the_library_nowhere_else():
    expect(found({"proto/wire_part.h": including("zmq.h", "<>"), "proto/wire.c": including("wire_part.h"),
                  "daemon/intake/plant.c": including("wire_part.h"), "proto/frame.c": including("wire_part.h")}),
           "daemon/intake/plant.c:3: proto/wire_part.h brings a library along and is for proto/wire alone",
           "proto/frame.c:3: proto/wire_part.h brings a library along and is for proto/wire alone")


def test_no_spelling_of_an_include_goes_around_a_wall():
    files = {"daemon/judge/judge.h": "\n", "daemon/intake/one.c": including("judge/judge.h", "<>"),
             "daemon/intake/two.c": including("../judge/judge.h"),
             "daemon/intake/three.c": "#include<judge/judge.h>\n  #  include  \"../base/../judge/judge.h\"\n",
             "daemon/intake/four.c": "#include_next <judge/judge.h>\n",
             "daemon/intake/five.c": "#define JUDGE \"judge/judge.h\"\n#include JUDGE\n",
             "daemon/intake/six.c": including("judge_sql.h")}
    edge = "intake -> judge: layers.txt does not allow daemon/judge/judge.h"
    expect(found(files), f"daemon/intake/one.c:3: {edge}", f"daemon/intake/two.c:3: {edge}",
           f"daemon/intake/three.c:1: {edge}", f"daemon/intake/three.c:2: {edge}", f"daemon/intake/four.c:1: {edge}",
           "daemon/intake/five.c:2: no such header in the tree: JUDGE",
           "daemon/intake/six.c:3: no such header in the tree: judge_sql.h")


def test_a_circle_of_modules_is_refused():
    expect(found({"daemon/judge/one.h": including("judge/two.h"), "daemon/judge/two.h": including("judge/three.h"),
                  "daemon/judge/three_part.h": "\n", "daemon/judge/three.h": including("judge/three_part.h"),
                  "daemon/judge/three.c": including("judge/one.h")}),
           "circle: daemon/judge/one -> daemon/judge/two -> daemon/judge/three -> daemon/judge/one")


def test_a_table_that_allows_what_is_never_allowed_is_refused():
    table = the_table()
    for source, target in NEVER:
        for word in (target, f"{target}/one"):
            changed = [f"{line.split('#')[0]} {word}" if line.split("->")[0].strip() == source else line
                       for line in table.splitlines()]
            number = changed.index(next(line for line in changed if line.endswith(f" {word}"))) + 1
            said = found({}, "\n".join(changed))
            wanted = f"layers.txt:{number}: {source} -> {word} is never allowed"
            assert wanted in said, f"not said: {wanted}, but {said}"


def test_a_table_that_goes_round_is_refused():
    assert "layers.txt: circle: month -> store -> month" in found({}, "base ->\nstore -> month\nmonth -> store/tuple")


def test_a_line_of_the_table_that_cannot_be_read_is_refused():
    head, lines = "base ->\njudge ->\n", {
        "judge => base": "cannot be read", "never judge -> base cases": "cannot be read", "library zmq.h": "cannot be read",
        "table counts.def -> judge": "cannot be read", "judge -> base": "stands twice"}
    for line, why in lines.items():
        expect(found({}, head + line), f"layers.txt:3: {why}: {line}")
    expect(found({}, head + "cases -> gossip"), "layers.txt:3: cases -> gossip: no such room")


def test_the_program_itself_ends_with_the_problems_and_a_status():
    with tempfile.TemporaryDirectory(prefix="qianshao-walls-") as scratch:
        root = pathlib.Path(scratch)
        for path, text in {"daemon/cases/cases.h": "\n", "daemon/judge/plant.c": including("cases/cases.h")}.items():
            (root / path).parent.mkdir(parents=True)
            (root / path).write_text(text)
        subprocess.run(["git", "init", "-q", root], check=True)  # files that git does not know yet
        done = subprocess.run([sys.executable, "-B", HERE / "layers.py", root], capture_output=True, text=True)
    assert done.returncode == 1, done
    expect(done.stdout.splitlines(), "daemon/judge/plant.c:3: judge -> cases: layers.txt does not allow"
                                     " daemon/cases/cases.h")


def run(tests):
    """Run tests by name; say which fail and why."""
    failed = 0
    for name, test in tests.items():
        if name.startswith("test_"):
            try:
                test()
            except AssertionError as error:
                failed += 1
                print(f"{name}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(dict(globals())))
