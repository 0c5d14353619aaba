-- A month is told once, alone or within its quarter, and then corrected. Two editions that overlap could be subtracted.
alter table publishing_edition add constraint editions_do_not_overlap exclude using gist (
    daterange(first_day, (first_day + make_interval(months => months))::date) with &&
) where (corrects_id is null);
