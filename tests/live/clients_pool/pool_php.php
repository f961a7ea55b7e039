<?php
// SPDX-License-Identifier: MIT
// PHP's odbc functions as a program uses them, a line of standard input at a time: see
// pool_client.c. `connect` is odbc_connect, `pconnect` odbc_pconnect.
$connections = [];
$results = [];

$commands = [
    'connect' => function ($name, $string) use (&$connections) {
        return $connections[$name] = odbc_connect($string, '', '');
    },
    'pconnect' => function ($name, $string) use (&$connections) {
        return $connections[$name] = odbc_pconnect($string, '', '');
    },
    'disconnect' => function ($name) use (&$connections) {
        odbc_close($connections[$name]);
        unset($connections[$name]);
        return true;
    },
    // The end of a request: PHP closes what is not persistent.
    'forget' => function ($name) use (&$connections) {
        unset($connections[$name]);
        return true;
    },
    'manual' => function ($name) use (&$connections) {
        return odbc_autocommit($connections[$name], false);
    },
    'automatic' => function ($name) use (&$connections) {
        return odbc_autocommit($connections[$name], true);
    },
    'commit' => function ($name) use (&$connections) {
        return odbc_commit($connections[$name]);
    },
    'rollback' => function ($name) use (&$connections) {
        return odbc_rollback($connections[$name]);
    },
    'exec' => function ($name, $sql) use (&$connections) {
        $result = odbc_exec($connections[$name], $sql);
        return $result && (odbc_free_result($result) || true);
    },
    'allocate' => function () {
        return true;
    },
    'execute' => function ($name, $sql) use (&$connections, &$results) {
        return $results[$name] = odbc_exec($connections[$name], $sql);
    },
    'free-statement' => function ($name) use (&$results) {
        odbc_free_result($results[$name]);
        unset($results[$name]);
        return true;
    },
];

while (($line = fgets(STDIN)) !== false) {
    [$word, $name, $rest] = array_pad(explode(' ', rtrim($line, "\n"), 3), 3, '');
    echo $commands[$word]($name, $rest) ? "ok\n" : 'error ' . odbc_error() . "\n";
}
