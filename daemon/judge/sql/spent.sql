-- spent: what each member paid himself in the twelve months to the end of the month.
create temp table spent on commit drop as
select id_no, sum(self_total)::bigint as self_total from settlement_row group by id_no
