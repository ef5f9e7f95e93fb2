#include "names.h"

#include <stddef.h>

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
/* How far another name lies from a name in its lists. */
#define OTHER_STEP 13

static const char *const surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄",   "赵",   "吴",   "周",   "徐",   "孙",   "马", "朱",
    "胡", "郭", "何", "林", "高", "罗", "郑",   "梁",   "谢",   "宋",   "唐",   "许",   "韩", "邓",
    "冯", "曹", "彭", "曾", "肖", "田", "董",   "潘",   "袁",   "蔡",   "蒋",   "余",   "于", "杜",
    "叶", "程", "魏", "苏", "吕", "丁", "任",   "卢",   "姚",   "沈",   "钟",   "姜",   "崔", "谭",
    "陆", "范", "汪", "廖", "石", "金", "韦",   "贾",   "夏",   "付",   "方",   "邹",   "熊", "白",
    "孟", "秦", "邱", "侯", "江", "尹", "薛",   "阎",   "段",   "雷",   "龙",   "黎",   "史", "陶",
    "贺", "毛", "郝", "顾", "龚", "邵", "万",   "覃",   "武",   "钱",   "戴",   "严",   "欧", "单",
    "仇", "区", "查", "盖", "温", "赖", "欧阳", "上官", "司马", "诸葛", "东方", "皇甫",
};

/* The first 32 surnames are those of most people. */
#define SURNAMES_COMMON 32

static const char *const male[] = {
    "伟", "强", "磊", "军", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "健", "斌", "波", "鹏",
    "华", "志", "建", "国", "文", "永", "春", "海", "荣", "福", "生", "发", "根", "贵", "财", "昌",
    "祥", "林", "德", "树", "忠", "良", "金", "水", "火", "土", "长", "庆", "宏", "俊", "浩", "宇",
    "轩", "博", "晨", "辰", "阳", "飞", "龙", "峰", "峯", "升", "昇", "哲", "喆", "世", "民", "学",
    "家", "子", "天", "泽", "凯", "瑞", "诚", "信", "义", "礼", "仁", "孝", "坚", "毅", "远", "松",
};

static const char *const female[] = {
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀", "玲", "桂", "英", "兰", "凤", "洁", "梅",
    "琳", "素", "云", "莲", "珍", "雪", "红", "燕", "萍", "莉", "春", "菊", "香", "月", "莺", "媛",
    "瑞", "凡", "佳", "嘉", "琼", "勤", "珠", "叶", "璧", "璐", "娅", "琦", "晶", "妍", "茜", "秋",
    "珊", "莎", "锦", "黛", "青", "倩", "婷", "姣", "婉", "娴", "瑾", "颖", "露", "瑶", "怡", "婵",
    "雁", "蓓", "纨", "仪", "荷", "丹", "蓉", "眉", "君", "琴", "蕊", "薇", "菁", "梦", "岚", "苑",
};

static const char *const minority_male[] = {"买买提", "艾力",   "吐尔逊", "阿不都",
                                            "库尔班", "玉素甫", "依明",   "热合曼"};
static const char *const minority_female[] = {"阿依古丽", "古丽娜",   "热依汗",   "帕提古丽",
                                              "米日古丽", "阿依努尔", "茹仙古丽", "努尔古丽"};

#define GIVEN COUNT(male)
#define MINORITY COUNT(minority_male)
_Static_assert(COUNT(male) == COUNT(female), "one range of given characters");
_Static_assert(COUNT(minority_male) == COUNT(minority_female), "one range of minority names");

uint8_t
names_surname(struct rng *rng)
{
    if (rng_below(rng, 100) < 60)
        return (uint8_t)rng_below(rng, SURNAMES_COMMON);
    return (uint8_t)rng_below(rng, (unsigned)COUNT(surnames));
}

uint8_t
names_family(struct rng *rng)
{
    return rng_below(rng, 100) < 2 ? NAMES_NONE : names_surname(rng);
}

struct name
names_draw(struct rng *rng, uint8_t family, bool woman)
{
    struct name name = {.family = family, .second = NAMES_NONE, .female = woman};
    unsigned range = family == NAMES_NONE ? (unsigned)MINORITY : (unsigned)GIVEN;

    name.first = (uint8_t)rng_below(rng, range);
    if (family == NAMES_NONE)
        name.second = (uint8_t)rng_below(rng, range);
    else if (rng_below(rng, 100) < 78)
        name.second = (uint8_t)((name.first + 1 + rng_below(rng, range - 1)) % range);
    return name;
}

bool
names_equal(struct name a, struct name b)
{
    return a.family == b.family && a.first == b.first && a.second == b.second &&
           a.female == b.female;
}

static void
put_minority(struct text *text, struct name name, enum name_form form)
{
    text_append(text, name.female ? minority_female[name.first] : minority_male[name.first]);
    text_append(text, form == NAME_BULLET ? "•" : form == NAME_KATA ? "・" : "·");
    text_field(text, minority_male[name.second]);
}

static struct name
other_name(struct name name)
{
    bool minority = name.family == NAMES_NONE;

    name.family = (uint8_t)(minority ? 0 : (name.family + OTHER_STEP) % COUNT(surnames));
    name.first = (uint8_t)((name.first + OTHER_STEP) % GIVEN);
    if (name.second != NAMES_NONE)
        name.second = (uint8_t)((name.second + 2 * OTHER_STEP) % GIVEN);
    return name;
}

void
names_put(struct text *text, struct name name, enum name_form form)
{
    const char *const *given = name.female ? female : male;

    if (form == NAME_OTHER)
        name = other_name(name);
    if (name.family == NAMES_NONE) {
        put_minority(text, name, form);
        return;
    }
    if (form == NAME_SLIP && name.second == NAMES_NONE)
        name.first = (uint8_t)((name.first + OTHER_STEP) % GIVEN);
    else if (form == NAME_SLIP)
        name.second = (uint8_t)((name.second + OTHER_STEP) % GIVEN);
    text_append(text, surnames[name.family]);
    if (form == NAME_SPACED)
        text_append(text, "　");
    else if (form == NAME_LOOSE)
        text_char(text, ' ');
    text_append(text, given[name.first]);
    if (name.second != NAMES_NONE)
        text_append(text, given[name.second]);
    text_char(text, ',');
}
