<?php
// SPDX-License-Identifier: MIT
// A session through PDO_ODBC: talk_pdo.php STRING
error_reporting(E_ALL);
ini_set('display_errors', 'stdout');
ini_set('html_errors', '0');

function attempt($title, $function)
{
    try {
        echo $title, ' ', var_export($function(), true), "\n";
    } catch (PDOException $e) {
        echo $title, ' ', $e->getCode(), ' ', $e->getMessage(), ' ',
            var_export($e->errorInfo, true), "\n";
    }
}

function connect($options = [])
{
    global $argv;
    return new PDO('odbc:' . $argv[1], null, null,
        $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

$pdo = connect();
$attributes = ['AUTOCOMMIT', 'CLIENT_VERSION', 'SERVER_INFO', 'SERVER_VERSION', 'DRIVER_NAME'];
foreach ($attributes as $name) {
    attempt($name, fn() => $pdo->getAttribute(constant("PDO::ATTR_$name")));
}
attempt('drop', fn() => $pdo->exec('drop table client_talk'));
attempt('create', fn() => $pdo->exec('create table client_talk (id integer not null primary key, '
    . 'word varchar(40), amount numeric(9,2), note text)'));
$insert = $pdo->prepare('insert into client_talk values (:id, :word, :amount, :note)');
foreach ([[1, 'plain', '1.50', str_repeat('long ', 2000)], [2, 'zwölf 漢字', '-2.25', ''],
    [3, null, null, null], [1, 'again', '0', '']] as [$id, $word, $amount, $note]) {
    attempt('insert', fn() => $insert->execute(
        ['id' => $id, 'word' => $word, 'amount' => $amount, 'note' => $note]));
}
attempt('all', fn() => $pdo->query('select * from client_talk order by id')
    ->fetchAll(PDO::FETCH_ASSOC));
attempt('meta', function () use ($pdo) {
    $result = $pdo->query('select * from client_talk');
    return array_map(fn($i) => $result->getColumnMeta($i), range(0, $result->columnCount() - 1));
});
attempt('no column', fn() => $pdo->query('select no_such_column from client_talk'));
attempt('no syntax', fn() => $pdo->exec('selekt'));
attempt('begin', fn() => $pdo->beginTransaction());
attempt('delete', fn() => $pdo->exec('delete from client_talk'));
attempt('count', fn() => $pdo->query('select count(*) from client_talk')->fetchColumn());
attempt('roll back', fn() => $pdo->rollBack());
attempt('count', fn() => $pdo->query('select count(*) from client_talk')->fetchColumn());
attempt('drop', fn() => $pdo->exec('drop table client_talk'));
$insert = $pdo = null;
for ($i = 0; $i < 3; $i++) {
    attempt('kept', fn() => connect([PDO::ATTR_PERSISTENT => true])->query('select 1')
        ->fetchColumn());
}
attempt('no such name', fn() => new PDO('odbc:no such name'));
