#include "sdk/prepare/prepare.h"

#include "sdk/prepared.h"

START_TEST(a_good_file_is_counted_summed_and_digested)
{
    AUTO_BUF struct buf text = {0};
    uint8_t digest[DIGEST_BYTES];

    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 20);
    buf_add_str(&text, ",,,,,,,\n\n");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.rows, 20);
    ck_assert_uint_eq(result.stored, 20);
    ck_assert_uint_eq(result.blank, 2);
    ck_assert_uint_eq(result.total_count, 1);
    ck_assert_int_eq(result.totals[0], 200020);
    ck_assert_uint_eq(result.column_filled[0], 20);
    ck_assert_uint_eq(result.column_filled[record_field_find(options.type, "ended_on")], 0);
    ck_assert_uint_eq(result.warning_count, 0);
    ck_assert(!result.rejects_written);
    memcpy(digest, result.digest, sizeof(digest));

    run(buf_str(&text));
    ck_assert_mem_eq(digest, result.digest, sizeof(digest));
    add_rows(&text, 20, 1);
    run(buf_str(&text));
    ck_assert_mem_ne(digest, result.digest, sizeof(digest));
}
END_TEST

START_TEST(columns_come_in_any_order_below_a_title_and_unknown_ones_are_named)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(
        &text,
        "低保名册,,\n\n序号, 姓 名 ,\"身份\n证号\",低保证号,保障类别,月保障金额,起始日期,单人保,"
        "360799199001010000\n");
    buf_add_fmt(&text, "1,陈芳,%s,D1,A类,1,2020-01-01,是\n", sheet_id("36079919900101001"));
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.stored, 1);
    ck_assert_uint_eq(result.unknown_count, 2);
    ck_assert_str_eq(result.unknown[0], "序号");
    ck_assert_str_eq(result.unknown[1], "(…)");
    ck_assert_str_eq(result.warnings[0].code, "unknown_columns");
    ck_assert_str_eq(result.warnings[0].zh, "有 2 列不在模板中，已忽略");
    ck_assert_str_eq(result.warnings[0].en, "2 columns are not in the template and were ignored");
}
END_TEST

START_TEST(sums_tails_and_test_rows_are_dropped_and_counted)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, "低保发放表,,,,,,,\n" HEADER);
    add_rows(&text, 0, 10);
    buf_add_str(&text, "合 计,,,,1000.00,,,\n小计：,2人,,,1000.00,,,\n,,,总计,1,,,\n"
                       "填表人：某某,,审核人：某某,,,,,\n"
                       "1,测试01,D1,A,1,2020-01-01,,否\n"
                       "111111111111111111,某某,D1,A,1,2020-01-01,,否\n"
                       "110101199001010000,张三,D1,A,1,2020-01-01,,否\n");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.rows, 10);
    ck_assert_uint_eq(result.stored, 10);
    ck_assert_uint_eq(result.tails, 4);
    ck_assert_uint_eq(result.tests, 3);
    ck_assert_uint_eq(result.warning_count, 2);
    ck_assert_str_eq(result.warnings[0].code, "tails");
    ck_assert_str_eq(result.warnings[1].code, "test_rows");
}
END_TEST

START_TEST(a_row_with_a_key_is_no_sum_whatever_its_first_cell_says)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, "备注," HEADER);
    buf_add_fmt(&text, "合计,%s,陈芳,D1,A,1,2020-01-01,,否\n", sheet_id("36079919900101001"));
    run(buf_str(&text));
    ck_assert_uint_eq(result.stored, 1);
    ck_assert_uint_eq(result.tails, 0);
}
END_TEST

START_TEST(exact_copies_collapse_and_are_counted)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 5);
    add_rows(&text, 0, 3);
    run(buf_str(&text));
    ck_assert_uint_eq(result.rows, 8);
    ck_assert_uint_eq(result.stored, 5);
    ck_assert_uint_eq(result.collapsed, 3);
    ck_assert_int_eq(result.totals[0], 5 * 10001);
    ck_assert_str_eq(result.warnings[0].zh, "有 3 行与前面的行完全相同，已合并");
    ck_assert_str_eq(result.warnings[0].en,
                     "3 rows are exact copies of earlier ones and were collapsed");
}
END_TEST

