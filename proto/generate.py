#!/usr/bin/env python3
"""Make the tables of record types from the sector .proto files.

generate.py --c FILE [SECTOR...]   write the C tables that record.c includes; of all sectors when none is named
generate.py --json                 print the sectors and their record types, for scripts
generate.py --files                print the .proto files, one a line
"""
import argparse
import importlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

HERE = pathlib.Path(__file__).resolve().parent
FIRST_FIELD = 3
FIELDS_MAX = 40
KEY_MAX = 3

Proto = descriptor_pb2.FieldDescriptorProto

# Type: (wire type, repeated, characters unless the column says otherwise)
TYPES = {
    "ID": (Proto.TYPE_STRING, False, 18),
    "NAME": (Proto.TYPE_STRING, False, 50),
    "AREA": (Proto.TYPE_STRING, False, 12),
    "PHONE": (Proto.TYPE_STRING, False, 20),
    "TEXT": (Proto.TYPE_STRING, False, None),
    "CODE": (Proto.TYPE_STRING, False, 0),
    "DATE": (Proto.TYPE_SINT32, False, 0),
    "MONTH": (Proto.TYPE_SINT32, False, 0),
    "MONEY": (Proto.TYPE_SINT64, False, 0),
    "INT": (Proto.TYPE_SINT32, False, 0),
    "DEC": (Proto.TYPE_STRING, False, 32),
    "BOOL": (Proto.TYPE_BOOL, False, 0),
    "CODES": (Proto.TYPE_STRING, True, 0),
    "AREAS": (Proto.TYPE_STRING, True, 12),
    "TEXTS": (Proto.TYPE_STRING, True, None),
}

class Wrong(Exception):
    """A sector .proto says something that no table can be made from."""


def names():
    """Every sector, by its file."""
    return sorted(path.stem for path in (HERE / "sector").glob("*.proto") if path.stem != "common")


def load(sectors):
    """Return the sectors' files as descriptors by sector, and the module of the options."""
    with tempfile.TemporaryDirectory() as scratch:
        known = pathlib.Path(scratch, "known.pb")
        out = pathlib.Path(scratch, "sectors.pb")
        base = descriptor_pb2.FileDescriptorSet()
        descriptor_pb2.DESCRIPTOR.CopyToProto(base.file.add())
        known.write_bytes(base.SerializeToString())
        subprocess.run(
            ["protoc", f"--proto_path={HERE}", f"--descriptor_set_in={known}",
             f"--descriptor_set_out={out}", f"--python_out={scratch}", "options.proto",
             *(f"sector/{sector}.proto" for sector in sectors)],
            check=True, cwd=HERE)
        sys.path.insert(0, scratch)
        options = importlib.import_module("options_pb2")
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    by_name = {file.name: file for file in files.file}
    return {sector: by_name[f"sector/{sector}.proto"] for sector in sectors}, options


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
        wire, repeated, limit = TYPES[self.type]
        self.limit = column.limit or limit
        self.min = column.min if column.HasField("min") else -2**31
        self.max = column.max if column.HasField("max") else 2**31 - 1
        self.codes = [code for entry in column.codes for code in expand(entry, where)]

        self.reference = column.reference
        if self.reference and self.type != "TEXT":
            raise Wrong(f"{where}: only TEXT is a reference")
        self.required_when = column.required_when if column.HasField("required_when") else None
        if self.required_when and not self.optional:
            raise Wrong(f"{where}: is always required")

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
        self.role = options.Role.Name(record.role)
        self.joins = record.joins
        self.may_lack = record.optional

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
        self.cancels = self.index(record.cancels) if record.cancels else -1
        self.best = record.best if record.HasField("best") else None
        self.sum = record.sum if record.HasField("sum") else None
        for name in [name for field in self.fields if field.required_when
                     for name in [field.required_when.field]] + self.named(record):
            self.index(name)
        if self.joins and (self.id < 0 or self.household_no < 0):
            raise Wrong(f"{record.name}: what joins persons and households has id_no and household_no")
        if self.best and self.id < 0:
            raise Wrong(f"{record.name}: only a list of persons has a best row")
        if (self.kind == "EVENTS") != (self.event_date >= 0):
            raise Wrong(f"{record.name}: an event list, and nothing else, needs an event_date")

    def named(self, record):
        """The fields that best and sum name."""
        best, total = record.best, record.sum
        return [name for name in (best.year, best.prefer.field, best.avoid.field, total.total, *total.part)
                if name]

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


