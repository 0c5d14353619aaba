create sequence people_number;
