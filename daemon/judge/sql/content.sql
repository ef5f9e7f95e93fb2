-- content_<type>: the rows that a month reads of a record type; of lists of persons those that are
-- linked under the member's number and name.
create or replace temp view content_{type}{suffix} as {rows}
