"""Names of people in texts: those that introduce themselves, that stand behind a title, or that the study's files name.

Best effort: a name that stands alone and in no file is not known from a word. ``benchmarks/privacy.py`` prints how many
of each kind are found, and how many look-alikes are taken for names.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator

_SURNAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁"
    "任沈姚卢盧姜崔钟鍾谭譚陆陸汪范廖石韦韋贾賈夏付方白邹鄒孟熊秦邱侯江尹薛闫阎閻段雷龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武戴莫孔汤湯𠮷"
)
_DOUBLE = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|東方|皇甫|尉迟|尉遲|公孙|公孫|慕容|令狐|夏侯"
_NO_GIVEN = "了的是在来來去过過吗嗎呢吧啊你我他她们們这這那就都也很不没沒有要会會和与與跟给給说說到得地着著个個"
_HAN = rf"(?:{_DOUBLE}|[{_SURNAMES}])[^\W\d_a-zA-Zа-яёА-ЯЁ{_NO_GIVEN}][^\W\d_a-zA-Zа-яёА-ЯЁ{_NO_GIVEN}]?"
_TITLES = "先生|女士|小姐|太太|经理|經理|医生|醫生|医师|醫師|护士|護士|师傅|師傅|老师|老師|店长|店長"
_NO_NAMES = (
    "任何|许多|許多|方便|马上|馬上|万一|萬一|白天|周[一二三四五六日末边邊]|任意|江南|黄金|黃金|石油|钱包|錢包|夏[天季]|严重|嚴重|于是|由于|万能|"
    "方才|马路|馬路|史上|程序|易于|段时|毛巾|武汉|白色|黄色|黃色|任由|徐徐"
)
"""Words that begin as a name does, and stand before a title as well."""
_LATIN = r"[A-Z][a-zA-Z'’-]*[a-z](?:\s+[A-Z][a-zA-Z'’-]*[a-z]){0,2}"
_CYRILLIC = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?(?:\s+[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?){0,2}"
_MIDDLE = r"[А-ЯЁ][а-яё]+(?:ович|евич|ьич|овн|евн|ичн)[а-яё]{0,3}"
_RULES = tuple(
    re.compile(words)
    for words in (
        rf"(?:[Mm]y name(?:['’]s| is)|[Mm]y full name(?:['’]s| is)|[Tt]his is(?= [A-Z][a-z]+ (?:speaking|from|calling))|[Yy]ours,|"
        rf"[Rr]egards,|[Ss]igned,)\s+(?P<name>{_LATIN})",
        rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s+(?P<name>{_LATIN})",
        rf"(?:[Мм]еня зовут|[Мм]о[её] имя|[Мм]оя фамилия|[Сс] уважением,)\s+(?P<name>{_CYRILLIC})",
        rf"\b(?:[Дд]октор|[Вв]рач|[Мм]едсестр|[Гг]оспод|[Гг]осп|[Гг]-н|[Гг]-ж)[а-яё]{{0,3}}\.?\s+(?P<name>{_CYRILLIC})",
        rf"(?P<name>(?:[А-ЯЁ][а-яё]+\s+){{1,2}}{_MIDDLE}(?:\s+[А-ЯЁ][а-яё]+(?:ов|ев|ин|ын|ск|цк)[а-яё]{{0,3}})?)",
        r"(?P<name>(?:[А-ЯЁ]\.\s?){2}[А-ЯЁ][а-яё]+|[А-ЯЁ][а-яё]+\s[А-ЯЁ]\.\s?[А-ЯЁ]\.)",
        rf"(?:我叫|我名叫|我的名字是|我的名字叫|我的姓名是|本人)(?P<name>{_HAN})(?![\u4e00-\u9fff]{{0,2}}服务)",
        rf"(?<![由对對关關至等终終属屬任如])(?!{_NO_NAMES})(?P<name>(?:{_DOUBLE}|[{_SURNAMES}])[^\W\d_a-zA-Z]{{0,2}}?)(?={_TITLES})",
        r"(?P<name>[高金温溫安])(?=先生|女士|小姐)",
    )
)
_HINT = re.compile(
    r"name|Mr|Ms|Miss|Dr|Prof|This is|this is|ours,|egards,|igned,|зовут|имя|фамили|важением|октор|рач|едсестр|осп|[Гг]-[нж]|"
    rf"ович|евич|ьич|овн|евн|ичн|[А-ЯЁ]\.|我叫|我名叫|我的名字|我的姓名|本人|{_TITLES}"
)
"""What stands in every text in which a rule finds a name."""
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_WIDE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_SHORTEST, _LONGEST_WIDE = 2, 4
_ENDING = re.compile(r"(?:ою|ею|ой|ей|ого|его|ому|ему|ым|им|ом|ем|ую|юю|ая|яя|ий|ый|а|я|у|ю|ы|и|е|о|й|ь)$")


class People:
    """The names of people that a study's files hold, to be found again in what is said.

    A name of several words is found in any order and, in Russian, in any case; a single Latin or Cyrillic word only
    where it is written with a capital.

    Parameters
    ----------
    names : iterable of str
        As the files write them: ``Anna Petrova``, ``Петрова Анна Сергеевна``, ``王小明``.

    Examples
    --------
    >>> people = People(["Петрова Анна", "王小明", "Jane Prescott"])
    >>> text = "Спасибо Анне Петровой, 王小明 and Jane Prescott."
    >>> [text[start:end] for start, end in people.find(text)]
    ['王小明', 'Анне Петровой', 'Jane Prescott']
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._wide: set[str] = set()
        self._single: set[str] = set()
        self._several: dict[str, set[frozenset[str]]] = {}
        for name in names:
            plain = name.strip()
            if _WIDE.fullmatch(plain):
                self._wide |= {plain} if _SHORTEST <= len(plain) <= _LONGEST_WIDE else set()
                continue
            words = [_stem(word) for word in _WORD.findall(plain) if len(word) >= _SHORTEST]
            if len(words) == 1 and plain[:1].isupper() and len(plain) > _SHORTEST:
                self._single.add(words[0])
            elif 1 < len(words) <= _LONGEST_WIDE:
                for some in (words, *itertools.combinations(words, 2)):
                    for first in some:
                        self._several.setdefault(first, set()).add(frozenset(some))

    def __bool__(self) -> bool:
        return bool(self._wide or self._single or self._several)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the places of names, from left to right in each kind."""
        if self._wide:
            yield from self._in_wide(text)
        if self._single or self._several:
            words = [(_stem(match[0]), match) for match in _WORD.finditer(text)]
            yield from self._in_words(words)

    def _in_wide(self, text: str) -> Iterator[tuple[int, int]]:
        for run in _WIDE.finditer(text):
            at = run.start()
            while at < run.end():
                sizes = range(min(_LONGEST_WIDE, run.end() - at), _SHORTEST - 1, -1)
                size = next((size for size in sizes if text[at : at + size] in self._wide), 0)
                if size:
                    yield at, at + size
                at += size or 1

    def _in_words(self, words: list[tuple[str, re.Match[str]]]) -> Iterator[tuple[int, int]]:
        at = 0
        while at < len(words):
            stem, first = words[at]
            sizes = sorted({len(name) for name in self._several.get(stem, ())}, reverse=True)
            known = self._several.get(stem, set())
            size = next((n for n in sizes if frozenset(word for word, _ in words[at : at + n]) in known), 0)
            if not size and stem in self._single and first[0][0].isupper():
                size = 1
            if size:
                yield first.start(), words[at + size - 1][1].end()
            at += size or 1


@functools.lru_cache(maxsize=4)
def people_of(names: tuple[str, ...]) -> People:
    """Return the people of some names; the same names are made ready once."""
    return People(names)


def find_people(text: str, people: People | None = None) -> Iterator[tuple[int, int]]:
    """Yield the places of people's names: introduced, behind a title, with a patronymic, or known from the files.

    Examples
    --------
    >>> text = "Меня зовут Пётр Сидоров, 我叫陈建国, my name is Jane Prescott"
    >>> [text[start:end] for start, end in find_people(text)]
    ['Jane Prescott', 'Пётр Сидоров', '陈建国']
    """
    for rule in _RULES if _HINT.search(text) else ():
        for match in rule.finditer(text):
            yield match.span("name")
    if people:
        yield from people.find(text)


def _stem(word: str) -> str:
    """Return a word as all its cases have it: small, and in Russian without its ending."""
    plain = word.casefold().replace("ё", "е")
    return _ENDING.sub("", plain) if len(plain) > 3 else plain
