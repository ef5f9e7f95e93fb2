/* command and verdict: what `qianshao link` takes and writes. */
#include "link/command.h"

#include "link/verdict.h"
#include "town.h"

#define FILE_MAX (4 << 20)

static char dir[64], in[96], out[96], explain[96], known[96];
static struct err err;

static void
setup(void)
{
    unit_folder(dir, sizeof(dir));
    (void)snprintf(in, sizeof(in), "%s/people.csv", dir);
    (void)snprintf(out, sizeof(out), "%s/links.csv", dir);
    (void)snprintf(explain, sizeof(explain), "%s/pairs.csv", dir);
    (void)snprintf(known, sizeof(known), "%s/known.csv", dir);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
}

static void
teardown(void)
{
    (void)unlink(in);
    (void)unlink(out);
    (void)unlink(explain);
    (void)unlink(known);
    ck_assert_int_eq(rmdir(dir), 0); /* nothing half written is left */
}

static int
run(struct command_options options)
{
    options.in = in;
    options.out = options.out == NULL ? out : options.out;
    return command_link(&options, &err);
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void
write_text(const char *text)
{
    write_file(in, text);
}

static void
write_town(void)
{
    struct town *town = town_new();
    FILE *file = fopen(in, "w");

    ck_assert_ptr_nonnull(file);
    fputs("record_id,source,name,id_no,birth_date,phone,address\n", file);
    for (int i = 0; i < TOWN_RECORDS; i++)
        fprintf(file, "\"r,%d\",%s,%s,%s,%s,%s,%s\n", i, i % 2 == 0 ? "a" : "b", town->text[i].name,
                town->text[i].number, town->text[i].birth, town->text[i].phone,
                town->text[i].address);
    ck_assert_int_eq(fclose(file), 0);
    free(town);
}

static char *
read_file(const char *path)
{
    char *text = mem_zalloc(FILE_MAX);
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_lt(fread(text, 1, FILE_MAX - 1, file), FILE_MAX - 1);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

START_TEST(both_files_must_be_named)
{
    ck_assert_int_eq(command_link(&(struct command_options){.in = in}, &err), -1);
    ck_assert_str_eq(err.text, "link: which files?");
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_int_eq(command_link(&(struct command_options){.out = out}, &err), -1);
    ck_assert_str_eq(err.text, "link: which files?");
}
END_TEST

START_TEST(a_source_that_no_row_has_is_refused)
{
    write_text("record_id,source\nr1,a\n");
    ck_assert_int_eq(run((struct command_options){.once = "a,wter"}), -1);
    ck_assert_str_eq(err.text, "link: --one-per-source: no row has the source 'wter'");
}
END_TEST

START_TEST(records_of_one_person_get_the_first_ones_record_id)
{
    char *text, *line;
    int row = 0;

    write_town();
    ck_assert_msg(run((struct command_options){.once = "a,b", .threads = 2, .verbose = true}) == 0,
                  "%s", err.text);
    text = read_file(out);
    line = strtok(text, "\n");
    ck_assert_str_eq(line, "record_id,entity_id,band,pass,weight,probability");
    for (; (line = strtok(NULL, "\n")) != NULL; row++) {
        char expected[64];

        (void)snprintf(expected, sizeof(expected), "\"r,%d\",\"r,%d\",auto,", row, row / 2 * 2);
        ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "%s", line);
        ck_assert(strchr("123", line[strlen(expected)]) != NULL);
    }
    ck_assert_int_eq(row, TOWN_RECORDS);
    free(text);
}
END_TEST

/* A decimal in thousandths. */
static long
thousandths(const char *text)
{
    const char *point = strchr(text, '.');
    long whole = strtol(text, NULL, 10) * 1000;

    ck_assert_ptr_nonnull(point);
    return *text == '-' ? whole - strtol(point + 1, NULL, 10) : whole + strtol(point + 1, NULL, 10);
}

/* Cells of a line without quotes; returns how many. */
static int
split(char *line, char *cells[32])
{
    int count = 0;

    while (count < 32 && line != NULL)
        cells[count++] = strsep(&line, ",");
    return count;
}

START_TEST(the_weights_of_a_pair_add_up_exactly_in_the_file)
{
    char *text, *rest, *line, *names[32], *cells[32];
    int count, rows = 0;

    write_text("record_id,source,name,id_no,birth_date,phone\n"
               "r1,a,王小明,36079919900101001X,1990-01-01,19900000001\n"
               "r2,b,王晓明,36079919900101001X,1990-01-01,19900000001\n"
               "r3,c,王小明,,1990-01-01,19900000001\n"
               "r4,d,李大海,,1951-05-05,19900000001\n");
    ck_assert_msg(run((struct command_options){.explain = explain}) == 0, "%s", err.text);
    rest = text = read_file(explain);
    count = split(strsep(&rest, "\n"), names);
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        long sum = 0, weight = 0;

        ck_assert_int_eq(split(line, cells), count);
        for (int i = 0; i < count; i++) {
            size_t len = strlen(names[i]);
            bool term = (len > 7 && strcmp(names[i] + len - 7, "_weight") == 0) ||
                        strncmp(names[i], "rare_", 5) == 0 || strcmp(names[i], "prior") == 0 ||
                        strcmp(names[i], "kin") == 0;

            sum += term ? thousandths(cells[i]) : 0;
            weight = strcmp(names[i], "weight") == 0 ? thousandths(cells[i]) : weight;
        }
        ck_assert_int_eq(sum, weight);
        rows++;
    }
    ck_assert_int_ge(rows, 3);
    free(text);
}
END_TEST

