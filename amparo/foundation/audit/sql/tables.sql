alter table audit_entry
    add constraint fields_are_names_and_never_values check (array_to_string(fields, ' ') ~ '^[a-z_ ]*$'),
    -- Without counted repeats, which took most of the time of an entry.
    add constraint a_purpose_is_one_word check (purpose ~ '^[a-z_]*$' and length(purpose) <= 40),
    add constraint an_entry_names_a_verb check (what ~ '^[a-z_]+$' and length(what) <= 40),
    -- A noun; or with it a number of at most seven digits, too short for a telephone's; or a UUID.
    add constraint an_entry_is_about_a_row_or_a_list check (
        about ~ '^[a-z_]+( ([0-9]+|[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+))?$'
        and length(split_part(about, ' ', 1)) <= 40
        and (about not like '% ________%' or about like '% ________-____-____-____-____________'));
