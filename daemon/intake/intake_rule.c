#include "intake/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static bool
intake_same(const struct intake_revision *known, const struct intake_content *content)
{
    return known->kind == (uint32_t)content->kind && known->nil == content->nil &&
           memcmp(known->digest, content->digest, DIGEST_BYTES) == 0;
}

static enum intake_verdict
intake_repeat(uint32_t revision, uint32_t *ret_revision, struct submission_refusal *refusal)
{
    submission_refuse(refusal, ERR_NONE, "", "");
    (void)snprintf(refusal->text, sizeof(refusal->text), "received before as r%u, nothing changes",
                   revision);
    (void)snprintf(refusal->text_zh, sizeof(refusal->text_zh), "此前已作为第%u版收到，未作任何改动",
                   revision);
    *ret_revision = revision;
    return INTAKE_DUPLICATE;
}

/* The revision that was asked for by number is taken. */
static enum intake_verdict
intake_judge_taken(const struct intake_revision *known, const struct intake_content *content,
                   uint32_t *ret_revision, struct submission_refusal *refusal)
{
    if (intake_same(known, content))
        return intake_repeat(known->revision, ret_revision, refusal);
    submission_refuse(refusal, ERR_CONFLICT, "", "");
    (void)snprintf(refusal->text, sizeof(refusal->text), "revision %u is taken by other content",
                   known->revision);
    (void)snprintf(refusal->text_zh, sizeof(refusal->text_zh),
                   "第%u版已被其他内容占用，请核对版本号", known->revision);
    return INTAKE_REFUSED;
}

enum intake_verdict
intake_judge(const struct intake_revision *history, size_t count,
             const struct intake_content *content, uint32_t *ret_revision,
             struct submission_refusal *refusal)
{
    for (size_t i = 0; i < count; i++) {
        const struct intake_revision *known = &history[i];

        if (content->uuid != NULL && memcmp(known->uuid, content->uuid, FRAME_UUID_BYTES) == 0)
            return intake_repeat(known->revision, ret_revision, refusal);
    }
    if (count > 0 && intake_same(&history[0], content))
        return intake_repeat(history[0].revision, ret_revision, refusal);
    for (size_t i = 0; i < count; i++) {
        const struct intake_revision *known = &history[i];

        if (content->wanted == known->revision)
            return intake_judge_taken(known, content, ret_revision, refusal);
        if (content->wanted > 0 || !intake_same(known, content))
            continue;
        submission_refuse(refusal, ERR_CONFLICT, "", "");
        (void)snprintf(refusal->text, sizeof(refusal->text),
                       "received as r%u, replaced by r%u; give --revision to restore it",
                       known->revision, history[0].revision);
        (void)snprintf(
            refusal->text_zh, sizeof(refusal->text_zh),
            "该内容已作为第%u版收到，后被第%u版替换；如需恢复，请用 --revision 指定新版本号",
            known->revision, history[0].revision);
        return INTAKE_REFUSED;
    }
    *ret_revision = content->wanted > 0 ? content->wanted : count > 0 ? history[0].revision + 1 : 1;
    return INTAKE_NEW;
}

/* Rules about nil reports and empty files; a nil OPEN with rows is no valid frame. */
static bool
intake_nil_fits(const struct frame_open *open, const struct record_type *type,
                struct submission_refusal *refusal)
{
    if (!open->nil && open->rows == 0 && open->unresolved == 0) {
        submission_refuse(refusal, ERR_INPUT, "the submission is empty and no nil report",
                          "文件没有数据行；确实没有数据时请作零报告");
        return false;
    }
    if (!open->nil)
        return true;
    if (open->kind == FRAME_CORRECTION) {
        submission_refuse(refusal, ERR_INPUT, "a correction cannot be nil", "更正不能作零报告");
        return false;
    }
    if (open->kind == FRAME_FULL && type->kind == RECORD_ROSTER && !type->nil) {
        submission_refuse(refusal, ERR_INPUT, "a roster cannot be nil: send a delta nil",
                          "名册不能作零报告；本月没有变动时请报增量零报告");
        return false;
    }
    return true;
}

bool
intake_plausible(const struct frame_open *open, int32_t today, struct submission_refusal *refusal)
{
    const struct record_type *type = record_find(open->record_type);

    if (type == NULL) {
        submission_refuse(refusal, ERR_MISSING, "the hub does not know this record type",
                          "平台不认识这种数据类型，请联系运维");
        return false;
    }
    if ((int32_t)open->period > clock_month_of(today)) {
        submission_refuse(refusal, ERR_INPUT, "the period lies in the future",
                          "所属月份在将来，请核对");
        return false;
    }
    return intake_nil_fits(open, type, refusal);
}

bool
intake_partial(uint64_t rows, const uint64_t *earlier, size_t count)
{
    uint64_t sorted[INTAKE_MEDIAN_MONTHS], twice;

    if (count < 2)
        return false;
    for (size_t i = 0; i < count && i < INTAKE_MEDIAN_MONTHS; i++) {
        size_t at = i;

        for (; at > 0 && sorted[at - 1] > earlier[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = earlier[i];
    }
    twice = count == 2 ? sorted[0] + sorted[1] : 2 * sorted[1];
    return rows * 200 < twice * INTAKE_PARTIAL_PERCENT;
}
