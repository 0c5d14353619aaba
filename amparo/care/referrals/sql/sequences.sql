create sequence referrals_number;
create sequence reports_number;
