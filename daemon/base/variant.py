"""Make the table of Han variants: variant.py UNICODE_DIR VARIANT_TXT OUTPUT_C

A character of 通用规范汉字表 (2013) stays itself. Any other folds to the most common
character that it simplifies to or that Unihan calls its semantic or Z variant, in two
steps at most (峯 → 峰, 説 → 說 → 说). Radicals fold to the ideographs they look like.
variant.txt goes before all that: it has what Unihan lacks, and the characters that the
table of 2013 took back for names (喆, 昇).
"""

import bz2
import re
import sys

FIRST, LAST = 0x3400, 0x9FFF


def unihan(folder, name, wanted):
    with bz2.open(f"{folder}/Unihan_{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("U+"):
                char, prop, value = line.rstrip("\n").split("\t")
                if prop in wanted:
                    yield int(char[2:], 16), prop, value


def code_points(value):
    return [int(point, 16) for point in re.findall(r"U\+([0-9A-F]+)", value)]


def read_relations(folder):
    simplified, alike = {}, {}
    wanted = ("kSimplifiedVariant", "kSemanticVariant", "kZVariant")
    for char, prop, value in unihan(folder, "Variants", wanted):
        for other in code_points(value):
            if prop == "kSimplifiedVariant":
                simplified.setdefault(char, []).append(other)
            else:
                alike.setdefault(char, set()).add(other)
                alike.setdefault(other, set()).add(char)
    return simplified, alike


def read_ranks(folder):
    """Rank in 通用规范汉字表: lower is more common."""
    return {char: int(value.split(":")[1].split()[0])
            for char, _, value in unihan(folder, "OtherMappings", ("kTGH",))}


def read_extra(path):
    pairs = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and line.strip():
                char, other = line.split()
                pairs[ord(char)] = ord(other)
    return pairs


def read_radicals(folder):
    pairs = {}
    with open(f"{folder}/EquivalentUnifiedIdeograph.txt", encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*([0-9A-F]+)", line)
            if match:
                first, last, to = match.groups()
                for char in range(int(first, 16), int(last or first, 16) + 1):
                    pairs[char] = int(to, 16)
    return pairs


def choose(char, simplified, alike, ranks):
    """The character that `char` folds to, in one step."""
    if char in ranks:
        return char
    direct = simplified.get(char, [])
    if char in direct:
        direct = []
    near = set(alike.get(char, ()))
    for other in list(near):
        near.update(simplified.get(other, ()))
    for choice in (direct, near):
        known = [other for other in choice if other in ranks]
        if known:
            return min(known, key=ranks.get)
    return min(direct or near | {char})


def fold(char, step):
    """Follow the steps to their end; a circle ends at its smallest member."""
    path = [char]
    while step.get(path[-1], path[-1]) not in path:
        path.append(step[path[-1]])
    end = step.get(path[-1], path[-1])
    return min(path[path.index(end):])


def write(path, folds):
    direct = [folds.get(char, char) for char in range(FIRST, LAST + 1)]
    pairs = sorted((c, to) for c, to in folds.items() if not FIRST <= c <= LAST and c != to)
    assert max(direct) < 0x10000, "a common character folds out of the plane"
    with open(path, "w", encoding="ascii") as out:
        out.write('#include "base/variant.h"\n\n')
        out.write("const uint16_t variant_direct[VARIANT_LAST - VARIANT_FIRST + 1] = {\n")
        for at in range(0, len(direct), 12):
            out.write("    " + " ".join(f"0x{c:04X}," for c in direct[at:at + 12]) + "\n")
        out.write("};\n\nconst struct variant_pair variant_pairs[] = {\n")
        for char, to in pairs:
            out.write(f"    {{0x{char:05X}, 0x{to:05X}}},\n")
        out.write("};\n\n")
        out.write("const size_t variant_pair_count = sizeof(variant_pairs) / "
                  "sizeof(variant_pairs[0]);\n")


def main(folder, extra, output):
    simplified, alike = read_relations(folder)
    ranks = read_ranks(folder)
    step = {char: choose(char, simplified, alike, ranks)
            for char in set(simplified) | set(alike)}
    step.update(read_radicals(folder))
    step.update(read_extra(extra))
    folds = {char: fold(char, step) for char in step}
    # Only characters of other planes may fold to such a character.
    folds = {c: to for c, to in folds.items() if to < 0x10000 or c >= 0x10000}
    write(output, folds)


main(*sys.argv[1:])
