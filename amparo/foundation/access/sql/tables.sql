-- The hotline itself is agency 1, and is made with that number after each migration.
select setval(pg_get_serial_sequence('access_agency', 'id'), 1);