START_TEST(all_rows_of_a_key_with_differing_content_are_quarantined)
{
    AUTO_BUF struct buf text = {0};
    AUTO(free) char *id = mem_strdup(sheet_id("36079919900101001"));

    buf_add_str(&text, HEADER);
    buf_add_fmt(&text, "%s,陈芳,D1,A,1,2020-01-01,,否\n", id);
    add_rows(&text, 0, 20);
    buf_add_fmt(&text, "%s,陈芳,D1,A,1,2020-01-01,,否\n", id);
    buf_add_fmt(&text, "%s,陈芳,D1,B,1,2020-01-01,,否\n", id);
    add_rows(&text, 0, 2);
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.rows, 25);
    ck_assert_uint_eq(result.stored, 20);
    ck_assert_uint_eq(result.collapsed, 2);
    ck_assert_uint_eq(result.refused, 3);
    ck_assert_uint_eq(result.reasons[RECORD_KEY], 3);
    ck_assert_uint_eq(result.reject_count, 3);
    ck_assert_uint_eq(result.rejects[0].row_no, 2);
    ck_assert_uint_eq(result.rejects[1].row_no, 23);
    ck_assert_uint_eq(result.rejects[2].row_no, 24);
    ck_assert_int_eq(result.totals[0], 20 * 10001);
}
END_TEST

static const struct {
    const char *row, *field;
    enum record_reason reason;
} bad[] = {
    {"360799199001010010,陈芳,D1,A,1,2020-01-01,,否", "id_no", RECORD_BAD_ID},
    {"3.60722E+17,陈芳,D1,A,1,2020-01-01,,否", "id_no", RECORD_BAD_ID},
    {",陈芳,D1,A,1,2020-01-01,,否", "id_no", RECORD_REQUIRED},
    {"ID,,D1,A,1,2020-01-01,,否", "name", RECORD_BAD_NAME},
    {"ID,陈?,D1,A,1,2020-01-01,,否", "name", RECORD_BAD_NAME},
    {"ID,陈芳,,A,1,2020-01-01,,否", "dibao_no", RECORD_REQUIRED},
    {"ID,陈芳,D1,甲,1,2020-01-01,,否", "class", RECORD_BAD_CODE},
    {"ID,陈芳,D1,A,一百,2020-01-01,,否", "monthly", RECORD_BAD_MONEY},
    {"ID,陈芳,D1,A,1,2020-02-30,,否", "started_on", RECORD_BAD_DATE},
    {"ID,陈芳,D1,A,1,2020-01-01,长期,否", "ended_on", RECORD_BAD_DATE},
    {"ID,陈芳,D1,A,1,2020-01-01,,", "single", RECORD_REQUIRED},
    {"ID,陈芳,D1,甲,一百,2020-01-01,,", "class", RECORD_BAD_CODE},
    {"ID,,D1,A,一百,2020-01-01,,", "name", RECORD_BAD_NAME},
    {"ID,陈芳,D1", "class", RECORD_REQUIRED},
};

START_TEST(a_bad_row_is_quarantined_with_its_first_reason_and_the_others_go_on)
{
    AUTO_BUF struct buf text = {0};
    const char *row = bad[_i].row;

    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 10);
    if (strncmp(row, "ID", 2) == 0) {
        buf_add_str(&text, sheet_id("36079919900101001"));
        row += 2;
    }
    buf_add_fmt(&text, "%s\n", row);
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.stored, 10);
    ck_assert_uint_eq(result.refused, 1);
    ck_assert_uint_eq(result.rejects[0].row_no, 12);
    ck_assert_str_eq(record_reason_name((enum record_reason)result.rejects[0].reason),
                     record_reason_name(bad[_i].reason));
    ck_assert_str_eq(options.type->fields[result.rejects[0].field].name, bad[_i].field);
    ck_assert_uint_eq(result.reasons[bad[_i].reason], 1);
    ck_assert_uint_eq(result.column_bad[result.rejects[0].field], 1);
}
END_TEST

