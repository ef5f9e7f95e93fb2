/*
 * town — some thousand records of a made-up town, for tests that need a model fitted to something.
 *
 * Person i has the records 2 i and 2 i + 1, of the sources 0 and 1; one in eight has lost its number
 * in the second, one in eight is written there with another character of the same sound. Every fifth
 * household has a pair of kin with one telephone and address.
 */
#ifndef TOWN_H
#define TOWN_H

#include "link/link.h"
#include "made.h"

#define TOWN_PEOPLE 1500
#define TOWN_RECORDS (2 * TOWN_PEOPLE)

struct town {
    struct {
        char name[32], number[TEXT_ID_LEN + 1], birth[11], phone[16], address[48];
    } text[TOWN_RECORDS];
    struct link_record records[TOWN_RECORDS];
};

static inline void
town_record(struct town *town, int i)
{
    static const char *const surnames[] = {"王", "李", "张", "刘", "陈",
                                           "杨", "黄", "赵", "周", "吴"};
    static const char *const first[] = {"晓", "建", "文", "丽", "志", "海", "春", "国", "玉", "家"};
    static const char *const second[] = {"明", "华", "芳", "军", "英", "平", "强",
                                         "兰", "辉", "梅", "伟", "敏", "静", "磊",
                                         "洋", "勇", "艳", "杰", "娟", "涛"};
    int who = i / 2, home = who % 5 == 1 ? who - 1 : who;
    bool slip = i % 2 == 1 && who % 8 == 2;

    snprintf(town->text[i].name, sizeof(town->text[i].name), "%s%s%s", surnames[home % 10],
             slip && who / 3 % 10 == 0 ? "小" : first[who / 3 % 10],
             second[(who * 7 + who / 20) % 20]);
    if (i % 2 == 0 || who % 8 != 5)
        made_number(town->text[i].number, who * 7 % 9000, 1 + who % 400);
    clock_format_date(3652 + who * 7 % 9000, town->text[i].birth);
    snprintf(town->text[i].phone, sizeof(town->text[i].phone), "139%08d", home + 1);
    snprintf(town->text[i].address, sizeof(town->text[i].address), "长岗村%d组%d号", home % 30 + 1,
             home / 30 + 1);
    struct made made = {town->text[i].name,  town->text[i].number,  town->text[i].birth,
                        town->text[i].phone, town->text[i].address, "360799101203"};

    town->records[i] =
        (struct link_record){.cells = made_cells(&made), .source = (uint16_t)(i % 2)};
}

static inline struct town *
town_new(void)
{
    struct town *town = mem_zalloc(sizeof(*town));

    for (int i = 0; i < TOWN_RECORDS; i++)
        town_record(town, i);
    return town;
}

static inline void
town_add(struct link *link, const struct link_record *records, size_t count)
{
    link_add_start(link, records, count);
    link_add_finish(link);
}

/* Link the town's records; the caller frees the linkage. */
static inline struct link *
town_link(const struct town *town, unsigned threads, const bool *once)
{
    struct link_options options = {.threads = threads, .today = MADE_TODAY, .once = once};
    struct link *link = link_new(&options);

    town_add(link, town->records, TOWN_RECORDS / 3);
    town_add(link, town->records + TOWN_RECORDS / 3, TOWN_RECORDS - TOWN_RECORDS / 3);
    link_run(link);
    return link;
}

#endif
