"""Channels: the many words of logs for one channel, in four languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from cjmlab.sources.scales import fold


def channel_id(word: str) -> str | None:
    """Return the id of a channel from any word for it, or None when the word is not known.

    Examples
    --------
    >>> channel_id("小程序"), channel_id("企业微信"), channel_id("Сайт"), channel_id("Магазин"), channel_id("tea room")
    ('mini_program', 'wecom', 'web', 'store', None)
    """
    return _aliases().get(fold(word).replace("_", " "))


def list_channels() -> list[str]:
    """Return the ids of the channels that are known.

    Examples
    --------
    >>> "official_account" in list_channels()
    True
    """
    return list(dict.fromkeys(_aliases().values()))


@cache
def _aliases() -> dict[str, str]:
    text = (resources.files("cjmlab.sources") / "data" / "channels.toml").read_text("utf-8")
    aliases: dict[str, str] = {}
    for identity, words in tomllib.loads(text).items():
        for word in (identity.replace("_", " "), *words):
            aliases[fold(word)] = identity
    return aliases