static const struct {
    const char *text, *code, *zh, *en;
} refused[] = {
    {"", "empty", "空文件：文件里什么都没有。如本月无数据请发零报告（--nil）。",
     "the file is empty; when there is nothing this month, send a nil report (--nil)"},
    {HEADER, "empty",
     "空文件：只有表头，没有数据行。名册不能为空；如本月没有变化，请发送增量零报告（--kind delta "
     "--nil）。",
     "the file has no data rows; a roster cannot be empty, when nothing changed send a delta nil "
     "(--kind delta --nil)"},
    {"身份证号,姓名,月保障金额,编号\n1\n", "column_missing",
     "缺少必需的列：低保证号、保障类别、起始日期、单人保。文件中不认识的列：编号。请按模板改列名，"
     "或在"
     "适配器配置的 columns 中登记本单位的列名。",
     "required columns are missing: 低保证号、保障类别、起始日期、单人保; columns not known: 编号; "
     "use the template's names or list your own under 'columns' in the adapter's configuration"},
    {"身份证号,姓名,低保证号,保障类别,月保障金额,起始日期\n1\n", "column_missing",
     "缺少必需的列：单人保。请按模板补上后重新发送。",
     "required columns are missing: 单人保; add them as the template has them"},
    {ID1 ",陈芳\n" ID1 ",陈芳\n", "column_missing",
     "前 10 行里没有找到表头。请在第一行写上模板的列名（如“身份证号”、“姓名”）后重新发送。",
     "no header in the first 10 rows; put the template's column names (such as '身份证号' and "
     "'姓名') in the first row"},
    {"身份证号,姓名,低保证号,保障类别,月保障金额,起始日期,单人保,姓名\n1\n", "column_twice",
     "“姓名”列出现了两次。请只保留一列后重新发送。",
     "column '姓名' is there twice; keep one of the two"},
    {"行号,列名,原因,处理办法," HEADER "2,a,b,c,1\n", "report_kind",
     "这是退回清单，只能作为更正发送。请用 --kind correction 发送。",
     "this is a reject report, which can only be sent as a correction; use --kind correction"},
    {"操作," HEADER "新增,1\n删除," ID1 "\n", "removal",
     "第 3 行的“操作”是“删除”，只有增量文件可以删除。请用 --kind delta 发送。",
     "row 3 asks for a deletion, which only a delta may; send the file with --kind delta"},
    {"操作," HEADER "修改," ID1 "\n", "operation",
     "第 2 行的“操作”只能填“新增”或“删除”。不是增删标记的，请删去“操作”这一列后重新发送。",
     "row 2 has an operation other than 新增 (add) and 删除 (delete); correct it, or delete the "
     "column when it is none"},
    {HEADER "1,陈芳\n", "too_many_bad",
     "1 行中有 1 行不能用，超过 "
     "20%，整个文件未接收。问题最多的列：身份证号。请在原文件中改正后重新发送，"
     "逐行原因见退回清单。",
     "of 1 rows 1 cannot be used, more than 20 %, so the file is refused; most are wrong in column "
     "身份证号; mend the file and send it again, the reject report has each row's reason"},
};

START_TEST(a_file_that_cannot_be_used_is_refused_with_what_to_do)
{
    run(refused[_i].text);
    ck_assert_str_eq(refusal_word(result.refusal.code), refused[_i].code);
    ck_assert_str_eq(result.refusal.zh, refused[_i].zh);
    ck_assert_str_eq(result.refusal.en, refused[_i].en);
}
END_TEST

START_TEST(a_fifth_of_the_rows_may_be_bad_and_not_one_more)
{
    AUTO_BUF struct buf text = {0};

    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 8);
    buf_add_str(&text, "1,陈芳\n2,陈芳\n");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    buf_add_str(&text, "3,陈芳\n");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_TOO_MANY_BAD);
    ck_assert(result.rejects_written);
    AUTO(free) char *rows = report();
    ck_assert_ptr_nonnull(strstr(rows, "\r\n12,身份证号,"));
}
END_TEST

