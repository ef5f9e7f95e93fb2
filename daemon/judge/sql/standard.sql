-- standard: the row of the standard that is in force at the end of the month, if there is one.
create temp view standard as
select monthly, effective_from, '{name}/' || submission || '/' || row_no as source
from content_{type}
where left(area, 6) = '{county}' and effective_from <= date '{last}'
order by effective_from desc, submission desc, row_no
limit 1
