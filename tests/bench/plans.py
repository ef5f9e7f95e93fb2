"""The plans by which PostgreSQL ran the rules' queries, and what they go through how often."""

import json
import re

SETTINGS = ("session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0",
            "auto_explain.log_format = 'json'", "log_min_messages = 'log'")
RULE = re.compile(r"\s*(?:--[^\n]*\n)*insert into found_row .*?\sselect '(\w+)'", re.S)


def note(hub):
    """Let connections of judging that come write the plan of each statement to the server's log;
    returns where in the log they begin."""
    for setting in SETTINGS:
        hub.sql(f"alter role qs_match in database {hub.database} set {setting}")
    return path(hub).stat().st_size


def forget(hub):
    hub.sql(f"alter role qs_match in database {hub.database} reset all")


def path(hub):
    return hub.cluster.dir / "pg/server.log"


def rules(hub, start):
    """The plan of each rule's query from `start` of the log on, by the rule's id; the last of several."""
    with open(path(hub), "rb") as log:
        log.seek(start)
        text = log.read().decode(errors="replace")
    found = {}
    for entry in re.split(r"\n(?!\t)", text):
        _, plan, body = entry.partition(" plan:\n")
        if plan:
            plan = json.loads(body.replace("\n\t", "\n"))
            match = RULE.match(plan["Query Text"])
            if match:
                found[match[1]] = plan["Plan"]
    return found


def one_row(node):
    return (node["Node Type"] == "Aggregate" and node["Strategy"] == "Plain"
            or node["Node Type"] == "Limit" and node["Plan Rows"] <= 1)


def by_row(node):
    """Whether a scan looks up what another table's row names: only then are columns qualified."""
    return any(re.search(r"\w\.\w", node.get(key, "")) for key in ("Index Cond", "Recheck Cond"))


def goes_through(node):
    """Whether a whole table or common table expression is read, whatever comes of it."""
    if node["Node Type"] == "CTE Scan" or "Relation Name" in node and node["Node Type"] != "ModifyTable":
        return not by_row(node)
    return any(goes_through(child) for child in node.get("Plans", []))


def loops(node, whole=None):
    """The nodes that go through a whole table once for every row of another: nested loops with whole
    tables on both sides, subqueries that are neither hashed nor run once."""
    whole = whole or json.dumps(node)
    children = node.get("Plans", [])
    found = []
    if node["Node Type"] == "Nested Loop" and all(goes_through(child) and not one_row(child)
                                                  for child in children[:2]):
        found.append(node)
    if (node.get("Parent Relationship") == "SubPlan" and goes_through(node)
            and f"hashed {node['Subplan Name']})" not in whole):
        found.append(node)
    return found + [one for child in children for one in loops(child, whole)]