/* What a spreadsheet makes of citizen numbers: 15 digits and 000, or the nearest double. */
START_TEST(a_column_of_numbers_that_a_spreadsheet_damaged_refuses_the_file)
{
    AUTO_BUF struct buf text = {0};

    options.reject_above_percent = 100;
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 25);
    for (int i = 0; i < (_i == 1 ? 1 : 2); i++)
        buf_add_fmt(&text, "36079919900101%d000,陈芳,D1,A,1,2020-01-01,,否\n", i);
    if (_i == 2) {
        buf_clear(&text);
        buf_add_str(&text, HEADER);
        for (int i = 0; i < 20; i++)
            buf_add_fmt(&text, "3607991990%08d,陈芳,D1,A,1,2020-01-01,,否\n", 1010016 + 64 * i);
    }
    run(buf_str(&text));
    if (_i == 1) {
        ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
        return;
    }
    ck_assert_int_eq(result.refusal.code, REFUSAL_COLUMN_DAMAGED);
    ck_assert_str_eq(
        result.refusal.zh,
        "“身份证号”列的号码已被表格软件损坏（末几位变成 0 或失真），无法恢复。请从原系统重新导出，"
        "把该列设为“文本”后再保存。");
    ck_assert_str_eq(
        result.refusal.en,
        "the numbers in column 身份证号 were damaged by a spreadsheet (their last digits "
        "became 0 or were rounded) and cannot be recovered; export the file again and "
        "make the column text before saving");
}
END_TEST

START_TEST(a_file_of_another_county_is_refused)
{
    AUTO_BUF struct buf text = {0};

    options.type = record_find("water.complaint");
    buf_add_str(&text, "投诉编号,行政区划代码,受理日期,办结日期,投诉类型\n");
    for (int i = 0; i < 10; i++)
        buf_add_fmt(&text, "T%d,%s,2024-03-01,,停水\n", i, i < 7 ? "360722100201" : "360781100201");
    run(buf_str(&text));
    ck_assert_int_eq(result.refusal.code, REFUSAL_OTHER_COUNTY);
    ck_assert_uint_eq(result.reasons[RECORD_COUNTY], 3);
    ck_assert_str_eq(result.refusal.zh,
                     "10 行中有 3 行不属于本县（360722），超过 20%。请核对是否发错了文件。");
    ck_assert_str_eq(result.refusal.en, "of 10 rows 3 belong to another county than 360722, more "
                                        "than 20 %; check whether this is the right file");
}
END_TEST

#define RELIEF "救助编号,身份证号,姓名,救助金额,救助原因,救助日期\n"

static void
run_relief(int inside, int outside)
{
    AUTO_BUF struct buf text = {0};

    options.type = record_find("civil.relief");
    buf_add_str(&text, RELIEF);
    for (int i = 0; i < inside + outside; i++)
        buf_add_fmt(&text, "R%d,%s,陈芳,500,火灾,%s\n", i, ID1,
                    i < inside ? "2024-03-31" : "2024-04-01");
    run(buf_str(&text));
}

START_TEST(an_event_list_with_most_dates_outside_its_month_is_refused)
{
    run_relief(2, 2);
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_str_eq(result.warnings[0].code, "other_months");
    ck_assert_str_eq(result.warnings[0].zh, "有 2 行的日期不在数据月份内");
    ck_assert_str_eq(result.warnings[0].en, "2 rows have a date outside the period");

    run_relief(2, 3);
    ck_assert_int_eq(result.refusal.code, REFUSAL_EVENT_DATES);
    ck_assert_str_eq(result.refusal.zh,
                     "5 行中有 3 行的“救助日期”不在 2024-03。请核对是否发错了月份。");
    ck_assert_str_eq(result.refusal.en, "of 5 rows 3 have their 救助日期 outside 2024-03; check "
                                        "whether this is the right month");
}
END_TEST

