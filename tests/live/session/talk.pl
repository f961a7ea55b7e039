#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A session through DBD::ODBC: talk.pl STRING
use strict;
use warnings;
use utf8;
use DBI;

binmode STDOUT, ':utf8';

sub show {
    my ($title, @values) = @_;
    print $title, ' ', join(', ', map { defined $_ ? "<$_>" : 'undef' } @values), "\n";
}

sub fault {
    my ($handle) = @_;
    show('error', $handle->err, $handle->state, $handle->errstr) if $handle->err;
}

sub ask {
    my ($dbh, $sql, @values) = @_;
    my $sth = $dbh->prepare($sql);
    show($sql, $sth ? 'prepared' : undef);
    return fault($dbh) unless $sth;
    show('executed', $sth->execute(@values));
    fault($sth);
    return if $sth->err || !$sth->{NUM_OF_FIELDS};
    show('names', @{ $sth->{NAME} });
    show('types', @{ $sth->{TYPE} });
    show('precision', @{ $sth->{PRECISION} });
    show('nullable', @{ $sth->{NULLABLE} });
    while (my @row = $sth->fetchrow_array) {
        show('row', @row);
    }
    fault($sth);
}

my %quiet = (PrintError => 0, RaiseError => 0, PrintWarn => 0);
my $dbh = DBI->connect("dbi:ODBC:$ARGV[0]", undef, undef, {%quiet}) or die $DBI::errstr;
$dbh->{LongReadLen} = 20000;
for my $id (1 .. 175) {
    next if $id >= 3 && $id <= 5 || $id == 76 || $id == 135;    # addresses
    show("info $id", $dbh->get_info($id));
}
ask($dbh, 'drop table client_talk');
ask($dbh, 'create table client_talk (id integer not null primary key, word varchar(40), '
    . 'amount numeric(9,2), note text)');
for my $values ([1, 'plain', '1.50', 'long ' x 2000], [2, 'zwölf 漢字', '-2.25', ''],
    [3, undef, undef, undef], [1, 'again', '0', '']) {
    ask($dbh, 'insert into client_talk values (?, ?, ?, ?)', @$values);
}
ask($dbh, 'select * from client_talk order by id');
ask($dbh, 'select word from client_talk where id = ?', 2);
ask($dbh, 'select no_such_column from client_talk');
ask($dbh, 'selekt');
$dbh->{AutoCommit} = 0;
ask($dbh, 'delete from client_talk');
show('rollback', $dbh->rollback);
ask($dbh, 'select count(*) from client_talk');
show('commit', $dbh->commit);
$dbh->{AutoCommit} = 1;
show('tables', grep { /client_talk/ } $dbh->tables('', '', 'client_talk', 'TABLE'));
my $columns = $dbh->column_info(undef, undef, 'client_talk', '%');
while (my $row = $columns->fetchrow_arrayref) {
    show('column', @$row[2 .. 11]);
}
for my $type ($dbh->type_info) {
    show('type', map { "$_=" . (defined $type->{$_} ? $type->{$_} : 'undef') } sort keys %$type);
}
show('ping', $dbh->ping);
ask($dbh, 'drop table client_talk');
show('disconnect', $dbh->disconnect);
show('no such name', DBI->connect('dbi:ODBC:DSN=no such name', '', '', {%quiet}), $DBI::errstr);
