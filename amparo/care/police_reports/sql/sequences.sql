create sequence reports_number;
