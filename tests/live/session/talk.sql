drop table client_talk
create table client_talk (id integer not null primary key, word varchar(40), amount numeric(9,2))
insert into client_talk values (1, 'plain', 1.50)
insert into client_talk values (2, 'zwölf 漢字', -2.25)
insert into client_talk values (3, null, null)
insert into client_talk values (1, 'again', 0)
select id, word, amount from client_talk order by id
select count(*), 'ä' from client_talk where id > 1
select no_such_column from client_talk
update client_talk set word = 'changed' where id > 1
select * from client_talk order by id
help
delete from client_talk
select * from client_talk
drop table client_talk
