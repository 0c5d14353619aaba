create sequence referrals_number;
