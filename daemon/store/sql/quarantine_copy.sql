-- Write quarantined rows.
copy ops.quarantine (county, submission, row_no, field, reason, hub, id_no, name, name_key, phone,
    household_no)
from stdin (format binary)
