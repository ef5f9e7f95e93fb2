#include "names.h"

#include <stdio.h>
#include <string.h>

#define HAN 3 /* bytes of a character */
#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static const char surnames[] = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖"
                               "田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
                               "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史"
                               "陶贺毛郝顾龚邵万覃武钱戴严欧单仇"
                               "区查盖温赖莫孔向常汤康易乔赫文施洪季古樊兰殷章葛翁倪伍庄齐牛舒左俞"
                               "安路关祝毕涂靳詹甘项裴纪童焦柯"
                               "岳梅柳骆尚喻房聂宁";
static const char *const doubles[] = {"欧阳", "上官", "司马", "诸葛", "东方", "皇甫"};

static const char male[] = "伟强磊军勇杰涛超明刚平辉健斌波鹏华志建国文永春海荣福生发根贵财昌祥林德"
                           "树忠良金水火土长庆宏俊浩宇轩博"
                           "晨辰阳飞龙峰峯升昇哲喆世民学家子天泽凯瑞诚信义礼仁孝坚毅远松柏桐栋梁才"
                           "能力成功业绩勋章程鸿洪雄威炜玮"
                           "维为韦卫魏渭东冬栋亮良谅旭序绪彬宾滨兵炳丙秉嘉佳家加景锦进晋劲靖静敬新"
                           "欣鑫心昕馨宁凝振震镇正政铮征"
                           "胜盛圣晟剑健建键岩彦延言炎燕云运允韵昊浩皓灏豪毫群裙君钧均军俊峻骏竣启"
                           "起奇琦祺琪齐其思斯司恩安岸义"
                           "亿艺益毅逸翼易一乙耀跃月岳越悦钰玉煜昱育裕宇羽雨禹语友佑祐有又右";
static const char female[] =
    "芳娜敏静丽艳娟霞秀玲桂英兰凤洁梅琳素云莲珍雪红燕萍莉春菊香月莺媛瑞凡佳嘉琼勤珠叶璧璐娅琦晶妍茜"
    "秋珊莎"
    "锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰"
    "爽琬茗"
    "羽希欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思丽慧惠会汇蕙玉钰郁煜淑姝书殊贞真珍臻"
    "祯芬分"
    "纷芝之知织枝娣弟迪笛平苹萍屏英颖莹盈营瑛缨映依伊衣一医仪怡彤童桐潼佟诗施师思斯丝雯文闻纹玟";

static const char *const segments_male[] = {
    "买买提",   "艾力",   "吐尔逊",   "阿不都", "库尔班",   "玉素甫",     "依明",     "热合曼",
    "艾山",     "吾买尔", "卡德尔",   "木沙",   "托合提",   "阿布来提",   "亚森",     "努尔",
    "伊力哈木", "麦麦提", "艾合买提", "肉孜",   "吐鲁洪",   "阿迪力",     "帕尔哈提", "伊敏",
    "司马义",   "卡斯木", "哈力克",   "赛买提", "阿卜杜拉", "塔依尔",     "居来提",   "沙吾提",
    "艾尼瓦尔", "多力坤", "玉山江",   "阿力木", "尼亚孜",   "胡达拜尔地", "如孜",     "斯迪克",
    "扎西",     "次仁",   "多吉",     "丹增",   "洛桑",     "格桑",       "旺堆",     "索朗",
    "巴图",     "苏和",   "朝鲁",     "宝音",   "牛牛",     "阿木",       "拉日",     "尔古",
    "沙马",     "吉克",   "木乃",     "乌撒",
};
static const char *const segments_female[] = {
    "阿依古丽", "古丽娜",   "热依汗",     "帕提古丽",   "米日古丽", "阿依努尔", "茹仙古丽",
    "努尔古丽", "阿孜古丽", "布威海丽且", "阿米娜",     "热孜万",   "吐尼莎",   "再娜甫",
    "坎拜尔",   "玛依拉",   "迪丽娜尔",   "古丽巴哈尔", "祖丽菲亚", "海日古丽", "阿曼古丽",
    "巴哈古丽", "其曼古丽", "早热古丽",   "沙拉买提",   "哈尼克孜", "艾则孜",   "帕夏汗",
    "图尔荪",   "汗克孜",   "卓玛",       "央金",       "拉姆",     "白玛",     "德吉",
    "措姆",     "仓决",     "曲珍",       "萨仁",       "其其格",   "娜仁",     "高娃",
    "乌云",     "斯琴",     "阿牛",       "伍呷",       "阿果",     "日洛",     "医生嫫",
    "阿依",     "尼扎",     "古丽",       "古扎丽",     "阿丽亚",   "米热古丽", "阿瓦古丽",
    "沙代提",   "再努热",   "阿提古丽",   "热比亚",
};