class Sector:
    def __init__(self, name, file, options):
        about = file.options.Extensions[options.sector]
        self.name, self.title, self.producer = name, about.title, about.producer
        self.place = about.place or sys.maxsize
        if not re.fullmatch(r"[a-z]{2,20}", name):
            raise Wrong(f"sector/{name}.proto: a sector's name is 2 to 20 small letters")
        if not self.title or not re.fullmatch(r"[a-z0-9]{1,16}", self.producer):
            raise Wrong(f"sector/{name}.proto: says no title, or no producer of small letters and digits")
        self.types = [Type(name, message, options) for message in file.message_type
                      if message.options.HasExtension(options.record)]


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


def c_value(value):
    """A condition on a row, `{field, (const char *const[]){codes, NULL}}`, or NULL."""
    if value is None or not value.field:
        return "NULL"
    codes = "".join(f"{quote(code)}, " for code in value.__getattribute__("is"))
    return (f"&(const struct record_value){{.field = {quote(value.field)},"
            f" .is = (const char *const[]){{{codes}NULL}}}}")


def c_best(best):
    if best is None:
        return "NULL"
    return (f"&(const struct record_best){{.year = {quote(best.year) if best.year else 'NULL'},"
            f" .prefer = {c_value(best.prefer)}, .avoid = {c_value(best.avoid)}}}")


def c_sum(total):
    if total is None:
        return "NULL"
    parts = "".join(f"{quote(part)}, " for part in total.part)
    return (f"&(const struct record_sum){{.total = {quote(total.total)},"
            f" .parts = (const char *const[]){{{parts}NULL}}}}")


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
                f" .max = {c_limit(f.max)}, .reference = {word(f.reference)}, .required_when = {c_value(f.required_when)}}},")
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
            f"     .household_no = {r.household_no}, .name_key = {word(r.name_key)},"
            f" .role = RECORD_{r.role}, .joins = {word(r.joins)}, .cancels = {r.cancels},\n"
            f"     .best = {c_best(r.best)}, .sum = {c_sum(r.sum)}}},")
    out.append("};")
    return "\n".join(out) + "\n"


def print_json(sectors):
    """What scripts need: every sector with its title and record types, in order."""
    return json.dumps([{"sector": sector.name, "title": sector.title, "producer": sector.producer,
                        "types": [{"name": record.name, "title": record.title, "kind": record.kind.lower(),
                                   "cadence": record.cadence.lower(), "optional": record.may_lack}
                                  for record in sector.types]}
                       for sector in sectors], ensure_ascii=False, indent=1) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--c", metavar="FILE", type=pathlib.Path)
    what.add_argument("--json", action="store_true")
    what.add_argument("--files", action="store_true")
    parser.add_argument("sectors", nargs="*", metavar="SECTOR")
    args = parser.parse_args()

    if args.files:
        print("\n".join(f"sector/{name}.proto" for name in ["common", *names()]))
        return
    files, options = load(args.sectors or names())
    try:
        sectors = sorted((Sector(name, file, options) for name, file in files.items()),
                         key=lambda sector: (sector.place, sector.name))
    except Wrong as wrong:
        sys.exit(f"generate.py: {wrong}")
    if args.c:
        args.c.write_text(print_c([record for sector in sectors for record in sector.types]), encoding="utf-8")
    else:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(print_json(sectors))


if __name__ == "__main__":
    main()
