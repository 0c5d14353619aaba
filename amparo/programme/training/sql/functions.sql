-- Gives the acting user the certificate of a practice that they passed, once. It does nothing otherwise.
create or replace function training_certify(practice bigint, queue text, at timestamptz, expires timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    with passed as (
        select p.id, p.user_id, p.course_code from training_practice p
        where p.id = practice and p.user_id = acting.user_id() and p.passed and p.certificate_id is null
            and acting.role() in ('hotline/operator', 'hotline/supervisor')
    ), made as (
        insert into roster_certificate (user_id, queue, issued_at, expires_at, course)
        select user_id, training_certify.queue, at, least(expires, at + interval '3 years'), course_code from passed
        returning id
    )
    update training_practice set certificate_id = (select id from made) where id in (select id from passed)
$$;
