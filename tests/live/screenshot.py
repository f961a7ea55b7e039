#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures of connmon's screen: screenshot.py FOLDER writes its pages as SVG, from a real run with
the figures of fleet_feed.py."""

import html
import pathlib
import random
import re
import sys
import time

import fleet_feed
from harness import World, wait_for
from terminal import Terminal

CELL = (8.43, 17)  # of a font of 14 pixels whose characters are 0.602 as wide as they are high
MARGIN = 12
COLOURS = {30: "#5c6370", 31: "#ff6b68", 32: "#8cc265", 33: "#e5c07b", 36: "#56b6c2"}
BACKGROUND, FOREGROUND, FAINT = "#1b1f27", "#d7dae0", "#8b929e"
HISTORY_S = 45  # what the graphs show, at two figures a second


def spans(line):
    """(text, style) of a line with escapes; a style is (colour, bold, faint, underlined, reversed)."""
    style = (None, False, False, False, False)
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not piece.startswith("\x1b"):
            if piece:
                yield piece, style
            continue
        for code in (int(c or 0) for c in piece[2:-1].split(";")):
            colour, bold, faint, underlined, reverse = style
            if code == 0:
                style = (None, False, False, False, False)
            elif code in (1, 2, 4, 7):
                style = (colour, bold or code == 1, faint or code == 2, underlined or code == 4,
                         reverse or code == 7)
            elif 30 <= code <= 37 or code == 39:
                style = (COLOURS.get(code), bold, faint, underlined, reverse)


def put(column, row, text, style):
    colour, bold, faint, underlined, reverse = style
    fill = colour or (FAINT if faint else FOREGROUND)
    x, y = MARGIN + column * CELL[0], MARGIN + row * CELL[1]
    width = len(text) * CELL[0]
    if reverse:
        yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{CELL[1]}" fill="{fill}"/>'
        fill = BACKGROUND
    if not text.strip():
        return
    extra = ' font-weight="bold"' if bold else ""
    extra += ' text-decoration="underline"' if underlined else ""
    yield (f'<text x="{x:.1f}" y="{y + 13:.1f}" textLength="{width:.1f}" fill="{fill}"{extra}>'
           f'{html.escape(text)}</text>')


def svg(lines, columns):
    width, height = columns * CELL[0] + 2 * MARGIN, len(lines) * CELL[1] + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
           f'viewBox="0 0 {width:.0f} {height:.0f}" xml:space="preserve" font-size="14" '
           'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">',
           f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>']
    for row, line in enumerate(lines):
        column = 0
        for text, style in spans(line):
            out.extend(put(column, row, text, style))
            column += len(text)
    return "\n".join([*out, "</svg>", ""])


def trouble(feed):
    """What somebody might see at three in the morning."""
    with feed.lock:
        feed.program("app-02", "orders").rates.update(stale=0.7, invalidated=0.7, failures=1.1)
        feed.program("web-03", "search").gauges["reuse"] = 12
        feed.program("batch-01", "nightly.py").gauges["oldest"] = 5412
        feed.silent.add("app-04")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    random.seed(3)
    with World() as world, fleet_feed.FleetFeed(25828, interval=0.2) as feed:
        feed.breathes = True
        with Terminal(world, ["--interval", "0.2"], 116, 30) as terminal:
            terminal.expect(6, ". shop")
            time.sleep(6)
            trouble(feed)
            wait_for(lambda: feed.rounds > HISTORY_S * 2, "the graphs")
            terminal.keys("!")
            terminal.expect(6, r"[!?] ")
            terminal.expect_anywhere("silent")
            (folder / "connmon.svg").write_text(svg(terminal.screen(styles=True), 116),
                                                encoding="utf-8")
            terminal.keys("/")
            terminal.text("orders")
            terminal.keys("Enter", "Home")
            wait_for(lambda: any("! orders" in line for line in terminal.screen()), "the filter")
            while not re.match(r"! orders", terminal.screen()[6]):
                terminal.keys("!")
                time.sleep(0.5)
            terminal.keys("Enter")
            terminal.expect(0, "orders on app-02", 25)
            (folder / "connmon-program.svg").write_text(svg(terminal.screen(styles=True), 116),
                                                        encoding="utf-8")


if __name__ == "__main__":
    main()
