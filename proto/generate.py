#!/usr/bin/env python3
"""Make the tables of record types from the sector .proto files.

generate.py --c FILE    write the C tables that record.c includes
generate.py --sql       print the DDL of the feed tables
"""
import argparse
import importlib
import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

HERE = pathlib.Path(__file__).resolve().parent
SECTORS = ("register", "education", "insurance", "housing", "water", "civil")
FIRST_FIELD = 3
FIELDS_MAX = 40
KEY_MAX = 3

Proto = descriptor_pb2.FieldDescriptorProto

# Type: (wire type, repeated, SQL type, characters unless the column says otherwise)
TYPES = {
    "ID": (Proto.TYPE_STRING, False, "text", 18),
    "NAME": (Proto.TYPE_STRING, False, "text", 50),
    "AREA": (Proto.TYPE_STRING, False, "text", 12),
    "PHONE": (Proto.TYPE_STRING, False, "text", 20),
    "TEXT": (Proto.TYPE_STRING, False, "text", None),
    "CODE": (Proto.TYPE_STRING, False, "text", 0),
    "DATE": (Proto.TYPE_SINT32, False, "date", 0),
    "MONTH": (Proto.TYPE_SINT32, False, "date", 0),
    "MONEY": (Proto.TYPE_SINT64, False, "bigint", 0),
    "INT": (Proto.TYPE_SINT32, False, "integer", 0),
    "DEC": (Proto.TYPE_STRING, False, "numeric", 32),
    "BOOL": (Proto.TYPE_BOOL, False, "boolean", 0),
    "CODES": (Proto.TYPE_STRING, True, "text[]", 0),
    "AREAS": (Proto.TYPE_STRING, True, "text[]", 12),
    "TEXTS": (Proto.TYPE_STRING, True, "text[]", None),
}

SQL_HEAD = """\
-- The feed tables, one a record type. Printed by `python3 proto/generate.py --sql` from
-- the sector .proto files; a test compares the two, so a change of a record type is a
-- new migration and never an edit of this file's tables.
--
-- Only the natural key is "not null": a deletion of a delta carries nothing but its
-- key. Whether a value is required is checked on every row before it is stored.
-- name_key is the folded name, kept only where it differs from name. The ingest role
-- owns the tables: COPY refuses row-level security for any role but the owner.
set role qs_ingest;
"""


class Wrong(Exception):
    """A sector .proto says something that no table can be made from."""


def load():
    """Return the sector files as descriptors, and the module of the options."""
    with tempfile.TemporaryDirectory() as scratch:
        known = pathlib.Path(scratch, "known.pb")
        out = pathlib.Path(scratch, "sectors.pb")
        base = descriptor_pb2.FileDescriptorSet()
        descriptor_pb2.DESCRIPTOR.CopyToProto(base.file.add())
        known.write_bytes(base.SerializeToString())
        subprocess.run(
            ["protoc", f"--proto_path={HERE}", f"--descriptor_set_in={known}",
             f"--descriptor_set_out={out}", f"--python_out={scratch}", "options.proto",
             *(f"sector/{sector}.proto" for sector in SECTORS)],
            check=True, cwd=HERE)
        sys.path.insert(0, scratch)
        options = importlib.import_module("options_pb2")
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    by_name = {file.name: file for file in files.file}
    return [by_name[f"sector/{sector}.proto"] for sector in SECTORS], options


def expand(entry, where):
    """Turn one line of a code list into [(code, label, aliases), ...]."""
    spread = re.match(r"\{(\d+)\.\.(\d+)\}", entry)
    if spread:
        out = []
        for number in range(int(spread[1]), int(spread[2]) + 1):
            out += expand(entry.replace(spread[0], str(number)).replace("{}", str(number)), where)
        return out
    parts = entry.split("|")
    if not all(parts):
        raise Wrong(f"{where}: empty spelling in '{entry}'")
    code, label = parts[0], parts[1] if len(parts) > 1 else parts[0]
    aliases = [alias for alias in parts[2:] if alias not in (code, label)]
    return [(code, label, aliases)]