START_TEST(a_person_who_stands_alone_has_no_weight)
{
    char *text;

    write_text("record_id,source,name\nr1,a,王小明\n\"r\"\"2\",a,李芳\n");
    ck_assert_int_eq(run((struct command_options){0}), 0);
    text = read_file(out);
    ck_assert_str_eq(text, "record_id,entity_id,band,pass,weight,probability\n"
                           "r1,r1,single,,,\n"
                           "\"r\"\"2\",\"r\"\"2\",single,,,\n");
    free(text);
}
END_TEST

/* ---- known records ---- */

/* The first record of each of the town's people is known, with an entity_id; the second is new. */
static void
write_known_town(void)
{
    struct town *town = town_new();
    FILE *files[] = {fopen(known, "w"), fopen(in, "w")};

    ck_assert(files[0] != NULL && files[1] != NULL);
    fputs("entity_id,record_id,source,name,id_no,birth_date,phone,address\n", files[0]);
    fputs("record_id,source,name,id_no,birth_date,phone,address\n", files[1]);
    for (int i = 0; i < TOWN_RECORDS; i++) {
        if (i % 2 == 0)
            fprintf(files[0], "\"p,%d\",", i / 2);
        fprintf(files[i % 2], "r%d,%s,%s,%s,%s,%s,%s\n", i, i % 2 == 0 ? "a" : "b",
                town->text[i].name, town->text[i].number, town->text[i].birth, town->text[i].phone,
                town->text[i].address);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(fclose(files[i]), 0);
    free(town);
}

START_TEST(new_records_get_the_entity_id_of_the_known_ones)
{
    char *text, *line;
    int row = 0;

    write_known_town();
    ck_assert_msg(run((struct command_options){.known = known, .once = "a,b"}) == 0, "%s",
                  err.text);
    text = read_file(out);
    line = strtok(text, "\n");
    ck_assert_str_eq(line, "record_id,entity_id,band,pass,weight,probability");
    for (; (line = strtok(NULL, "\n")) != NULL; row++) {
        char expected[64];

        (void)snprintf(expected, sizeof(expected), "r%d,\"p,%d\",auto,", row * 2 + 1, row);
        ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "%s", line);
    }
    ck_assert_int_eq(row, TOWN_PEOPLE);
    free(text);
}
END_TEST

/* Whether a line of the links begins so. */
static bool
has_line(const char *text, const char *begin)
{
    const char *at = strstr(text, begin);

    return at != NULL && (at == text || at[-1] == '\n');
}

START_TEST(known_records_keep_their_persons_whatever_the_weights_say)
{
    char *text;

    write_file(known, "record_id,source,name,id_no,birth_date,entity_id\n"
                      "k1,a,王小明,36079919900101001X,1990-01-01,one\n"
                      "k2,a,王小明,36079919900101001X,1990-01-01,two\n");
    write_text("record_id,source,name,id_no,birth_date\n"
               "n1,b,王小明,36079919900101001X,1990-01-01\n");
    ck_assert_msg(run((struct command_options){.known = known}) == 0, "%s", err.text);
    text = read_file(out);
    ck_assert_msg(has_line(text, "n1,one,review,1,") || has_line(text, "n1,two,review,1,"), "%s",
                  text);
    free(text);
}
END_TEST

START_TEST(who_is_not_known_is_known_from_his_first_record_on)
{
    char *text;

    write_file(known, "record_id,source,name,id_no,entity_id\nk1,a,李大海,,p1\n");
    write_text("record_id,source,name,id_no,birth_date\n"
               "k1,b,王小明,36079919900101001X,1990-01-01\n"
               "n2,c,王小明,36079919900101001X,1990-01-01\n");
    ck_assert_msg(run((struct command_options){.known = known}) == 0, "%s", err.text);
    text = read_file(out);
    ck_assert_msg(has_line(text, "k1,k1,single,,,\nn2,k1,auto,1,"), "%s", text);
    free(text);
}
END_TEST

