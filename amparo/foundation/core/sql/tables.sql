create schema acting;
create table acting.secret (inner_pad bytea not null, outer_pad bytea not null);
create table acting.gate (applied text not null);
