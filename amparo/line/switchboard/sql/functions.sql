-- A practice call is seen by its trainee alone: by no colleague, supervisor or figure. The switchboard carries it.
drop policy if exists practice_is_its_trainees_alone on switchboard_call;
create policy practice_is_its_trainees_alone on switchboard_call as restrictive for all using (
    practice_of_id is null or practice_of_id = (select acting.user_id())
    or (select acting.role()) = 'system/switchboard');

-- So are its events.
drop policy if exists events_of_practice_are_its_trainees_alone on switchboard_callevent;
create policy events_of_practice_are_its_trainees_alone on switchboard_callevent as restrictive for select using (
    (select acting.role()) = 'system/switchboard'
    or exists (select from switchboard_call c where c.id = call_id offset 0));
