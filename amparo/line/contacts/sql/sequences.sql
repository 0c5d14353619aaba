create sequence contacts_number start 1001;
