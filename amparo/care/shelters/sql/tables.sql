-- The requester and the approver of a placement each have an approval of their own: nobody can sign for another.
alter table shelters_approval add constraint an_approval_is_known_with_its_role unique (placement_id, by_id, as_role);
alter table shelters_placement add constraint who_asks_approved_it_too
    foreign key (id, requested_by_id) references shelters_approval (placement_id, by_id) deferrable initially deferred;
alter table shelters_placement add constraint who_approved_said_so_in_that_role
    foreign key (id, approved_by_id, approved_as) references shelters_approval (placement_id, by_id, as_role)
    deferrable initially deferred;
