-- A case refers to its next task by id, due date and open flag. The foreign key refuses a next task that is done or has
-- another due date.
alter table cases_task add constraint a_task_is_known_with_its_date unique (id, due, is_open);
alter table cases_case add column next_is_open boolean
    generated always as (case when next_task_id is not null then true end) stored;
alter table cases_case add constraint the_next_task_is_open_and_due_then
    foreign key (next_task_id, next_due, next_is_open) references cases_task (id, due, is_open)
    deferrable initially deferred;
