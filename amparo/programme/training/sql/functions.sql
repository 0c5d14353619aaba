-- Gives the acting user the certificate of a practice that they passed, once; of a course with a quiz, after they passed
-- it too. It does nothing otherwise, nothing while a supervisor has revoked one of this queue and issued none since, and
-- nothing for the SQL of a page: the purpose is signed by the code that scores.
create or replace function training_certify(
    practice bigint, queue text, at timestamptz, expires timestamptz, has_quiz bool
) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    with passed as (
        select p.id, p.user_id, p.course_code from training_practice p
        where p.id = practice and p.user_id = acting.user_id() and p.passed and p.certificate_id is null
            and acting.purpose() = 'scores_practice' and acting.role() in ('hotline/operator', 'hotline/supervisor')
            and (not has_quiz or exists (select from training_quizresult q
                where q.user_id = p.user_id and q.course_code = p.course_code and q.passed))
            and not exists (select from roster_certificate r
                where r.user_id = p.user_id and r.queue = training_certify.queue and r.revoked_at is not null
                    and not exists (select from roster_certificate later
                        where later.user_id = r.user_id and later.queue = r.queue and later.issued_by_id is not null
                            and later.revoked_at is null and later.issued_at >= r.revoked_at))
    ), made as (
        insert into roster_certificate (user_id, queue, issued_at, expires_at, course)
        select user_id, training_certify.queue, at, least(expires, at + interval '3 years'), course_code from passed
        returning id
    )
    update training_practice set certificate_id = (select id from made) where id in (select id from passed)
$$;

-- Keeps what the trainee of a practice call notes in its contact where the worker reads it, which sees no practice contact.
create or replace function training_note_contact() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update training_practice set noted = array_remove(array[
        case when new.safe_to_talk <> 'not_asked' then 'safe_to_talk' end,
        case when new.confidentiality_explained_at is not null then 'limits' end,
        case when new.urgency <> '' then 'urgency' end,
        case when 'danger' = any (noted) then 'danger' end], null)
    where call = new.call_id;
    return null;
end
$$;

-- Runs training_note_contact for practice contacts.
create or replace trigger what_a_trainee_notes after insert or update on contacts_contact
    for each row
    when (new.practice_of_id is not null and new.call_id is not null)
    execute function training_note_contact();

-- Keeps that the trainee of a practice call marked danger. Of other calls it finds no practice.
create or replace function training_note_danger() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update training_practice set noted = array_append(array_remove(noted, 'danger'), 'danger') where call = new.call_id;
    return null;
end
$$;

-- Runs training_note_danger when somebody of the line marks danger.
create or replace trigger what_a_trainee_marks after insert on switchboard_callevent
    for each row
    when (new.kind = 'danger' and new.user_id is not null)
    execute function training_note_danger();

-- A practice begins at its first step, and without a score.
drop policy if exists a_practice_begins_at_its_start on training_practice;
create policy a_practice_begins_at_its_start on training_practice as restrictive for insert with check (
    step = 'start' and path = '[]' and noted = '{}' and finished_at is null and met = '{}' and points is null
    and not passed and certificate_id is null);

-- Only the code that plays and scores a practice changes it: nobody writes their own score by SQL in a page.
drop policy if exists nobody_scores_their_own_practice on training_practice;
create policy nobody_scores_their_own_practice on training_practice as restrictive for update using (
    current_user <> current_database() || '_web' or (select acting.purpose()) = 'scores_practice');

-- Only the code that looks at the answers writes the result of a quiz.
drop policy if exists nobody_scores_their_own_quiz on training_quizresult;
create policy nobody_scores_their_own_quiz on training_quizresult as restrictive for insert with check (
    current_user <> current_database() || '_web' or (select acting.purpose()) = 'scores_practice');
