"""Fitted text: lines that stay inside a box, broken by the rules of each script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cjmlab.maps.metrics import is_cjk, text_width

LEADING = 1.3
"""Line distance in Plotly, in font sizes."""
ELLIPSIS = "…"
_NO_START = set("·，。、；：？！）】》〉」』”’…—～·％,.;:?!)]}%»")
_VOWELS = set("aeiouyäöüéèаеёиоуыэюя")
_OPENING = "«„“‘(\"'"
_SHORT = frozenset(
    "в во на с со к ко о об у и а но не ни по за из от до для без под над при the a an of to in on at by for and or".split()
)
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_NO_END = set("（【《〈「『“‘([{«")


def tidy(text: str) -> str:
    r"""Return text on one line with single spaces; spaces that do not break stay.

    Examples
    --------
    >>> tidy("28\u00a0%  of\nall") == "28\u00a0% of all"
    True
    """
    return _SPACES.sub(" ", text).strip(" ")


@dataclass(frozen=True)
class Fitted:
    """Text cut in lines that fit.

    Parameters
    ----------
    lines : tuple of str
        Not escaped.
    size : float
        Font size in pixels.
    bold : bool
        Weight the lines were measured in.
    cut : bool
        Whether words were dropped and an ellipsis put.
    """

    lines: tuple[str, ...]
    size: float
    bold: bool = False
    cut: bool = False

    @property
    def width(self) -> float:
        """Width of the longest line in pixels."""
        return max((text_width(line, self.size, bold=self.bold) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """Height of all lines in pixels."""
        return len(self.lines) * self.size * LEADING


@lru_cache(maxsize=20_000)
def fit_text(text: str, width: float, *, size: float, lines: int = 2, bold: bool = False) -> Fitted:
    """Break text into at most ``lines`` lines of at most ``width`` pixels.

    Words break at spaces; Chinese breaks anywhere, but never before a closing or after an opening mark, and leaves no
    single character on the last line; a word wider than the box is cut with a hyphen. What does not fit is dropped
    and an ellipsis says so.

    Parameters
    ----------
    text : str
        Not escaped.
    width : float
        Pixels.
    size : float
        Font size in pixels.
    lines : int
        Most lines.
    bold : bool
        Weight.

    Returns
    -------
    Fitted

    Examples
    --------
    >>> fit_text("Abandons the cart twice before paying by card", 120, size=12).lines
    ('Abandons the cart', 'twice before…')
    >>> fit_text("到了晚上八点都没有人。", 108, size=12).lines
    ('到了晚上八点都', '没有人。')
    """
    if not text.strip() or width <= 0 or lines < 1:
        return Fitted((), size, bold)
    broken = _break(_pieces(tidy(text)), width, size, bold)
    if len(broken) <= lines:
        return Fitted(tuple(_without_orphan(broken, width, size, bold)), size, bold)
    last = _shorten(broken[lines - 1] + _rest(broken, lines), width, size, bold, whole=lines > 1)
    return Fitted((*broken[: lines - 1], last), size, bold, cut=True)


def fit_whole(text: str, width: float, *, sizes: Sequence[float], lines: int = 2, bold: bool = False) -> Fitted:
    """Break text as ``fit_text`` does, in the first of some sizes in which no word is broken and nothing cut.

    A size in which a joining word stands alone on a line is second choice. When there is none, a word is broken or
    words are cut in the smallest.

    Examples
    --------
    >>> fit_whole("Использовать", 90, sizes=(13, 12, 11), lines=2).size
    12
    """
    second: Fitted | None = None
    for size in sizes:
        fitted = fit_text(text, width, size=size, lines=lines, bold=bold)
        if fitted.cut or longest_word(text, size=size, bold=bold) > width:
            continue
        if not any(line.strip(_OPENING).casefold() in _SHORT for line in fitted.lines):
            return fitted
        second = second or fitted
    return second or fit_text(text, width, size=sizes[-1], lines=lines, bold=bold)


@lru_cache(maxsize=2_000)
def fit_evenly(text: str, width: float, *, size: float, lines: int = 2, bold: bool = False) -> Fitted:
    """Break text as ``fit_text`` does, in lines of about the same length.

    Examples
    --------
    >>> fit_evenly("good that every card and wallet works", 220, size=12).lines
    ('good that every card', 'and wallet works')
    """
    widest = fit_text(text, width, size=size, lines=lines, bold=bold)
    best = widest
    for share in range(95, 45, -5):
        narrower = fit_text(text, width * share / 100, size=size, lines=lines, bold=bold)
        if len(narrower.lines) > len(widest.lines) or narrower.cut != widest.cut or widest.cut:
            break
        best = narrower
    return best


def _rest(broken: list[str], lines: int) -> str:
    joint = "" if is_cjk(broken[lines][0]) or is_cjk(broken[lines - 1][-1]) else " "
    return joint + broken[lines]


def fit_line(text: str, width: float, *, size: float, bold: bool = False) -> str:
    """Return one line that fits, with an ellipsis where it was cut.

    Examples
    --------
    >>> fit_line("Weekend planners of the old town", 110, size=12)
    'Weekend planne…'
    """
    fitted = fit_text(text, width, size=size, lines=1, bold=bold)
    return fitted.lines[0] if fitted.lines else ""


@lru_cache(maxsize=20_000)
def longest_word(text: str, *, size: float, bold: bool = False) -> float:
    """Return the width of the longest piece that should not be broken; four characters of Chinese count as one.

    Examples
    --------
    >>> longest_word("Live stream", size=10) == longest_word("stream", size=10), longest_word("社交媒体广告", size=10)
    (True, 40)
    """
    pieces = [piece.strip() for piece in _pieces(tidy(text))]
    chinese = sum(text_width(piece, size, bold=bold) for piece in pieces if piece and is_cjk(piece[0]))
    other = max((text_width(piece, size, bold=bold) for piece in pieces if piece and not is_cjk(piece[0])), default=0.0)
    return max(other, min(chinese, 4 * size))


def _pieces(text: str) -> list[str]:
    """Cut text into the smallest pieces that must stay together; a leading space belongs to its piece."""
    pieces: list[str] = []
    for character in text:
        previous = pieces[-1][-1] if pieces else ""
        glued = bool(previous) and (
            character in _NO_START
            or (previous in _NO_END and previous != " ")
            or previous == " "
            or not (character == " " or is_cjk(character) or is_cjk(previous) or previous in "–—/")
        )
        if pieces and glued:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _break(pieces: list[str], width: float, size: float, bold: bool) -> list[str]:
    broken, line = [], ""
    for piece in _tied(pieces, width, size, bold):
        if text_width((line + piece).strip(), size, bold=bold) <= width:
            line += piece
            continue
        if line.strip():
            broken.append(line.strip())
        line = piece.lstrip()
        while text_width(line, size, bold=bold) > width and len(line) > 1:
            head, line = _split_word(line, width, size, bold)
            broken.append(head)
    if line.strip():
        broken.append(line.strip())
    return broken


def _tied(pieces: list[str], width: float, size: float, bold: bool) -> list[str]:
    """Tie short words (в, на, a, to …) to the next one where the two fit, so that none ends a line.

    A chain of them is tied only within half a line: longer ones would leave lines short.
    """
    tied: list[str] = []
    for piece in pieces:
        last = tied[-1].strip() if tied else ""
        short = last and piece.startswith(" ") and last.split(" ")[-1].strip(_OPENING).casefold() in _SHORT
        room = width / 2 if " " in last else width
        if short and text_width(tied[-1].strip() + piece, size, bold=bold) <= room:
            tied[-1] += piece
        else:
            tied.append(piece)
    return tied


def _split_word(word: str, width: float, size: float, bold: bool) -> tuple[str, str]:
    """Split a long piece in as much as fits and the rest: at a space, else at a syllable with a hyphen."""
    count = 1
    while count < len(word) and text_width(word[: count + 1] + "-", size, bold=bold) <= width:
        count += 1
    if " " in word[: count + 1].strip():
        at = word[: count + 1].strip().rindex(" ")
        return word[:at].strip(), word[at:].strip()
    hyphens = [
        k
        for k in range(2, min(count, len(word) - 1))
        if word[k] == "-" and word[k - 1].isalpha() and word[k + 1].isalpha()
    ]
    if hyphens:
        return word[: hyphens[-1] + 1], word[hyphens[-1] + 1 :]
    first = len(word) - len(word.lstrip(_OPENING))
    if is_cjk(word[min(count, len(word) - 1)]) or not word[first:count].isalpha():
        return word[:count], word[count:]
    letters = next((k for k in range(first, len(word)) if not word[k].isalpha()), len(word))
    at = next((k for k in range(count, first + 1, -1) if _syllable_ends(word[first:letters], k - first)), count)
    hyphen = "-" if word[at : at + 1].isalpha() else ""
    return word[:at] + hyphen, word[at:]


def _syllable_ends(word: str, at: int) -> bool:
    """Tell whether a word may be hyphenated at a place: a vowel and two letters on both sides, no loose sign."""
    head, tail = word[:at].casefold(), word[at:].casefold()
    if len(head) < 2 or len(tail) < 2 or not set(head) & _VOWELS or not set(tail) & _VOWELS:
        return False
    if tail[0] in "ьъй" or not (head + tail).isalpha():
        return False
    return tail[0] not in _VOWELS and tail[1] in _VOWELS


def _without_orphan(broken: list[str], width: float, size: float, bold: bool) -> list[str]:
    """Move characters down so that the last line of Chinese is not one character, its mark aside."""
    if len(broken) < 2:
        return broken
    last, before = broken[-1], broken[-2]
    solid = [c for c in last if c not in _NO_START]
    if len(solid) > 1 or not all(map(is_cjk, solid)) or len(before) < 4 or not is_cjk(before[-1]):
        return broken
    take = 2
    while take < len(before) - 1 and (before[-take] in _NO_START or before[-take - 1] in _NO_END):
        take += 1
    moved = before[-take:] + last
    if moved[0] in _NO_START or before[-take - 1] in _NO_END:
        return broken
    if text_width(moved, size, bold=bold) > width:
        return broken
    return [*broken[:-2], before[:-take].rstrip(), moved]


def _shorten(line: str, width: float, size: float, bold: bool, *, whole: bool) -> str:
    """Cut a line for an ellipsis: after a ``whole`` word, unless that leaves less than half of the line."""
    full = line
    while line and text_width(line + ELLIPSIS, size, bold=bold) > width:
        line = line[:-1]
    words, space, part = line.rpartition(" ")
    inside = bool(space and part) and not is_cjk(part[-1]) and full[len(line) : len(line) + 1].strip() != ""
    if whole and inside and text_width(words, size, bold=bold) > width / 2:
        line = words
        while line.rpartition(" ")[2].strip(_OPENING).casefold() in _SHORT:
            line = line.rpartition(" ")[0]
    return line.rstrip(" ,;:，、；：-–—") + ELLIPSIS