class Field:
    def __init__(self, record, field, options):
        column = field.options.Extensions[options.column]
        where = f"{record}.{field.name}"
        self.name = field.name
        self.number = field.number
        self.column = column.name
        self.type = options.Type.Name(column.type)
        self.optional = column.optional
        wire, repeated, self.sql, limit = TYPES[self.type]
        self.limit = column.limit or limit
        self.min = column.min if column.HasField("min") else -2**31
        self.max = column.max if column.HasField("max") else 2**31 - 1
        self.codes = [code for entry in column.codes for code in expand(entry, where)]

        if not column.name or not column.HasField("type"):
            raise Wrong(f"{where}: has no column name or type")
        if field.type != wire or (field.label == Proto.LABEL_REPEATED) != repeated:
            raise Wrong(f"{where}: {self.type} does not travel as this kind of field")
        if self.limit is None:
            raise Wrong(f"{where}: {self.type} needs a limit")
        if bool(self.codes) != (self.type in ("CODE", "CODES")):
            raise Wrong(f"{where}: a code list belongs to CODE and CODES, and only to them")
        spellings = {}
        for code, label, aliases in self.codes:
            for spelling in {code, label, *aliases}:
                if spellings.setdefault(spelling, code) != code:
                    raise Wrong(f"{where}: '{spelling}' stands for two codes")


class Type:
    def __init__(self, sector, message, options):
        record = message.options.Extensions[options.record]
        self.name = record.name
        self.sector = sector
        self.title = record.title
        self.ident = record.name.replace(".", "_")
        self.table = f"feed.{self.ident}"
        self.kind = options.Kind.Name(record.kind)
        self.cadence = options.Cadence.Name(record.cadence)
        self.nil = record.nil

        if not record.name.startswith(sector + "."):
            raise Wrong(f"{record.name}: its name does not begin with its sector")
        head = [(field.name, field.number, field.type) for field in message.field[:2]]
        if head != [("row_no", 1, Proto.TYPE_UINT32), ("removed", 2, Proto.TYPE_BOOL)]:
            raise Wrong(f"{record.name}: fields 1 and 2 are not row_no and removed")
        self.fields = [Field(record.name, field, options) for field in message.field[2:]]
        if [f.number for f in self.fields] != list(range(FIRST_FIELD, FIRST_FIELD + len(self.fields))):
            raise Wrong(f"{record.name}: the data fields are not numbered from 3 without gaps")
        if len(self.fields) > FIELDS_MAX:
            raise Wrong(f"{record.name}: has more than {FIELDS_MAX} fields")
        if not 1 <= len(record.key) <= KEY_MAX:
            raise Wrong(f"{record.name}: needs a key of one to {KEY_MAX} fields")

        self.key = [self.index(name) for name in record.key]
        for at in self.key:
            if self.fields[at].optional or TYPES[self.fields[at].type][1]:
                raise Wrong(f"{record.name}: the key field {self.fields[at].name} may be empty")
        self.county_area = self.index(record.county_area) if record.county_area else -1
        self.event_date = self.index(record.event_date) if record.event_date else -1
        self.id = self.find("id_no", "ID")
        self.person_name = self.find("name", "NAME")
        self.phone = self.find("phone", "PHONE")
        self.household_no = self.find("household_no", "TEXT")
        self.name_key = self.person_name >= 0
        if (self.kind == "EVENTS") != (self.event_date >= 0):
            raise Wrong(f"{record.name}: an event list, and nothing else, needs an event_date")

    def index(self, name):
        for at, field in enumerate(self.fields):
            if field.name == name:
                return at
        raise Wrong(f"{self.name}: has no field {name}")

    def find(self, name, kind):
        for at, field in enumerate(self.fields):
            if field.name == name and field.type == kind:
                return at
        return -1


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def word(value):
    return "true" if value else "false"


