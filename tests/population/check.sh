#!/bin/sh
# Check a generator: the same bytes twice, sound numbers, a truth for every rule.
# usage: check.sh POPULATION
set -eu

population=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
    echo "check.sh: $*" >&2
    exit 1
}

# Print every citizen number of a county, one a line, from the columns that hold one.
numbers()
{
    find "$1" -path '*/truth/*' -o -name '*.csv' -print | sort | while read -r file; do
        awk -F, '
            { sub(/^\357\273\277/, "") }
            NR == 1 { for (i = 1; i <= NF; i++)
                          if ($i ~ /^(证件号码|身份证号|身份证件号|户主身份证号)$/) column = i
                      next }
            column && $column != "" { print $column }' "$file"
    done
}

check_numbers()
{
    numbers "$1" | sort -u >"$work/numbers"
    [ -s "$work/numbers" ] || fail "$1 has no citizen number"
    awk '
        BEGIN { split("7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2", weight, " ") }
        length($0) != 18 || !/^(360799|350899|411399|350599)[0-9]+[0-9X]$/ { bad++; next }
        {
            sum = 0
            for (i = 1; i <= 17; i++)
                sum += substr($0, i, 1) * weight[i]
            if (substr("10X98765432", sum % 11 + 1, 1) != substr($0, 18, 1))
                bad++
        }
        END { exit bad > 0 }' "$work/numbers" || fail "$1 has a bad citizen number"
}

# A person stands once in the register's first full roster.
check_unique()
{
    file=$(find "$1/register" -name 'register.member.*.csv' ! -name '*.delta.csv' | sort | head -n 1)
    tail -n +2 "$file" | cut -d, -f2 | sort >"$work/members"
    [ -z "$(uniq -d "$work/members")" ] || fail "$file holds a number twice"
}

check_truth()
{
    for rule in M01 M02 M03 M04 M05 M06 M07 M08 E01 E02 E03 E05 E06 E07 H01 H02 H03 H05 \
        W01 W02 W03 W04 W05 C01 C02 C03 C04 C05 C06 C07; do
        grep -q "^$rule," "$1/truth/findings.csv" || fail "$1 has no finding of $rule"
    done
    for file in cases withheld; do
        [ "$(wc -l <"$1/truth/$file.csv")" -gt 1 ] || fail "$1 has an empty truth/$file.csv"
    done
    grep -q ',1$' "$1/truth/cases.csv" || fail "$1 has no case with x01"
    grep -q '^person:' "$1/truth/cases.csv" || fail "$1 has no case of a person"
    [ -z "$(sort "$1/truth/findings.csv" | uniq -d)" ] || fail "$1 tells a finding twice"
}

# Every record type has a file for every month in which feeds.md expects one.
check_files()
{
    for type in education.student insurance.enrolment insurance.settlement housing.house \
        housing.renovation water.household water.works water.complaint civil.dibao \
        civil.destitute civil.edge civil.relief civil.disability; do
        for month in 01 02 03; do
            ls "$1/${type%%.*}/$type.2026-$month".* >/dev/null 2>&1 ||
                fail "$1 has no $type of month $month"
        done
    done
    for file in register/register.household.2026-01.csv register/register.member.2026-01.csv \
        register/register.household.2026-02.delta.csv register/register.member.2026-03.delta.csv \
        register/register.village.2026-01.csv education/education.aid.2026-01.csv \
        education/education.aid.2026-02.csv education/education.audit.2026-02.csv \
        education/education.cost.2026-01.csv civil/civil.standard.2026-01.csv; do
        [ -s "$1/$file" ] || fail "$1 has no $file"
    done
}

"$population" --out "$work/once" >"$work/once.log"
"$population" --out "$work/again" >"$work/again.log"
diff -r "$work/once" "$work/again" >/dev/null || fail "two runs differ"
cmp -s "$work/once.log" "$work/again.log" || fail "two runs print different counts"
"$population" --out "$work/other" --seed 2 >/dev/null
if diff -r "$work/once" "$work/other" >/dev/null; then
    fail "the seed changes nothing"
fi
check_numbers "$work/once"
check_unique "$work/once"
check_truth "$work/once"
check_truth "$work/other"
check_files "$work/once"

for county in 360702 350821 411328 350582; do
    "$population" --out "$work/$county" --county "$county" --households 1000 >/dev/null
    check_numbers "$work/$county"
    check_truth "$work/$county"
done

"$population" --out "$work/half" --months 6 >/dev/null
for rule in H04 X02; do
    grep -q "^$rule," "$work/half/truth/findings.csv" || fail "six months have no finding of $rule"
done

"$population" --out "$work/none" --rate 0 --households 100 >/dev/null
[ "$(wc -l <"$work/none/truth/findings.csv")" -eq 1 ] || fail "rate 0 plants something"
find "$work/none" -name '*.nil' | grep -q . || fail "a county without events sends no nil report"
[ -z "$(find "$work/none" -name '*.nil' -size +0)" ] || fail "a nil report is not empty"

# A month in which nothing changes is a nil of the delta: a roster has no nil.
"$population" --out "$work/year" --households 100 --months 12 >/dev/null
find "$work/year/register" -name '*.delta.nil' | grep -q . || fail "no month without a change"
[ -z "$(find "$work/year/register" -name '*.nil' ! -name '*.delta.nil')" ] ||
    fail "an empty delta is called the nil of a roster"

# The dirty edition is made of the clean one, which stays, and the same county is damaged the same way.
"$population" --out "$work/dirty" --households 300 --months 1 --dirty >/dev/null
"$population" --out "$work/clean" --households 300 --months 1 >/dev/null
cp "$work/dirty/dirty.csv" "$work/list"
"$population" --out "$work/dirty" --households 300 --months 1 --dirty >/dev/null
cmp -s "$work/list" "$work/dirty/dirty.csv" || fail "a county is damaged in two ways"
for answer in read collapsed tails tests id name date key Q04 'refused: .*'; do
    grep -q ",$answer,[0-9]*\$" "$work/list" || fail "no damage whose answer is $answer"
done
rm -rf "$work/dirty/dirty" "$work/dirty/refused" "$work/dirty/early" "$work/dirty/dirty.csv"
diff -r "$work/dirty" "$work/clean" >/dev/null || fail "making the dirty edition changed the clean one"
