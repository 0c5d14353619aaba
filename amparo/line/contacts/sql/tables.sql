-- A safe-contact card always follows its contact's choice of privacy.
alter table contacts_contact add constraint a_choice_is_its_contacts unique (id, privacy_choice);
alter table contacts_safecontact add constraint a_card_follows_its_contacts_choice
    foreign key (contact_id, privacy_choice) references contacts_contact (id, privacy_choice)
    on update cascade on delete cascade;
