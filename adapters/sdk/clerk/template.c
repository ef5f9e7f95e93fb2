#include "sdk/clerk/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/book.h"
#include "sdk/prepare/table.h"

#define TEMPLATE_COUNTY 360722 /* of the example's places, when none is given */
#define TEMPLATE_CHOICES_MAX 128
#define TEMPLATE_ROW 1 /* of the example; the clerk's rows begin below it */

/* The labels that a field's values are chosen from, ended by NULL; none: no list. */
static void
template_choices(const struct record_field *field, const char *labels[TEMPLATE_CHOICES_MAX + 1])
{
    size_t count = 0;

    if (field->type == RECORD_BOOL) {
        labels[count++] = "是";
        labels[count++] = "否";
    }
    for (const struct record_code *code = field->codes;
         code != NULL && code->code != NULL && count < TEMPLATE_CHOICES_MAX; code++)
        labels[count++] = code->label;
    labels[count] = NULL;
}

/* ---- the explanation of a column ---- */

/* How a value of this type is written. */
static const char *
template_form(enum record_field_type type)
{
    switch (type) {
    case RECORD_ID:
        return "18 位公民身份号码，末位可为 X";
    case RECORD_NAME:
        return "与身份证一致";
    case RECORD_AREA:
        return "行政区划代码，6、9 或 12 位数字";
    case RECORD_PHONE:
        return "手机或固定电话号码";
    case RECORD_TEXT:
        return "文字";
    case RECORD_CODE:
        return "从下拉选项中选一项";
    case RECORD_DATE:
        return "日期，写作 2024-03-05";
    case RECORD_MONTH:
        return "年月，写作 2024-03";
    case RECORD_MONEY:
        return "金额，以元为单位，最多两位小数";
    case RECORD_INT:
        return "整数";
    case RECORD_DEC:
        return "数字";
    case RECORD_BOOL:
        return "填 是 或 否";
    case RECORD_CODES:
        return "可填一项或几项，以顿号分开";
    case RECORD_AREAS:
        return "行政区划代码，可填几个，以顿号分开";
    case RECORD_TEXTS:
        return "文字，可填几项，以顿号分开";
    }
    return "";
}

static bool
template_is_key(const struct record_type *type, int field)
{
    for (int i = 0; i < RECORD_KEY_MAX && type->key[i] >= 0; i++)
        if (type->key[i] == field)
            return true;
    return false;
}

/* The whole explanation of a column. */
static void
template_explain(const struct record_type *type, int index, struct buf *out)
{
    const struct record_field *field = &type->fields[index];

    buf_add_fmt(out, "%s。%s", field->optional ? "选填" : "必填", template_form(field->type));
    if (field->type == RECORD_TEXT && field->limit > 0)
        buf_add_fmt(out, "，最多 %" PRIu32 " 个字", field->limit);
    if (field->type == RECORD_INT && field->min > INT32_MIN && field->max < INT32_MAX)
        buf_add_fmt(out, "，%" PRId32 " 至 %" PRId32, field->min, field->max);
    for (size_t i = 0; field->codes != NULL && field->codes[i].code != NULL; i++)
        buf_add_fmt(out, "%s%s", i == 0 ? "：" : "、", field->codes[i].label);
    buf_add_str(out, "。");
    if (template_is_key(type, index))
        buf_add_str(out, type->key[1] < 0 ? "每行不得重复。" : "与其他关键列合起来不得重复。");
}

/* ---- the example ---- */

static bool
template_is_year(const struct record_field *field)
{
    return strstr(field->column, "年度") != NULL || strstr(field->column, "年份") != NULL;
}

static void
template_example(const struct record_field *field, uint32_t county, struct buf *out)
{
    switch (field->type) {
    case RECORD_ID: /* known as a sample wherever it turns up (sift.h) */
        buf_add_str(out, "110101199001010000");
        break;
    case RECORD_NAME:
        buf_add_str(out, "张三");
        break;
    case RECORD_AREA:
    case RECORD_AREAS:
        buf_add_fmt(out, "%06" PRIu32 "101201", county);
        break;
    case RECORD_PHONE:
        buf_add_str(out, "13800000000");
        break;
    case RECORD_TEXT:
    case RECORD_TEXTS:
        buf_add_str(out, TEMPLATE_EXAMPLE);
        break;
    case RECORD_CODE:
    case RECORD_CODES:
        buf_add_str(out, field->codes[0].label);
        break;
    case RECORD_DATE:
        buf_add_str(out, "2024-03-05");
        break;
    case RECORD_MONTH:
        buf_add_str(out, "2024-03");
        break;
    case RECORD_MONEY:
        buf_add_str(out, "1234.50");
        break;
    case RECORD_INT:
        buf_add_str(out, template_is_year(field) ? "2024" : "1");
        break;
    case RECORD_DEC:
        buf_add_str(out, "0.5");
        break;
    case RECORD_BOOL:
        buf_add_str(out, "是");
        break;
    }
}

