create sequence cases_number start 1001;
create sequence entries_number as bigint;
