-- How often a plan goes through a whole table once a row of another: nested loops with whole
-- tables on both sides, and subqueries that are repeated. What yields one row does not count.
-- $1 the plan, from explain (format json)
with recursive node (plan) as (
    select ($1::text)::jsonb -> 0 -> 'Plan'
    union all
    select child from node, jsonb_array_elements(node.plan -> 'Plans') as child
), judged as (
    select plan,
           coalesce(plan ->> 'Parent Relationship' = 'SubPlan'
               and position('hashed ' || (plan ->> 'Subplan Name') in $1::text) = 0, false) as repeated,
           plan -> 'Plans' -> 0 as outer_side, plan -> 'Plans' -> 1 as inner_side
    from node
)
select count(*)
from judged
where (repeated and jsonb_path_exists(plan,
          '$.** ? (@."Function Name" == "generate_series" || @."Node Type" == "CTE Scan")'))
    or (plan ->> 'Node Type' = 'Nested Loop'
        and (select bool_and(
                 jsonb_path_exists(side,
                     '$.** ? (@."Function Name" == "generate_series" || @."Node Type" == "CTE Scan")')
                 and not (side ->> 'Node Type' = 'Aggregate' and side ->> 'Strategy' = 'Plain')
                 and not (side ->> 'Node Type' = 'Limit' and (side ->> 'Plan Rows')::float <= 1))
             from unnest(array[outer_side, inner_side]) as side))
