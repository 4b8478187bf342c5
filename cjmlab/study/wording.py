"""What the wording of a question says: its scale, which end is best, and what it is about."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(?<![\d.,])(\d{1,3})\s*(?:-|–|—|−|\.\.\.?|…|~|～|to|до|至|到)\s*(\d{1,3})(?![\d.,]?\d)")
_END = re.compile(
    r"(?<![\d.,])(\d{1,3})\s*(?:-|–|—|=|:|：|＝|表示|代表|为|為|это|is|means)\s*([^\W\d_][^,;，；、)）/|\d]*)"
)
_BAD = re.compile(
    r"сложн|трудн|тяж|плох|ужас|неуд|недовол|не\s?(?:довол|соглас|удовл|порек)|худш|медлен|"
    r"difficult|\bhard|poor|bad|terrible|dissatisf|unsatisf|disagree|worst|unlikely|not at all|slow|"
    r"困难|困難|难|難|不满|不滿|差|不同意|不可能|麻烦|麻煩|费力|費力|糟",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"легк|прост|отлич|хорош|доволен|довольн|удовл|соглас|превосход|удобн|лучш|"
    r"easy|effortless|excellent|good|great|satisf|agree|best|likely|fast|"
    r"容易|简单|簡單|满意|滿意|好|同意|优|優|方便|轻松|輕鬆|可能",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:[QqВв]?\d{1,3}(?:[.]\d+)?|[QqВв]\d+[A-Za-z_]*)\s*[.、．:：)）]\s*")
_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_BEFORE = re.compile(
    r"^(?:(?:overall|in general|в целом|总的来说|總的來說|整体上|整體上)[,，:]?\s*)?(?:please |пожалуйста,? )?(?:"
    r"rate|evaluate|(?:overall )?satisfaction with|what did you (?:think|expect) (?:of|from)|"
    r"how (?:would|do|did) you (?:rate|like|feel about|evaluate|find)|"
    r"how [a-z]+ (?:were|was|are|is)(?: you)?(?: with| about| of)?|how (?:were|was|are|is)|"
    r"оцените|как вам(?: понравил\w+)?|как (?:вы )?(?:оцениваете|оценили бы|прош\w+)|чего вы ожидали от|"
    r"(?:насколько )?(?:вы )?(?:довольны|удовлетворены)(?: ли вы)?|удовлетвор[её]нность|"
    r"насколько [а-яё]+(?: (?:был[аои]?|для вас|вам))*|"
    r"(?:请问|請問)[,，\s]*(?:您|你)?(?:对|對|觉得|覺得|认为|認為)?|"
    r"(?:请|請)?(?:您|你)?(?:对|對|觉得|覺得|认为|認為|如何评价|如何評價)|(?:请|請)(?:评价|評價)"
    r")[\s:,，]*(?:our |the |your |using |to use |it to (?:use )?|experience (?:with|of|at|in) |качество |работу |работы )*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:的)?(?:使用感受|满意度|滿意度|满意程度|滿意程度|评价|評價|感受|如何|怎么样|怎麼樣|(?:满意|滿意|好用|方便|舒适|舒適)?(?:吗|嗎)|"
    r"\brating|\bscore|\bsatisfaction)$",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"人数|人數|次数|次數|数量|數量|几个|幾個|多少|年龄|年齡|天数|天數|number of|\bcount\b|how many|\bage\b|\byears?\b|"
    r"количество|сколько|число|возраст|\bдн(?:ей|я)\b|\bраз\b|\bлет\b",
    re.IGNORECASE,
)


def scale_in(wording: str) -> tuple[int, int] | None:
    """Return the lowest and highest number of the scale that a wording names.

    Examples
    --------
    >>> scale_in("How easy was it? (1 = very easy, 7 = very hard)"), scale_in("您愿意推荐我院吗（0-10分）"), scale_in("in 2024-2025")
    ((1, 7), (0, 10), None)
    """
    ends = [int(number) for number, _ in _END.findall(wording)]
    pairs = [(min(ends), max(ends))] if len(ends) > 1 else []
    pairs += [(int(low), int(high)) for low, high in _SPAN.findall(wording)]
    return next(((low, high) for low, high in pairs if low in {0, 1} and 3 <= high - low + 1 <= 101), None)


def best_end(wording: str) -> tuple[str, str] | None:
    """Return whether the ``"low"`` or the ``"high"`` end of a scale is best where the wording names its ends, and the words.

    Examples
    --------
    >>> best_end("Сложно ли было? (1 – очень легко, 7 – очень сложно)")
    ('low', '1 очень легко, 7 очень сложно')
    >>> best_end("Rate the food (1-5)") is None
    True
    """
    ends = sorted((int(number), words.strip()) for number, words in _END.findall(wording))
    if not ends:
        return None
    signs = {number: -1 if _BAD.search(words) else 1 if _GOOD.search(words) else 0 for number, words in ends}
    low, high = signs[ends[0][0]], signs[ends[-1][0]]
    if len(signs) < 2 or low == high:
        return None
    return ("low" if low > high else "high"), ", ".join(f"{number} {words}" for number, words in ends)


def counts_something(wording: str) -> bool:
    """Tell whether a column counts things, years or people, and so is no rating.

    Examples
    --------
    >>> counts_something("同行人數"), counts_something("How was the staff?")
    (True, False)
    """
    return bool(_COUNTS.search(wording))


def topic_of(wording: str, longest: int = 40) -> str:
    """Return what a question is about: its wording without number, scale and the words of asking.

    Examples
    --------
    >>> topic_of("3. How satisfied were you with the product demo? (1-5)"), topic_of("5、机上餐点满意度")
    ('Product demo', '机上餐点')
    """
    bare = _BRACKETS.sub(" ", _NUMBERED.sub("", wording))
    bare = " ".join(bare.split()).strip(" ?？!。.:：…")
    topic = _AFTER.sub("", _BEFORE.sub("", bare)).strip(" ?？,，:：") or bare or wording.strip()
    topic = topic[:1].upper() + topic[1:]
    if len(topic) <= longest:
        return topic
    return topic[:longest].rsplit(" ", 1)[0] if " " in topic[:longest] else topic[:longest]