/* ---- sheets ---- */

/* What the empty cells of a column are for: sums and counts are numbers, all else is text. */
static enum book_style
template_style(enum record_field_type type)
{
    return type == RECORD_MONEY ? BOOK_MONEY : type == RECORD_INT ? BOOK_WHOLE : BOOK_TEXT;
}

static void
template_put(struct book *book, uint32_t row, uint16_t column, const char *text,
             enum book_style style)
{
    book_text(book, row, column, text, strlen(text), style);
}

static void
template_column(struct book *book, const struct record_type *type, uint16_t column, uint32_t county)
{
    const struct record_field *field = &type->fields[column];
    AUTO_BUF struct buf text = {0};
    AUTO_BUF struct buf example = {0};
    const char *choices[TEMPLATE_CHOICES_MAX + 1];
    int width = field->type == RECORD_ID ? 22 : field->type == RECORD_AREA ? 16 : 14;

    book_column(book, column, width, template_style(field->type));
    template_put(book, 0, column, field->column, field->optional ? BOOK_HEAD : BOOK_REQUIRED);
    template_explain(type, column, &text);
    book_note(book, 0, column, buf_str(&text));
    template_example(field, county, &example);
    template_put(book, TEMPLATE_ROW, column, buf_str(&example), BOOK_EXAMPLE);
    template_choices(field, choices);
    book_choices(book, TEMPLATE_ROW, column, choices, field->type != RECORD_CODES);
}

static void
template_data(struct book *book, const struct record_type *type, uint32_t county)
{
    uint16_t last = (uint16_t)type->field_count;

    book_sheet(book, type->title, 1);
    for (uint16_t i = 0; i < last; i++)
        template_column(book, type, i, county);
    book_column(book, last, 60, BOOK_TEXT);
    template_put(book, 0, last, TABLE_NOTE, BOOK_HEAD);
    template_put(book, TEMPLATE_ROW, last,
                 TEMPLATE_EXAMPLE "行：照此填写，从下一行起填数据；本行报送时自动略去，删除也可",
                 BOOK_EXAMPLE);
}

static void
template_help(struct book *book, const struct record_type *type)
{
    static const char *const heads[] = {"列名", "要求", "填法"};
    static const char *const lines[] = {
        "橙色标题的列必填，蓝色标题的列选填。列的次序可以变动，列名不要改。",
        "号码、代码各列已设为“文本”，请勿改成“数值”或“常规”，否则号码会失真，整份退回。",
        "从其他表格粘贴时请用“选择性粘贴—数值”。",
    };
    uint32_t row = 0;

    book_sheet(book, "填表说明", 1);
    book_column(book, 0, 20, BOOK_TEXT);
    book_column(book, 1, 8, BOOK_TEXT);
    book_column(book, 2, 90, BOOK_TEXT);
    for (uint16_t i = 0; i < 3; i++)
        template_put(book, row, i, heads[i], BOOK_HEAD);
    for (size_t i = 0; i < type->field_count; i++) {
        AUTO_BUF struct buf text = {0};

        template_explain(type, (int)i, &text);
        template_put(book, ++row, 0, type->fields[i].column, BOOK_TEXT);
        template_put(book, row, 1, type->fields[i].optional ? "选填" : "必填", BOOK_TEXT);
        template_put(book, row, 2, buf_str(&text) + strlen("必填。"), BOOK_ADVICE);
    }
    row++;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        template_put(book, ++row, 2, lines[i], BOOK_ADVICE);
}

int
template_write(const struct record_type *type, uint32_t county, const char *path, struct err *err)
{
    struct book *book;

    if (access(path, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "%s is there already", path);
    if (book_new(path, false, &book, err) != 0)
        return -1;
    template_data(book, type, county == 0 ? TEMPLATE_COUNTY : county);
    template_help(book, type);
    return book_save(book, err);
}