/* Characters that sound alike. */
static const char *const sounds[] = {
    "伟炜玮维为韦卫魏渭威",
    "明铭鸣名",
    "军君均钧俊峻骏竣群",
    "佳嘉家加",
    "静靖敬景晶菁劲进晋锦",
    "建健剑键",
    "华桦骅",
    "志智治致芝之知织枝",
    "国果",
    "文雯闻纹玟",
    "永咏勇泳",
    "春纯淳",
    "荣融蓉容",
    "福富付傅",
    "生升昇胜盛圣晟",
    "祥翔详香",
    "林琳霖临",
    "德得",
    "树书舒淑姝殊",
    "忠中钟",
    "良亮梁谅",
    "金锦今",
    "庆青清卿",
    "宏红鸿洪弘",
    "浩昊皓灏豪",
    "宇羽雨禹语玉钰煜昱育裕毓郁",
    "晨辰陈臣尘",
    "阳洋杨扬",
    "飞菲非",
    "龙隆",
    "峰峯锋枫风凤丰",
    "哲喆",
    "世诗师施思",
    "学雪",
    "子梓紫",
    "天添",
    "泽择则",
    "凯恺",
    "瑞蕊",
    "诚成程承",
    "信欣新鑫心昕馨",
    "义艺毅逸翼易益亿怡宜仪依伊衣一",
    "仁任人",
    "孝晓小笑",
    "远媛园苑",
    "松淞",
    "芳方房",
    "娜那",
    "敏民闽",
    "丽莉荔力立利",
    "艳燕雁彦岩延言炎妍",
    "娟涓",
    "霞夏",
    "秀绣",
    "玲铃灵凌",
    "桂贵",
    "英颖莹盈瑛映影",
    "兰岚澜蓝",
    "洁杰捷婕",
    "梅眉美媚",
    "素苏",
    "云芸运允韵筠",
    "莲连怜",
    "珍真贞臻祯振震镇",
    "萍平苹屏",
    "菊局",
    "月悦岳越跃",
    "琼穷",
    "勤琴秦",
    "珠竹朱",
    "璐露路",
    "琦琪祺奇启起齐其",
    "茜倩",
    "珊山",
    "瑶耀",
    "丹单",
    "蓓贝",
    "荷和河",
    "薇微",
    "梦孟",
    "彬宾滨斌",
    "兵炳丙秉冰",
    "旭序绪",
    "东冬栋",
    "彤童桐潼佟",
    "辉慧惠会汇蕙",
    "刚钢",
    "鹏朋彭",
    "波博柏",
    "强蔷",
    "涛韬",
    "超朝",
    "勋训",
    "凡帆",
    "婷亭庭",
    "张章",
    "李里",
    "黄皇",
    "徐许",
    "买麦",
    "力利",
    "尔儿",
    "吐土",
    "古谷",
    "依伊",
    "娜那",
    "热惹",
};

/* Pairs that look alike and sound different. */
static const char *const shapes[] = {
    "晨辰", "伟炜", "玲冷", "娜那", "芳苏", "洪供", "波皮", "清请", "静净", "珍诊", "娟捐", "涛寿",
    "明朋", "林材", "桂佳", "梅海", "志忘", "昌冒", "勇男", "贵责", "建健", "华毕", "宇字", "永水",
    "鹏腾", "浩洁", "刚钢", "强张", "军车", "杰杏", "勤勒", "莉荆", "娅姬", "妍研", "瑶摇", "琴琵",
    "萍莘", "红江", "燕蒸", "雪雷", "霞露", "英莫", "兰三", "凤风", "洁浩", "琳彬", "素索", "云去",
    "莲莱", "海梅", "荣菜", "福辐", "生主", "发友", "根银", "财材", "祥详", "德得", "树村", "忠忘",
    "良食", "金全", "庆床", "宏宠", "俊峻", "轩轻", "博傅", "阳旧", "飞气", "龙尤", "峰锋", "升开",
    "哲誓", "世也", "民良", "学字", "家冢", "天夭", "泽译", "凯剀", "瑞端", "诚城", "信倍", "义叉",
    "仁仕", "孝考", "坚竖", "远运", "松枪", "敏每", "丽雨", "艳绝", "秀季", "春香", "月用", "佳住",
    "嘉喜", "琼凉", "珠株", "叶汁", "茜西", "秋杖", "锦绵", "青责", "倩情", "婷停", "颖颍", "怡治",
    "雁雇", "丹舟", "蓉容", "君群", "薇徽", "梦焚", "晓烧", "欢次", "寒赛", "可司", "思恩", "玉王",
    "辉晖", "斌武", "超起", "维难", "东车", "亮高", "旭旮", "景影", "新亲", "盛盆", "彦产", "起赵",
    "友反", "有存", "力刀", "成戌", "小少", "王玉", "刘列", "陈阵", "吴昊", "徐除", "朱未", "郭部",
    "买卖", "提堤", "合会", "曼慢", "都郁", "尔你", "库厍", "班斑", "艾文",
};

