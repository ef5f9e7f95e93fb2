
    and (subject_type = any({areas})
         or (subject_type, subject) in (select subject_type, subject from affected_subject))
