# SPDX-License-Identifier: MIT
"""Programs that fork, become daemons, exit with connections open, load and unload the driver
manager, run out of descriptors or may make no sockets: what they print behind the shim is what they
print without it."""

from comparison import (Comparison, SIDES, WITH_DATABASE, built_program, differences, server_of,
                        summary)
from harness import needs_by_row, table

CASES = ("fork-before", "fork-open", "daemonise", "descriptors-reused", "return-open", "exit-open",
         "exit-from-thread", "thread-exit-of-main", "exit-handler", "few-descriptors", "loading")
# Databases behind sockets cannot be reached without.
WITHOUT_SOCKETS = ("without-sockets-eperm", "without-sockets-enosys")


def argv_of(comparison, case):
    if case == "loading":
        return [built_program("session", "loading"), comparison.string()]
    return [built_program("session", "processes"), case, comparison.string(),
            comparison.directory / "written"]


@table(*((d.library, d) for d in WITH_DATABASE))
@needs_by_row(server_of)
def test_process(_, d):
    """The same in odd processes"""
    runs = lines = 0
    problems = []
    for pooling in (False, True):
        with Comparison(d, "programs", pooling) as comparison:
            for case in CASES + (WITHOUT_SOCKETS if d.dialect == "sqlite" else ()):
                argv = argv_of(comparison, case)
                outputs = []
                for side in SIDES:
                    (comparison.directory / "written").unlink(missing_ok=True)
                    outputs.append(comparison.run(side, argv))
                runs, lines = runs + 1, lines + outputs[0].count(b"\n")
                if outputs[0] != outputs[1] or b": " not in outputs[0]:
                    problems.append((f"{case}, {'pooled' if pooling else 'unpooled'}",
                                     differences(*outputs)))
    return summary("programs", runs, lines, problems)