/* Pairs of which one is an old, legal or traditional form of the other. */
static const char *const variants[] = {
    "昇升", "喆哲", "峯峰", "國国", "華华", "軍军", "偉伟", "強强", "傑杰", "濤涛", "剛刚", "輝辉",
    "鵬鹏", "誌志", "榮荣", "財财", "貴贵", "長长", "慶庆", "陽阳", "飛飞", "龍龙", "學学", "澤泽",
    "凱凯", "誠诚", "義义", "禮礼", "堅坚", "遠远", "靜静", "麗丽", "艷艳", "蘭兰", "鳳凤", "潔洁",
    "雲云", "蓮莲", "紅红", "瓊琼", "葉叶", "錦锦", "嬌娇", "瑩莹", "劉刘", "陳陈", "張张", "楊杨",
    "黃黄", "趙赵", "吳吴", "孫孙", "馬马", "鄭郑", "謝谢", "許许", "韓韩", "鄧邓", "馮冯", "蕭肖",
    "葢盖", "祐佑", "堃坤", "淼水", "甯宁", "羣群", "秊年", "買买", "爾尔", "爾尔", "鐘钟", "閻阎",
    "維维", "東东", "興兴", "賢贤", "樹树", "勳勋", "啟启", "運运", "韻韵", "躍跃", "語语", "慧惠",
    "貞贞", "紋纹", "聞闻", "詩诗", "師师", "營营", "盤盘", "曉晓", "歡欢", "夢梦", "嵐岚", "倉仓",
};

unsigned
names_surname(struct rng *rng)
{
    unsigned count = (unsigned)(sizeof(surnames) / HAN), roll = rng_below(rng, 1000);

    /* Half of all people have one of some twenty surnames; the rest thins out. */
    if (roll < 500)
        return rng_below(rng, 20);
    if (roll < 800)
        return 20 + rng_below(rng, 40);
    if (roll < 985)
        return 60 + rng_below(rng, count - 60);
    return count + rng_below(rng, (unsigned)COUNT(doubles));
}

/* Low numbers come more often, as in real given names. */
static unsigned
favoured(struct rng *rng, unsigned count)
{
    unsigned a = rng_below(rng, count), b = rng_below(rng, count);

    return rng_below(rng, 10) < 6 ? a : a < b ? a : b;
}

unsigned
names_generation(struct rng *rng)
{
    return rng_below(rng, (unsigned)(sizeof(male) / HAN));
}

static void
add_han(char *text, const char *list, unsigned at)
{
    strncat(text, list + (size_t)at * HAN, HAN);
}

void
names_draw(struct rng *rng, unsigned surname, int generation, bool woman, bool old,
           struct name *ret_name)
{
    const char *given = woman ? female : male;
    unsigned count = (unsigned)((woman ? sizeof(female) : sizeof(male)) / HAN);
    unsigned single = (unsigned)(sizeof(surnames) / HAN);

    *ret_name = (struct name){0};
    if (surname < single)
        add_han(ret_name->text, surnames, surname);
    else
        strcat(ret_name->text, doubles[surname - single]);
    if (generation >= 0)
        add_han(ret_name->text, male, (unsigned)generation);
    else if (rng_below(rng, 100) >= (old ? 25U : 14U))
        add_han(ret_name->text, given, favoured(rng, count));
    add_han(ret_name->text, given, favoured(rng, count));
}

void
names_minority(struct rng *rng, bool woman, struct name *ret_name)
{
    unsigned roll = rng_below(rng, 100);

    *ret_name = (struct name){.minority = true};
    strcat(ret_name->text, woman ? segments_female[rng_below(rng, COUNT(segments_female))]
                                 : segments_male[rng_below(rng, COUNT(segments_male))]);
    if (roll < 20) /* a given name of two parts */
        strcat(ret_name->text, woman ? segments_female[rng_below(rng, COUNT(segments_female))]
                                     : segments_male[rng_below(rng, COUNT(segments_male))]);
    strcat(ret_name->text, "·");
    strcat(ret_name->text, segments_male[rng_below(rng, COUNT(segments_male))]);
}