START_TEST(a_source_that_holds_a_person_once_does_so_in_both_files)
{
    static const char row[] = "王小明,36079919900101001X,1990-01-01";
    char text[256], *found;

    (void)snprintf(text, sizeof(text),
                   "record_id,source,name,id_no,birth_date,entity_id\n"
                   "k1,z,%s,p1\n",
                   row);
    write_file(known, text);
    (void)snprintf(text, sizeof(text),
                   "record_id,source,name,id_no,birth_date\n"
                   "n1,y,%s\nn2,z,%s\n",
                   row, row);
    write_text(text);
    ck_assert_int_eq(run((struct command_options){.known = known, .once = "z"}), 0);
    found = read_file(out);
    ck_assert_msg(has_line(found, "n1,p1,auto,1,") && has_line(found, "n2,n2,single,,,\n"), "%s",
                  found);
    free(found);
}
END_TEST

START_TEST(known_records_say_whose_they_are)
{
    char expected[256];

    write_text("record_id,source\nr1,a\n");
    write_file(known, "record_id,source\nr1,a\n");
    ck_assert_int_eq(run((struct command_options){.known = known}), -1);
    (void)snprintf(expected, sizeof(expected), "%s: column entity_id is missing", known);
    ck_assert_str_eq(err.text, expected);
    ck_assert_str_eq(err.hint, "known records have the entity_id that links.csv gives");
    write_file(known, "record_id,source,entity_id\nr1,a,\n");
    ck_assert_int_eq(run((struct command_options){.known = known}), -1);
    (void)snprintf(expected, sizeof(expected), "%s: row 2: entity_id is empty", known);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(access(out, F_OK), -1);
}
END_TEST

START_TEST(pairs_are_explained_only_where_all_records_are_linked)
{
    ck_assert_int_eq(run((struct command_options){.known = known, .explain = explain}), -1);
    ck_assert_str_eq(err.text, "link: --explain does not go with --known");
    ck_assert_int_eq(err.code, ERR_INPUT);
}
END_TEST

/* ---- files that cannot be written ---- */

START_TEST(a_file_that_cannot_be_written_is_named_and_not_begun)
{
    char expected[256], nowhere[128];

    write_text("record_id,source\nr1,a\n");
    (void)snprintf(nowhere, sizeof(nowhere), "%s/no/links.csv", dir);
    (void)snprintf(expected, sizeof(expected), "cannot write %s: No such file or directory",
                   nowhere);
    ck_assert_int_eq(run((struct command_options){.out = nowhere}), -1);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    (void)snprintf(expected, sizeof(expected), "cannot write %s: Is a directory", dir);
    ck_assert_int_eq(run((struct command_options){.out = dir}), -1);
    ck_assert_str_eq(err.text, expected);
    (void)snprintf(expected, sizeof(expected), "%s.partial", dir);
    ck_assert_int_eq(access(expected, F_OK), -1);
}
END_TEST

START_TEST(a_full_disk_leaves_no_file)
{
    struct link_options options = {.threads = 1, .today = MADE_TODAY};
    AUTO(link_free) struct link *link = link_new(&options);
    AUTO(people_free) struct people *people = NULL;
    struct verdict_counts found;
    char partial[128];

    write_text("record_id,source\nr1,a\n");
    ck_assert_int_eq(people_load(in, link, &people, &err), 0);
    link_run(link);
    (void)snprintf(partial, sizeof(partial), "%s.partial", out);
    ck_assert_int_eq(symlink("/dev/full", partial), 0);
    ck_assert_int_eq(verdict_links(out, link, people, &found, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "No space left on device"));
    ck_assert_int_eq(access(out, F_OK), -1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("command");
    TCase *tcase = tcase_create("command");

    tcase_add_checked_fixture(tcase, made_setup, made_teardown);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, both_files_must_be_named);
    tcase_add_test(tcase, a_source_that_no_row_has_is_refused);
    tcase_add_test(tcase, records_of_one_person_get_the_first_ones_record_id);
    tcase_add_test(tcase, the_weights_of_a_pair_add_up_exactly_in_the_file);
    tcase_add_test(tcase, a_person_who_stands_alone_has_no_weight);
    tcase_add_test(tcase, new_records_get_the_entity_id_of_the_known_ones);
    tcase_add_test(tcase, known_records_keep_their_persons_whatever_the_weights_say);
    tcase_add_test(tcase, who_is_not_known_is_known_from_his_first_record_on);
    tcase_add_test(tcase, a_source_that_holds_a_person_once_does_so_in_both_files);
    tcase_add_test(tcase, known_records_say_whose_they_are);
    tcase_add_test(tcase, pairs_are_explained_only_where_all_records_are_linked);
    tcase_add_test(tcase, a_file_that_cannot_be_written_is_named_and_not_begun);
    tcase_add_test(tcase, a_full_disk_leaves_no_file);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
