"""Enrolment rows for the benches: sound numbers of an area that no table holds, each once."""

import datetime

COLUMNS = ["证件号码", "姓名", "参保年度", "险种", "参保状态", "缴费日期", "资助类别", "资助金额", "参保地代码", "身份标识"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


def number(serial):
    """A valid citizen number; 999 a day from 1950 on."""
    born = datetime.date(1950, 1, 1) + datetime.timedelta(days=serial // 999)
    head = f"360799{born:%Y%m%d}{serial % 999 + 1:03d}"
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, WEIGHTS)) % 11]


def enrolled(rows, round_no=0):
    """Cells of each row, different in each round so that none is a duplicate."""
    for i in range(rows):
        name = SURNAMES[i % 12] + GIVEN[i // 12 % 20] + GIVEN[i // 240 % 20]
        yield [number(i), name, "2026", "390", "1", f"2026-01-{1 + (i + round_no) % 28:02d}", "0", "0.00",
               "360722", "脱贫人口" if i % 9 == 0 else ""]


def write(path, rows, round_no=0):
    """A CSV file of enrolment rows, in UTF-8."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(COLUMNS) + "\n")
        for cells in enrolled(rows, round_no):
            out.write(",".join(cells) + "\n")
