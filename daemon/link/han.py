"""Make the table of Han readings and shapes: han.py UNICODE_DIR SURNAME_TXT OUTPUT_C

Readings are toneless pinyin in modern use: the customary one of kMandarin first, then what the
dictionaries of 2013 and 1983 and the frequency list add. Shapes are the first four digits of the
four-corner code and the Cangjie letters. surname.txt has the surnames read otherwise and those of
two characters.
"""

import bz2
import re
import sys
import unicodedata

FIRST, LAST, READINGS = 0x3400, 0x9FFF, 4


def unihan(folder, name, wanted):
    with bz2.open(f"{folder}/Unihan_{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("U+"):
                char, prop, value = line.rstrip("\n").split("\t")
                if prop in wanted and FIRST <= int(char[2:], 16) <= LAST:
                    yield int(char[2:], 16), prop, value


def toneless(syllable):
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v").replace("e\u0302", "e")
    return "".join(c for c in plain if "a" <= c <= "z")


def read_readings(folder):
    order = ("kMandarin", "kTGHZ2013", "kXHC1983", "kHanyuPinlu")
    found = {}
    for char, prop, value in unihan(folder, "Readings", order):
        words = re.sub(r"[0-9.*,]+:|\([0-9]+\)", " ", value).replace(",", " ").split()
        found.setdefault(char, {})[prop] = [toneless(word) for word in words]
    readings = {}
    for char, props in found.items():
        words = [word for prop in order for word in props.get(prop, ()) if word]
        readings[char] = list(dict.fromkeys(words))[:READINGS]
    return readings


def read_shapes(folder):
    corners, letters = {}, {}
    for char, prop, value in unihan(folder, "DictionaryLikeData", ("kFourCornerCode", "kCangjie")):
        first = value.split()[0]
        if prop == "kFourCornerCode":
            corners[char] = int(first[:4])
        else:
            letters[char] = first[:5]
    return corners, letters


def read_surnames(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and line.strip():
                name, *words = line.split()
                assert len(name) == len(words), f"{path}: {line}"
                yield name, words


def pack(letters):
    """Cangjie letters, five bits each, the first one lowest."""
    return sum((ord(c) - ord("A") + 1) << (5 * at) for at, c in enumerate(letters))


def write(path, readings, corners, letters, surnames):
    words = sorted({word for some in readings.values() for word in some} |
                   {word for _, some in surnames for word in some})
    number = {word: at + 1 for at, word in enumerate(words)}
    with open(path, "w", encoding="ascii") as out:
        out.write('#include "link/han.h"\n\nconst struct han han_table[HAN_LAST - HAN_FIRST + 1] = {\n')
        for char in range(FIRST, LAST + 1):
            some = [number[word] for word in readings.get(char, ())]
            if some or char in corners or char in letters:
                out.write("    [0x%04X] = {{%s}, %d, 0x%X},\n" % (
                    char - FIRST, ", ".join(map(str, some or [0])), corners.get(char, -1) + 1,
                    pack(letters.get(char, ""))))
        out.write("};\n\nconst struct han_surname han_surnames[] = {\n")
        for name, some in sorted(surnames):
            points = [ord(c) for c in name] + [0] * (2 - len(name))
            sounds = [number[word] for word in some] + [0] * (2 - len(name))
            out.write("    {{0x%04X, 0x%04X}, {%d, %d}},\n" % (*points, *sounds))
        out.write("};\n\nconst size_t han_surname_count = "
                  "sizeof(han_surnames) / sizeof(han_surnames[0]);\n")


def main(folder, surname_txt, output):
    corners, letters = read_shapes(folder)
    write(output, read_readings(folder), corners, letters, list(read_surnames(surname_txt)))


main(*sys.argv[1:])