def c_limit(value):
    return "INT32_MIN" if value == -2**31 else "INT32_MAX" if value == 2**31 - 1 else str(value)


def c_codes(ident, codes, out):
    for at, (_, _, aliases) in enumerate(codes):
        if aliases:
            out.append(f"static const char *const {ident}_{at}[] = "
                       f"{{{', '.join(map(quote, aliases))}, NULL}};")
    out.append(f"static const struct record_code {ident}[] = {{")
    for at, (code, label, aliases) in enumerate(codes):
        out.append(f"    {{{quote(code)}, {quote(label)}, {f'{ident}_{at}' if aliases else 'NULL'}}},")
    out.append("    {NULL, NULL, NULL},\n};\n")


def print_c(types):
    out = ["/* Made by generate.py from the sector .proto files. */\n"]
    for record in types:
        lists = {}
        for field in record.fields:
            if field.codes:
                lists[field.name] = f"codes_{record.ident}_{field.name}"
                c_codes(lists[field.name], field.codes, out)
        out.append(f"static const struct record_field fields_{record.ident}[] = {{")
        for f in record.fields:
            out.append(
                f"    {{.name = {quote(f.name)}, .column = {quote(f.column)}, .number = {f.number},"
                f" .type = RECORD_{f.type}, .optional = {word(f.optional)}, .limit = {f.limit},"
                f" .codes = {lists.get(f.name, 'NULL')}, .min = {c_limit(f.min)},"
                f" .max = {c_limit(f.max)}}},")
        out.append("};\n")
    out.append("static const struct record_type record_types[] = {")
    for r in types:
        key = r.key + [-1] * (KEY_MAX - len(r.key))
        out.append(
            f"    {{.name = {quote(r.name)}, .sector = {quote(r.sector)}, .title = {quote(r.title)},\n"
            f"     .table = {quote(r.table)}, .kind = RECORD_{r.kind},"
            f" .cadence = RECORD_{r.cadence}, .nil = {word(r.nil)},\n"
            f"     .fields = fields_{r.ident}, .field_count = {len(r.fields)},"
            f" .key = {{{', '.join(map(str, key))}}},\n"
            f"     .county_area = {r.county_area}, .event_date = {r.event_date}, .id = {r.id},"
            f" .person_name = {r.person_name}, .phone = {r.phone},\n"
            f"     .household_no = {r.household_no}, .name_key = {word(r.name_key)}}},")
    out.append("};")
    return "\n".join(out) + "\n"


def print_sql(types):
    out = [SQL_HEAD]
    for r in types:
        lines = ["county integer not null", "submission integer not null",
                 "row_no integer not null", "removed boolean not null"]
        for at, field in enumerate(r.fields):
            lines.append(f"{field.name} {field.sql}{' not null' if at in r.key else ''}")
        if r.name_key:
            lines.append("name_key text")
        lines += ["primary key (county, submission, row_no)",
                  "check (county between 110000 and 829999)"]
        out.append(f"-- {r.name} {r.title}\ncreate table {r.table} (")
        out.append(",\n".join("    " + line for line in lines))
        out.append(");")
        if r.id >= 0:
            out.append(f"create index on {r.table} (county, id_no);")
        if r.household_no >= 0:
            out.append(f"create index on {r.table} (county, household_no);")
        out.append("")
    out.append("reset role;\n")
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--c", metavar="FILE", type=pathlib.Path)
    what.add_argument("--sql", action="store_true")
    args = parser.parse_args()

    files, options = load()
    try:
        types = [Type(file.name.removeprefix("sector/").removesuffix(".proto"), message, options)
                 for file in files for message in file.message_type
                 if message.options.HasExtension(options.record)]
    except Wrong as wrong:
        sys.exit(f"generate.py: {wrong}")
    if args.c:
        args.c.write_text(print_c(types), encoding="utf-8")
    else:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(print_sql(types))


if __name__ == "__main__":
    main()
