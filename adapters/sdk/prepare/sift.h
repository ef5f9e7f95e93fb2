/*
 * sift — rows below the header that are no data.
 *
 * Sums (合计, 总计, 小计), what stands at the foot of a printed form (填表人：…)
 * or again at the head of each page, and rows that somebody typed to try the system. They are dropped and counted,
 * and never refused. A row that names a person or a key is never a sum.
 */
#ifndef SIFT_H
#define SIFT_H

#include "sdk/prepare/table.h"

enum sift { SIFT_DATA, SIFT_BLANK, SIFT_TAIL, SIFT_TEST, SIFT_EXAMPLE };

/*
 * Say what a row is. The template's example row has 示例 in its column 填写说明, or as its key when
 * that column was deleted. A test row is one whose name begins with 测试, whose number
 * is one digit eighteen times over or that of the sample 张三, or that has the
 * phone 13800000000 without a valid citizen number: with one it is a person
 * whose phone nobody knew. `today` as for text_id_valid.
 */
enum sift sift_row(const struct table *table, const struct source_row *row, int32_t today);

#endif