static const struct {
    const char *type, *text;
    enum frame_submission kind;
    const char *code, *zh, *en;
} nils[] = {
    {"civil.dibao", NULL, FRAME_FULL, "nil_roster",
     "“低保名册”是名册，不能零报告全量。如本月没有变化，请发送增量零报告（--kind delta --nil）。",
     "低保名册 is a roster and cannot be nil; when nothing changed, send a delta nil (--kind delta "
     "--nil)"},
    {"civil.dibao", NULL, FRAME_DELTA, NULL, "", ""},
    {"civil.dibao", NULL, FRAME_CORRECTION, "nil_correction",
     "更正不能是零报告：没有要更正的行就不用发送。",
     "a correction cannot be nil: with nothing to correct there is nothing to send"},
    {"civil.relief", NULL, FRAME_FULL, NULL, "", ""},
    {"civil.edge", NULL, FRAME_FULL, NULL, "", ""},
    {"water.complaint", NULL, FRAME_FULL, NULL, "", ""},
    {"civil.relief", "", FRAME_FULL, NULL, "", ""},
    {"civil.relief", "\n\n", FRAME_FULL, NULL, "", ""},
    {"civil.relief", RELIEF ",,,\n", FRAME_FULL, NULL, "", ""},
    {"civil.relief", RELIEF "R1\n", FRAME_FULL, "nil_content",
     "声明了零报告，但文件里有数据。请去掉 --nil，或改发空文件。",
     "the file is declared nil and has rows; leave out --nil, or send no rows"},
    {"civil.relief", "R1," ID1 "\n", FRAME_FULL, "nil_content",
     "声明了零报告，但文件里有数据。请去掉 --nil，或改发空文件。",
     "the file is declared nil and has rows; leave out --nil, or send no rows"},
};

START_TEST(a_nil_report_is_taken_where_nothing_can_be_true)
{
    options.type = record_find(nils[_i].type);
    options.kind = nils[_i].kind;
    options.nil = true;
    if (nils[_i].text != NULL)
        options.path = sheet_write("a.csv", nils[_i].text, strlen(nils[_i].text));
    ck_assert_int_eq(outlet_run(&options, NULL, &result, &err), 0);
    ck_assert_pstr_eq(refusal_word(result.refusal.code), nils[_i].code);
    ck_assert_str_eq(result.refusal.zh, nils[_i].zh);
    ck_assert_str_eq(result.refusal.en, nils[_i].en);
    ck_assert_uint_eq(result.rows, 0);
}
END_TEST

static const struct {
    int32_t period;
    const char *code, *zh, *en;
} periods[] = {
    {0, "period",
     "没有指明是哪个月的数据。请用 --period 2024-03 指明，或按“表名.年月.csv”命名文件。",
     "the period is missing or no month; give --period YYYY-MM, or call the file '<record "
     "type>.<period>.csv'"},
    {202413, "period",
     "没有指明是哪个月的数据。请用 --period 2024-03 指明，或按“表名.年月.csv”命名文件。",
     "the period is missing or no month; give --period YYYY-MM, or call the file '<record "
     "type>.<period>.csv'"},
    {202406, NULL, "", ""},
    {202407, "future_period", "数据月份 2024-07 晚于本月（2024-06）。请核对月份后重新发送。",
     "the period 2024-07 lies after this month (2024-06); correct the period"},
};

START_TEST(the_period_is_this_month_or_earlier)
{
    AUTO_BUF struct buf text = {0};

    options.period = periods[_i].period;
    buf_add_str(&text, HEADER);
    add_rows(&text, 0, 1);
    run(buf_str(&text));
    ck_assert_pstr_eq(refusal_word(result.refusal.code), periods[_i].code);
    ck_assert_str_eq(result.refusal.zh, periods[_i].zh);
    ck_assert_str_eq(result.refusal.en, periods[_i].en);
}
END_TEST

START_TEST(a_delta_adds_and_removes)
{
    options.kind = FRAME_DELTA;
    run("操作," HEADER "," ID1 ",陈芳,D1,A,1,2020-01-01,,否\n"
        "新增,360799199001010028,陈芳,D2,A,1,2020-01-01,,否\n"
        "删除,360799199001010036\n");
    ck_assert_int_eq(result.refusal.code, REFUSAL_NONE);
    ck_assert_uint_eq(result.refused, 0);
    ck_assert_uint_eq(result.stored, 3);
    ck_assert_uint_eq(result.removed, 1);
}
END_TEST

