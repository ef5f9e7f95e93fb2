"""How right links are: truth and links of tests/link/people.c's populations, compared."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from itertools import combinations

BINS = 20  # of equal count, for the calibration
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫")
DOTS = re.compile(r"[\s·•・．‧∙⋅.]")


class Score:
    """True pairs found and missed, and false ones."""

    def __init__(self):
        self.found = self.missed = self.false = 0

    @property
    def recall(self):
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self):
        return self.found / max(1, self.found + self.false)

    @property
    def f1(self):
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.false)


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def pairs(count):
    return count * (count - 1) // 2


def overall(links, truth, automatic):
    """Score all pairs, or those whose two records are in the automatic band."""
    chosen = [link for link in links if not automatic or link["band"] == "auto"]
    entities = Counter(link["entity_id"] for link in chosen)
    right = Counter((link["entity_id"], truth[link["record_id"]]["person"]) for link in chosen)
    people = Counter(record["person"] for record in truth.values())
    score = Score()
    score.found = sum(map(pairs, right.values()))
    score.false = sum(map(pairs, entities.values())) - score.found
    score.missed = sum(map(pairs, people.values())) - score.found
    return score


def groups(links, key):
    """Records by entity or by person, where there are two at least."""
    found = defaultdict(list)
    for link in links:
        found[key(link)].append(link["record_id"])
    return [some for some in found.values() if len(some) > 1]


def kinds_of(a, b):
    """Kinds of damage of a pair, and whether two of number, birth, phone, address are good in both."""
    kinds = set(a["kinds"].split("|") + b["kinds"].split("|")) - {"-"}
    if "t" in a["marks"] or "t" in b["marks"]:
        kinds.add("twin")
    both = sum(c in a["marks"] and c in b["marks"] for c in "nbpa")
    return kinds or {"none"}, both >= 2, "m" in a["marks"] and "m" in b["marks"]


def tables(links, truth, identities):
    """Scores by kind of damage (of all pairs, and of those with two good fields), and by name.

    True pairs that the veto forbids, because a wrong number is valid and the name is wrong besides,
    are a kind of their own.
    """
    every, good, names = defaultdict(Score), defaultdict(Score), defaultdict(Score)
    entity = {link["record_id"]: link["entity_id"] for link in links}

    def count(a, b, what):
        kinds, both, minority = kinds_of(truth[a], truth[b])
        if apart(identities[a], identities[b]):
            kinds, both = {"(forbidden)"}, False
        for kind in kinds:
            vars(every[kind])[what] += 1
            if both:
                vars(good[kind])[what] += 1
        vars(names["minority" if minority else "other"])[what] += 1

    for some in groups(links, lambda link: truth[link["record_id"]]["person"]):
        for a, b in combinations(some, 2):
            count(a, b, "found" if entity[a] == entity[b] else "missed")
    for some in groups(links, lambda link: link["entity_id"]):
        if len({truth[record]["person"] for record in some}) > 1:
            for a, b in combinations(some, 2):
                if truth[a]["person"] != truth[b]["person"]:
                    count(a, b, "false")
    return every, good, names


def valid(number):
    number = unicodedata.normalize("NFKC", number).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return None
    total = sum(int(c) * weight for c, weight in zip(number, WEIGHTS))
    return number if number[17] == "10X98765432"[total % 11] else None


def given(name):
    name = DOTS.sub("", unicodedata.normalize("NFC", name))
    return name[2 if name[:2] in DOUBLE and len(name) > 2 else 1:]


def apart(one, other):
    """Whether two records have valid different numbers and different given names."""
    return bool(one[0] and other[0] and one[0] != other[0] and one[1] != other[1])


def forbidden(identities, links):
    """Pairs linked between two valid different numbers with different given names."""
    return sum(apart(identities[a], identities[b])
               for some in groups(links, lambda link: link["entity_id"])
               for a, b in combinations(some, 2))


def calibration(pairs_csv, truth):
    """Expected calibration error of the pairs' probabilities over bins of equal count."""
    scored = sorted((float(row["probability"]),
                     truth[row["record_a"]]["person"] == truth[row["record_b"]]["person"])
                    for row in rows(pairs_csv))
    error = 0
    for i in range(BINS):
        some = scored[len(scored) * i // BINS:len(scored) * (i + 1) // BINS]
        if some:
            error += abs(sum(p for p, _ in some) - sum(match for _, match in some))
    return error / max(1, len(scored))


def additive(pairs_csv):
    """Whether each pair's terms add up to its weight, in thousandths of a bit."""
    for row in rows(pairs_csv):
        terms = [row[name] for name in row if name.endswith("_weight") or name in
                 ("prior", "rare_name", "rare_phone", "rare_place", "kin")]
        if sum(round(float(term) * 1000) for term in terms) != round(float(row["weight"]) * 1000):
            return False
    return True


def identities(people):
    """Of each record, its number if it is valid, and its given name."""
    return {row["record_id"]: (valid(row["id_no"]), given(row["name"])) for row in rows(people)}
