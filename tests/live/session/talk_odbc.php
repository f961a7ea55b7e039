<?php
// SPDX-License-Identifier: MIT
// A session through PHP's odbc functions: talk_odbc.php STRING
error_reporting(E_ALL);
ini_set('display_errors', 'stdout');
ini_set('html_errors', '0');

function show($title, $value)
{
    echo $title, ' ', var_export($value, true), "\n";
}

function ask($connection, $sql)
{
    $result = @odbc_exec($connection, $sql);
    show($sql, $result !== false);
    if ($result === false) {
        show('error', [odbc_error($connection), odbc_errormsg($connection)]);
        return;
    }
    if (preg_match('/^(select|delete)/', $sql)) { // of others a driver may tell anything
        show('rows', odbc_num_rows($result));
    }
    for ($i = 1; $i <= odbc_num_fields($result); $i++) {
        show('field', [odbc_field_name($result, $i), odbc_field_type($result, $i),
            odbc_field_len($result, $i), odbc_field_scale($result, $i)]);
    }
    while (odbc_num_fields($result) > 0 && ($row = odbc_fetch_array($result))) {
        show('row', $row);
    }
    odbc_free_result($result);
}

$connection = odbc_connect($argv[1], '', '');
show('connected', $connection !== false);
ask($connection, 'drop table client_talk');
ask($connection, 'create table client_talk (id integer not null primary key, word varchar(40), '
    . 'amount numeric(9,2), note text)');
$statement = odbc_prepare($connection, 'insert into client_talk values (?, ?, ?, ?)');
foreach ([[1, 'plain', '1.50', str_repeat('long ', 2000)], [2, 'zwölf 漢字', '-2.25', ''],
    [3, null, null, null], [1, 'again', '0', '']] as $values) {
    show('execute', @odbc_execute($statement, $values));
    show('error', [odbc_error($connection), odbc_errormsg($connection)]);
}
ask($connection, 'select * from client_talk order by id');
ask($connection, 'select no_such_column from client_talk');
ask($connection, 'selekt');
odbc_autocommit($connection, false);
ask($connection, 'delete from client_talk');
ask($connection, 'select count(*) as n from client_talk');
show('rollback', odbc_rollback($connection));
ask($connection, 'select count(*) as n from client_talk');
odbc_autocommit($connection, true);
$columns = odbc_columns($connection, null, null, 'client_talk', '%');
while ($row = odbc_fetch_array($columns)) {
    unset($row['TABLE OID'], $row['TABLE_CAT'], $row['TABLE_QUALIFIER']);
    show('column', $row);
}
ask($connection, 'drop table client_talk');
odbc_close($connection);
for ($i = 0; $i < 3; $i++) {
    $kept = odbc_pconnect($argv[1], '', '');
    ask($kept, 'select 1 as one');
}
show('no such name', @odbc_connect('DSN=no such name', '', ''));
show('error', [odbc_error(), odbc_errormsg()]);
