#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# DBD::ODBC as a program uses it, a line of standard input at a time: see pool_client.c.
use strict;
use warnings;
use DBI;

$| = 1;
my (%connections, %statements);

my %commands = (
    connect => sub {
        my ($name, $string) = @_;
        $connections{$name} = DBI->connect("dbi:ODBC:$string", undef, undef,
            {RaiseError => 1, PrintError => 0, AutoCommit => 1});
    },
    disconnect => sub { (delete $connections{$_[0]})->disconnect },
    manual => sub { $connections{$_[0]}{AutoCommit} = 0 },
    automatic => sub { $connections{$_[0]}{AutoCommit} = 1 },
    commit => sub { $connections{$_[0]}->commit },
    rollback => sub { $connections{$_[0]}->rollback },
    exec => sub { $connections{$_[0]}->do($_[1]) },
    allocate => sub { },
    execute => sub {
        my ($name, $sql) = @_;
        $statements{$name} = $connections{$name}->prepare($sql);
        $statements{$name}->execute;
    },
    "free-statement" => sub { (delete $statements{$_[0]})->finish },
);

while (my $line = <STDIN>) {
    chomp $line;
    my ($word, $name, $rest) = split / /, $line, 3;
    my $done = eval { $commands{$word}->($name, $rest // ""); 1 };
    print $done ? "ok\n" : "error " . (DBI->state // "HY000") . "\n";
    warn $@ unless $done;
}
