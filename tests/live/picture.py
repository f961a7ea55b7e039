# SPDX-License-Identifier: MIT
"""A terminal's screen as an SVG picture."""

import html
import re

CELL = (8.43, 17)  # of a font of 14 pixels whose characters are 0.602 as wide as they are high
MARGIN = 12
COLOURS = {30: "#5c6370", 31: "#ff6b68", 32: "#8cc265", 33: "#e5c07b", 36: "#56b6c2"}
BACKGROUND, FOREGROUND, FAINT = "#1b1f27", "#d7dae0", "#8b929e"

PLAIN = (None, False, False, False, False)  # colour, bold, faint, underlined, reversed


def changed(style, code):
    colour, bold, faint, underlined, reverse = style
    if code == 0:
        return PLAIN
    if 30 <= code <= 37 or code == 39:
        return (COLOURS.get(code), bold, faint, underlined, reverse)
    return (colour, bold or code == 1, faint or code == 2, underlined or code == 4,
            reverse or code == 7)


def spans(lines):
    """(row, column, text, style): runs of one style. The escapes of a line hold on in the next."""
    style = PLAIN
    for row, line in enumerate(lines):
        column = 0
        for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
            if piece.startswith("\x1b"):
                for code in piece[2:-1].split(";"):
                    style = changed(style, int(code or 0))
            elif piece:
                yield row, column, piece, style
                column += len(piece)


def rectangle(x, y, width, height):
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def graph(x, y, character):
    """A block or a braille character, drawn, for fonts differ in them."""
    code = ord(character)
    if 0x2581 <= code <= 0x2588:
        height = CELL[1] * (code - 0x2580) / 8
        yield rectangle(x, y + CELL[1] - height, CELL[0] + 0.1, height)
    for bit, (column, row) in enumerate(
            ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))):
        if 0x2800 <= code <= 0x28ff and code >> bit & 1:
            yield rectangle(x + 1 + column * CELL[0] / 2, y + 1.5 + row * CELL[1] / 4, 2.6, 3)


def put(row, column, text, style):
    colour, bold, faint, underlined, reverse = style
    fill = colour or (FAINT if faint else FOREGROUND)
    x, y = MARGIN + column * CELL[0], MARGIN + row * CELL[1]
    if reverse:
        # A little wider, so that no seam shows between two.
        yield f'<path d="{rectangle(x, y, len(text) * CELL[0] + 0.4, CELL[1])}" fill="{fill}"/>'
        fill = BACKGROUND
    extra = ' font-weight="bold"' if bold else ""
    extra += ' text-decoration="underline"' if underlined else ""
    for word in re.finditer(r"[^ \u2581-\u2588\u2800-\u28ff]+", text):
        yield (f'<text x="{x + word.start() * CELL[0]:.1f}" y="{y + 13:.1f}" fill="{fill}"{extra}>'
               f"{html.escape(word[0])}</text>")
    drawn = "".join(part for n, character in enumerate(text)
                    for part in graph(x + n * CELL[0], y, character))
    if drawn:
        yield f'<path d="{drawn}" fill="{fill}"/>'


def svg(lines, columns):
    width, height = columns * CELL[0] + 2 * MARGIN, len(lines) * CELL[1] + 2 * MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-size="14" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">',
        f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>',
        *(drawn for span in spans(lines) for drawn in put(*span)), "</svg>", ""])