START_TEST(adding_and_removing_one_key_in_a_delta_is_a_conflict)
{
    options.kind = FRAME_DELTA;
    options.reject_above_percent = 100;
    run("操作," HEADER "新增," ID1 ",陈芳,D1,A,1,2020-01-01,,否\n删除," ID1 "\n");
    ck_assert_uint_eq(result.reasons[RECORD_KEY], 2);
    ck_assert_uint_eq(result.stored, 0);
}
END_TEST

START_TEST(an_empty_delta_is_asked_for_a_nil_report)
{
    options.kind = FRAME_DELTA;
    run(HEADER);
    ck_assert_int_eq(result.refusal.code, REFUSAL_EMPTY);
    ck_assert_str_eq(result.refusal.zh,
                     "空文件：只有表头，没有数据行。如本月无数据请发零报告（--nil）。");
    ck_assert_str_eq(result.refusal.en, "the file has no data rows; when there is nothing this "
                                        "month, send a nil report (--nil)");
}
END_TEST

START_TEST(what_is_said_of_a_file_never_holds_a_persons_data)
{
    AUTO_BUF struct buf out = {0};
    struct json json = {.out = &out};
    char *text = NULL;
    size_t len;
    FILE *print = open_memstream(&text, &len);

    options.reject_above_percent = 100;
    run(HEADER "360799199001010010,陈芳芳,D1,A,1.5,2020-01-01,,否\n" ID1
               ",王小明,D1,A,-1.5,2020-01-01,,否\n");
    prepare_print(print, &options, &result);
    ck_assert_int_eq(fclose(print), 0);
    json_open_object(&json, NULL);
    prepare_json(&json, &options, &result);
    json_close_object(&json);
    ck_assert_ptr_nonnull(
        strstr(text, "低保名册（civil.dibao） 2024-03 全量\n"
                     "数据 2 行：可用 1 行，退回 1 行\n"
                     "  1 行：证件号码有误，请核对位数、字符、校验码和出生日期（id）\n"
                     "  “身份证号”列：1 行\n"
                     "  第 2 行“身份证号”：证件号码有误，请核对位数、字符、校验码和出生日期\n"));
    ck_assert_ptr_nonnull(strstr(text, "  月保障金额合计：-1.50 元\n"));
    ck_assert_ptr_nonnull(strstr(text, "结果：可以报送\n"));
    ck_assert_ptr_nonnull(strstr(buf_str(&out), "\"reasons\":{\"id\":1}"));
    ck_assert_ptr_nonnull(strstr(buf_str(&out), "\"accepted\":true,\"refusal\":null"));
    for (const char *const *secret = (const char *const[]){"陈芳", "小明", "36079919", NULL};
         *secret != NULL; secret++) {
        ck_assert_ptr_null(strstr(text, *secret));
        ck_assert_ptr_null(strstr(buf_str(&out), *secret));
    }
    free(text);
}
END_TEST

START_TEST(a_refusal_is_printed_in_both_languages)
{
    AUTO_BUF struct buf out = {0};
    struct json json = {.out = &out};
    char *text = NULL;
    size_t len;
    FILE *print = open_memstream(&text, &len);

    run(HEADER);
    prepare_print(print, &options, &result);
    ck_assert_int_eq(fclose(print), 0);
    ck_assert_ptr_nonnull(strstr(text, "结果：整个文件不能接收（empty）\n空文件：只有表头"));
    ck_assert_ptr_nonnull(strstr(text, "\nthe file has no data rows;"));
    free(text);
    json_open_object(&json, NULL);
    prepare_json(&json, &options, &result);
    json_close_object(&json);
    ck_assert_ptr_nonnull(strstr(buf_str(&out), "\"refusal\":{\"code\":\"empty\",\"text\":"));
}
END_TEST

