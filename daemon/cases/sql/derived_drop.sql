-- Drop the tables derived for the month published before.
drop table if exists due, derived, telling, stand, held, episode, spell, mark, carry, timeline
