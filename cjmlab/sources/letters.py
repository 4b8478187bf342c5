"""Letters: what a customer wrote in a ticket or e-mail, without the signature and the letter that it answers."""

from __future__ import annotations

import re

_END = re.compile(
    r"^[ \t]*(?:--[ \t]*|_{5,}|-{3,} ?(?:original message|forwarded message|исходное сообщение|пересылаемое сообщение|原始邮件|原始郵件|转发邮件).*|"
    r"(?:sent from (?:my|mail for)|get outlook for|отправлено (?:с|из)|发自我的|發自我的|来自我的|來自我的|从我的|從我的)[ \t]?.{0,40}|"
    r"on .{6,90} wrote:|.{6,90} (?:пишет|написал|написала|написал\(а\)):|(?:在|於|于).{6,60}(?:写道|寫道)[:：]|"
    r"(?:from|от|发件人|寄件者)[:：][ \t].*@.*)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED = re.compile(r"^[ \t]*>.*(?:\n|$)", re.MULTILINE)


def own_words(letter: str) -> str:
    r"""Return a letter without its signature and without what it quotes; the whole where nothing else is in it.

    Examples
    --------
    >>> own_words("The import fails.\n\n--\nSent from my iPhone"), own_words("> How are you?\nБыло плохо\nОтправлено с iPhone")
    ('The import fails.', 'Было плохо')
    >>> own_words("Sent from my iPhone")
    'Sent from my iPhone'
    """
    body = _QUOTED.sub("", letter.replace("\r\n", "\n"))
    end = _END.search(body)
    return (body[: end.start()] if end else body).strip() or letter
