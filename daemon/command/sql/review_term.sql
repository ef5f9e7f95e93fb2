-- review_term: what each field weighs, in bits, and their sum. Parameters as of review_show.
-- A field's levels are those of link/compare.h; a test holds the two together.
with word (field, level, zh) as (values
    ('number', 'equal', '相同'),
    ('number', 'near', '差一位，或相邻两位颠倒'),
    ('number', 'close', '差两三位，其中一个必有错'),
    ('number', 'far', '相差较多，其中一个必有错'),
    ('number', 'different', '两个有效号码，不同'),
    ('name', 'exact', '相同'),
    ('name', 'variant', '异体字'),
    ('name', 'sound', '同音'),
    ('name', 'shape', '一字形近'),
    ('name', 'part', '多字或少字'),
    ('name', 'one', '一字不同，或两字颠倒'),
    ('name', 'given', '名同姓不同'),
    ('name', 'surname', '姓同名不同'),
    ('name', 'none', '不同'),
    ('birth', 'equal', '相同'),
    ('birth', 'near', '差一位，或月日颠倒'),
    ('birth', 'part', '年月日中两项相同'),
    ('birth', 'different', '不同'),
    ('sex', 'equal', '相同'),
    ('sex', 'different', '不同'),
    ('phone', 'equal', '相同'),
    ('phone', 'near', '差一位'),
    ('phone', 'different', '不同'),
    ('place', 'equal', '相同'),
    ('place', 'village', '同村'),
    ('place', 'town', '同乡镇'),
    ('place', 'elsewhere', '不同'),
    ('place', 'area_village', '区划同村（一方无地址）'),
    ('place', 'area_town', '区划同乡镇（一方无地址）'),
    ('place', 'area_other', '区划不同（一方无地址）'),
    ('household', 'equal', '相同'),
    ('household', 'different', '不同')
), title (field, zh) as (values
    ('prior', '起点：任意两条记录是同一人的可能'),
    ('number', '证件号码'), ('name', '姓名'), ('birth', '出生日期'), ('sex', '性别'),
    ('phone', '电话'), ('place', '地址'), ('household', '户编号'),
    ('rare_name', '姓名少见（＋）或常见（－）'),
    ('rare_phone', '电话只此一家（＋）或多人共用（－）'),
    ('rare_place', '地址住户少（＋）或多（－）'),
    ('kin', '也可能是亲属，或借用号码'),
    ('rivals', '另有相似的成员')
), link as (
    select l.weight, l.terms
    from match.review_{sight}($1::integer, $2, $3::integer, $4::integer, $5::integer) as l
), term as (
    select t.place, t.item ->> 'field' as field, t.item ->> 'level' as level,
           (t.item ->> 'weight')::integer as weight
    from link, jsonb_array_elements(link.terms) with ordinality as t (item, place)
)
select coalesce(title.zh, t.field), coalesce(word.zh, t.level),
       to_char(t.weight / 1000.0, 'FMSG9990.000')
from (
    select place, field, level, weight from term
    union all
    select null, '合计', null, weight from link where weight is not null
) as t
left join title on title.field = t.field
left join word on word.field = t.field and word.level = t.level
order by t.place nulls last