/* ---- slips ---- */

static size_t
char_bytes(const char *at)
{
    return (unsigned char)*at < 0x80 ? 1 : (unsigned char)*at < 0xE0 ? 2 : HAN;
}

/* Put `count` bytes in the place of a Han character. */
static void
replace(char *text, size_t at, const char *with, size_t count)
{
    char rest[NAME_BYTES];

    snprintf(rest, sizeof(rest), "%s", text + at + HAN);
    memcpy(text + at, with, count);
    snprintf(text + at + count, NAME_BYTES - at - count, "%s", rest);
}

/* A place of `list` (groups of characters) where the character stands, or NULL. */
static const char *
find_group(const char *const *list, size_t count, const char *at, unsigned turn)
{
    for (size_t i = 0; i < count; i++) {
        const char *group = list[(i + turn) % count];

        for (const char *c = group; *c != '\0'; c += HAN)
            if (memcmp(c, at, HAN) == 0)
                return group;
    }
    return NULL;
}

static bool
exchange(struct rng *rng, const char *const *list, size_t count, char *text)
{
    size_t len = strlen(text), places[NAME_BYTES], found = 0;
    unsigned turn = rng_below(rng, (unsigned)count);

    for (size_t at = 0; at < len; at += char_bytes(text + at)) {
        bool first = at == 0; /* surnames are got wrong less often */

        if (char_bytes(text + at) == HAN && (!first || rng_below(rng, 10) == 0) &&
            find_group(list, count, text + at, turn) != NULL)
            places[found++] = at;
    }
    if (found == 0)
        return false;
    size_t at = places[rng_below(rng, (unsigned)found)];
    const char *group = find_group(list, count, text + at, turn);
    unsigned others = (unsigned)(strlen(group) / HAN);
    const char *with = group + (size_t)rng_below(rng, others) * HAN;

    if (memcmp(with, text + at, HAN) == 0)
        with = with + HAN < group + strlen(group) ? with + HAN : group;
    if (memcmp(with, text + at, HAN) == 0)
        return false;
    replace(text, at, with, HAN);
    return true;
}

static bool
drop(struct rng *rng, char *text)
{
    size_t len = strlen(text), places[NAME_BYTES], found = 0;

    for (size_t at = char_bytes(text); at < len; at += char_bytes(text + at))
        if (char_bytes(text + at) == HAN)
            places[found++] = at;
    if (found < 2)
        return false;
    replace(text, places[rng_below(rng, (unsigned)found)], "", 0);
    return true;
}

bool
names_slip(struct rng *rng, enum name_slip slip, char text[NAME_BYTES])
{
    switch (slip) {
    case SLIP_HOMOPHONE:
        return exchange(rng, sounds, COUNT(sounds), text);
    case SLIP_SHAPE:
        return exchange(rng, shapes, COUNT(shapes), text);
    case SLIP_VARIANT:
        return exchange(rng, variants, COUNT(variants), text);
    case SLIP_DROP:
        return drop(rng, text);
    }
    return false;
}

void
names_dot(struct rng *rng, char text[NAME_BYTES])
{
    static const char *const dots[] = {"•", "・", "．", "‧", "∙", "⋅", " ", "", "."};
    const char *dot = dots[rng_below(rng, (unsigned)COUNT(dots))];
    char *at = strstr(text, "·"), rest[NAME_BYTES];

    if (at == NULL || strlen(text) + strlen(dot) >= NAME_BYTES)
        return;
    snprintf(rest, sizeof(rest), "%s", at + strlen("·"));
    memcpy(at, dot, strlen(dot));
    memcpy(at + strlen(dot), rest, strlen(rest) + 1);
}

void
names_space(struct rng *rng, char text[NAME_BYTES])
{
    const char *blank = rng_below(rng, 2) == 0 ? " " : "　";
    char rest[NAME_BYTES];
    size_t first = char_bytes(text);

    if (strlen(text) + strlen(blank) >= NAME_BYTES)
        return;
    snprintf(rest, sizeof(rest), "%s", text + first);
    memcpy(text + first, blank, strlen(blank));
    memcpy(text + first + strlen(blank), rest, strlen(rest) + 1);
}
