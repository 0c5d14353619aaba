-- Returns the supervisors who may review a conversation: those of the hotline who took no part in it.
create or replace function quality_reviewers(conversation uuid) returns setof int
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.id from access_user u
        join access_agency a on a.id = u.agency_id
        join contacts_contact c on c.id = conversation
    where u.is_active and u.role = 'supervisor' and a.kind = 'hotline' and u.id <> c.operator_id
        and not exists (select from vault_grant g where g.key_id = c.key_id and g.holder = 'u' || u.id)
$$;

-- Returns whether every review of a sample is in. Of two reviewers, one may have left the line meanwhile: then one is enough.
create or replace function quality_is_complete(sample quality_sample) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select count(*) > 0
        and count(*) >= least(sample.reviewers, (select count(*) from quality_reviewers(sample.contact_id)))
    from quality_review r where r.sample_id = sample.id
$$;

-- Marks samples as ready whose missing reviewer left the line.
create or replace function quality_settle(at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update quality_sample s set ready_at = at
    where s.ready_at is null and acting.role() = 'hotline/supervisor' and quality_is_complete(s)
$$;

-- Marks a sample as ready when its last review is in. A reviewer cannot see the other's review, so the database counts.
create or replace function quality_reviewed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from quality_sample s where s.id = new.sample_id for update;
    update quality_sample s set ready_at = new.written_at where s.id = new.sample_id and s.ready_at is null
        and quality_is_complete(s);
    return null;
end
$$;

-- Runs quality_reviewed after each review.
create or replace trigger a_sample_is_ready_with_its_last_review after insert on quality_review
    for each row
    execute function quality_reviewed();

-- Refuses a review of a sample that is ready, or of another operator than the sample's.
create or replace function quality_may_review() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from quality_sample s
        where s.id = new.sample_id and s.ready_at is null and s.operator_id = new.operator_id for update;
    if not found then
        raise exception 'this sample is reviewed already' using errcode = '23514';
    end if;
    return new;
end
$$;

-- Runs quality_may_review before each review.
create or replace trigger a_ready_sample_is_reviewed_no_more before insert on quality_review
    for each row
    execute function quality_may_review();

-- Refuses an answer before every review is in, or by another operator than the sample's.
create or replace function quality_may_answer() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from quality_sample s
        where s.id = new.sample_id and s.ready_at is not null and s.operator_id = new.operator_id;
    if not found then
        raise exception 'this sample is not reviewed yet' using errcode = '23514';
    end if;
    return new;
end
$$;

-- Runs quality_may_answer before each answer.
create or replace trigger an_answer_follows_the_reviews before insert on quality_answer
    for each row
    execute function quality_may_answer();

-- Deletes the words of feedback and answers when the key of their contact is destroyed. Marks stay.
create or replace function quality_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update quality_review set feedback = null where key_id = new.id;
    update quality_answer set words = null where key_id = new.id;
    return null;
end
$$;

-- Runs quality_forget when a key is destroyed.
create or replace trigger feedback_is_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function quality_forget();