START_TEST(the_header_tells_the_record_type_of_a_sector)
{
    const struct record_type *type;
    struct refusal refusal;

    options.path = sheet_write("a.csv", RELIEF, strlen(RELIEF));
    ck_assert_int_eq(prepare_guess(options.path, "civil", NULL, &type, &refusal, &err), 0);
    ck_assert_str_eq(type->name, "civil.relief");
    ck_assert_int_eq(prepare_guess(options.path, "water", NULL, &type, &refusal, &err), 0);
    ck_assert_ptr_null(type);
    ck_assert_int_eq(refusal.code, REFUSAL_TYPE_UNKNOWN);
    ck_assert_str_eq(refusal.zh,
                     "从表头看不出这是哪一种表。请用 --type 指明，或按“表名.年月.csv”命名文件。");
    ck_assert_str_eq(refusal.en, "the header does not tell which record type this is; name it with "
                                 "--type, or call the file '<record type>.<period>.csv'");
    ck_assert_int_eq(prepare_guess("/tmp/sheet-none", "civil", NULL, &type, &refusal, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

START_TEST(no_file_and_no_nil_report_is_an_error_of_the_caller)
{
    ck_assert_int_eq(outlet_run(&options, NULL, &result, &err), -1);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.text, "no file is named, and the submission is no nil report");
    options.path = "/tmp/sheet-none.csv";
    ck_assert_int_eq(outlet_run(&options, NULL, &result, &err), -1);
    ck_assert_int_eq(err.code, ERR_MISSING);
}
END_TEST

static void
add_tests(TCase *tcase)
{
    tcase_add_test(tcase, a_good_file_is_counted_summed_and_digested);
    tcase_add_test(tcase, columns_come_in_any_order_below_a_title_and_unknown_ones_are_named);
    tcase_add_test(tcase, sums_tails_and_test_rows_are_dropped_and_counted);
    tcase_add_test(tcase, a_row_with_a_key_is_no_sum_whatever_its_first_cell_says);
    tcase_add_test(tcase, exact_copies_collapse_and_are_counted);
    tcase_add_test(tcase, all_rows_of_a_key_with_differing_content_are_quarantined);
    tcase_add_loop_test(tcase, a_bad_row_is_quarantined_with_its_first_reason_and_the_others_go_on,
                        0, UNIT_COUNT(bad));
    tcase_add_loop_test(tcase, a_file_that_cannot_be_used_is_refused_with_what_to_do, 0,
                        UNIT_COUNT(refused));
    tcase_add_test(tcase, a_fifth_of_the_rows_may_be_bad_and_not_one_more);
    tcase_add_loop_test(tcase, a_column_of_numbers_that_a_spreadsheet_damaged_refuses_the_file, 0,
                        3);
    tcase_add_test(tcase, a_file_of_another_county_is_refused);
    tcase_add_test(tcase, an_event_list_with_most_dates_outside_its_month_is_refused);
    tcase_add_loop_test(tcase, a_nil_report_is_taken_where_nothing_can_be_true, 0,
                        UNIT_COUNT(nils));
    tcase_add_loop_test(tcase, the_period_is_this_month_or_earlier, 0, UNIT_COUNT(periods));
    tcase_add_test(tcase, a_delta_adds_and_removes);
    tcase_add_test(tcase, adding_and_removing_one_key_in_a_delta_is_a_conflict);
    tcase_add_test(tcase, an_empty_delta_is_asked_for_a_nil_report);
    tcase_add_test(tcase, what_is_said_of_a_file_never_holds_a_persons_data);
    tcase_add_test(tcase, a_refusal_is_printed_in_both_languages);
    tcase_add_test(tcase, the_header_tells_the_record_type_of_a_sector);
    tcase_add_test(tcase, no_file_and_no_nil_report_is_an_error_of_the_caller);
}

int
main(void)
{
    Suite *suite = suite_create("prepare");
    TCase *tcase = tcase_create("prepare");

    tcase_add_checked_fixture(tcase, prepared_setup, prepared_teardown);
    add_tests(tcase);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
