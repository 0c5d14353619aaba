-- The stored checksum must match the stored counts.
alter table snapshot_snapshot add constraint counts_are_what_they_were_summed_to
    check (checksum = encode(sha256(convert_to(counts::text, 'UTF8')), 'hex'));
