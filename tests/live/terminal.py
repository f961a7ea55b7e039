# SPDX-License-Identifier: MIT
"""A terminal that tests type into and read: a tmux of their own, with its socket in the world's
directory, so that no other tmux is touched."""

import os
import re
import subprocess

from harness import BUILD, Failure, check, find_program, wait_for


def connmon():
    path = BUILD / "connmon" / "connmon"
    check(path.exists(), f"{path} is not built: run make")
    return str(path)


class Terminal:
    """connmon in a terminal of that size; what it ends with stands on the screen afterwards."""

    def __init__(self, world, arguments, columns=80, lines=24, env=None, resumed=False):
        """`resumed`: once it is stopped, a line brings it back."""
        self.socket = str(world.directory / f"tmux{id(self)}")
        self.raw = world.directory / f"raw{id(self)}"
        settings = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", ""),
                    # A leak check at exit never ends where the terminal's end kills its helper.
                    "ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}
        settings |= env or {}
        command = ("echo before; " + " ".join(
            ["env", *(f"'{k}={v}'" for k, v in settings.items()), connmon(), *arguments])
            + '; echo "status=$?"; stty -a | tr " ;" "\\n\\n" | grep -x -e "-*icanon" -e "-*echo"; '
            + ('read line; fg; echo "again=$?"; ' if resumed else "") + "exec sleep 1000")
        if resumed:
            command = "set -m; " + command
        self.tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y",
                  str(lines), "sh", "-c", "trap : INT QUIT; read line; " + command)
        # Every byte that reaches the terminal, before the terminal makes sense of it.
        self.tmux("pipe-pane", "-o", f"cat >'{self.raw}'")
        self.keys("Enter")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([find_program("tmux"), "-S", self.socket, "kill-server"],
                       stderr=subprocess.DEVNULL, check=False)

    def tmux(self, *arguments):
        done = subprocess.run([find_program("tmux"), "-S", self.socket, *arguments], text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise Failure(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def text(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def screen(self, styles=False):
        """The lines as they stand; with `styles`, with the escapes that colour them."""
        return self.tmux("capture-pane", "-p", *(["-e"] if styles else [])).split("\n")[:-1]

    def pid(self):
        """Of connmon, which the shell in the terminal has started."""
        shell = int(self.tmux("display-message", "-p", "#{pane_pid}"))

        def child():
            with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as f:
                return f.read().split()
        return int(wait_for(child, "connmon")[0])

    def expect(self, line, pattern, column=None):
        """Waits until that line, from that column on, matches."""
        def matches():
            lines = self.screen()
            text = lines[line] if -len(lines) <= line < len(lines) else ""
            return re.match(pattern, text[column or 0:])
        return self._wait(matches, f"/{pattern}/ in line {line}, column {column or 0}")

    def expect_anywhere(self, pattern):
        return self._wait(lambda: any(re.search(pattern, line) for line in self.screen()),
                          f"/{pattern}/ on the screen")

    def _wait(self, condition, what):
        try:
            return wait_for(condition, what)
        except Failure as failure:
            raise Failure(f"{failure}; the screen is\n" + "\n".join(self.screen())) from None
