-- review_field: both records of a link side by side. Parameters as of review_show.
select case f.item ->> 'field' when 'name' then '姓名' when 'id_no' then '证件号码'
           when 'phone' then '电话' when 'address' then '地址' when 'area' then '区划'
           when 'household_no' then '户编号' else f.item ->> 'field' end,
       f.item ->> 'record', f.item ->> 'member'
from match.review_{sight}($1::integer, $2, $3::integer, $4::integer, $5::integer) as l,
     jsonb_array_elements(l.fields) with ordinality as f (item, place)
order by f.place
