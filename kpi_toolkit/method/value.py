"""The base of everything that is declared once: frozen, strict, able to draw its own JSON Schema."""

from __future__ import annotations

import re
import unicodedata
from codecs import getincrementaldecoder
from contextlib import suppress
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

Language = str
"""A language by its code; the words for it are ``templates/words/<code>.toml``."""
Spoken = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Spoken)
"""Those that clients' texts, and so delivered reports, can be in. Each one is a field of ``Text``; what else a language
needs is the section ``[language]`` of its words (``clients/language.py``)."""
ENGLISH: Spoken = "en"
"""The language of ids, logs and plain data, and of whatever another one lacks."""
_LETTERS = {"zh": re.compile(r"[\u3400-\u9fff]")}
"""What only one language is written with."""
_ASIDE = {"zh": "（{}）"}
"""The brackets of those that have brackets of their own."""

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,47}$"
Id = Annotated[str, Field(pattern=ID_PATTERN)]


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What no reader can see, and what turns the order of letters round. The joiners U+200C and U+200D stay: Persian names
# and composed emoji need them.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# What is left of letters that a wrong encoding destroyed: the replacement character and code points without a letter.
_LOST = re.compile("[\ufffd-\uffff\ufdd0-\ufdef\ue000-\uf8ff\U000f0000-\U0010ffff]|锟斤拷|烫烫烫")
_LOST_NAME = re.compile(
    "[?？□▯]|&(#\\d+|#x[0-9a-f]+|[a-z]+\\d*);|\\\\(u[0-9a-f]{4}|x[0-9a-f]{2})|(%[0-9a-f]{2}){2}|(=[0-9a-f]{2}){2}|=\\?[\\w-]+\\?[bq]\\?"
    "|U\\+[0-9a-f]{4}", re.IGNORECASE,
)  # fmt: skip
"""What stands in a name for letters that got lost, or that were packed for a page, an address or a mail."""
_C1 = range(0x80, 0xA0)
_PAGES = ("mac_roman", "cp437", "cp850", "cp1251", "koi8-r", "big5", "shift_jis")
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_USUAL = re.compile("[\u00a0-\u017f\u0391-\u03ce\u0410-\u044f\u2010-\u2027\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]")
_HAN_SIGN = re.compile("[\u4e00-\u9fff]")
_ODD_SIGN = re.compile(
    "[\u2200-\u2211\u2213-\u22ff\u2310-\u2321\u2500-\u259f£¢¤¥¦§¨©¬¯°±¶¿¡\uffe0-\uffe6]"
    "|\\\\[0-3][0-7]{2}|\\\\u\\{|u00[0-9a-f]{2}|\\bxn--|\\w[‘‚“„](?!\\w)|[ªµº\u00c0-\u00ff]{4}|^[^\\w\\s]*[\u0300-\u036f]|[\u0300-\u036f]{4}"
)
"""Frames, sums and money in the middle of a name, letters by their numbers, and marks that no letter bears."""
_WORDS = re.compile(r"[^\W\d_]+")
_TORN = re.compile(
    "[A-Za-z](?=[\u0370-\u03ff\u0400-\u052f])|[\u0370-\u03ff\u0400-\u052f](?=[A-Za-z])|[\u0430-\u045f](?=[\u0400-\u042f]{2})"
    "|(?<=[A-Za-z])[\u4e00-\u9fff](?=[a-z]{2})|\u207f|(?<=[a-z]{2})(?<!Mac)[\u00c0-\u00de](?=[a-z]{2})"
)
"""Letters of two alphabets in one word, or a capital in the middle of a Russian one or, with a mark, of any."""


@lru_cache(maxsize=16_384)  # ids and names stand in many lines
def visible(text: str) -> str:
    """Return a text; refuse what cannot be seen, is damaged, or would keep names from matching."""
    for pattern, code in ((CONTROL, "control-character"), (_UNSEEN, "unseen-character"), (_LOST, "damaged-text")):
        found = pattern.search(text)
        if found:
            raise PydanticCustomError(code, "{char}", {"char": " ".join(f"U+{ord(char):04X}" for char in found[0])})
    return text


@lru_cache(maxsize=16_384)  # teams and superiors stand in many lines, and every table is held against the others
def undamaged(name: str) -> str:
    """Return a name; refuse one whose letters a wrong encoding destroyed or mistook: ``J?rg``, ``JosÃ©``."""
    broken = re.search(r"[\r\n\t]", name)
    if broken:
        raise PydanticCustomError("unseen-character", "{char}", {"char": f"U+{ord(broken[0]):04X}"})
    if damaged := next(_damaged(name), ""):
        raise PydanticCustomError("damaged-text", "{char}", {"char": damaged})
    return name


def _damaged(name: str) -> Iterator[str]:
    """Go through what of a name is no letter of it any more: the name as a whole where all of it was mistaken."""
    yield from (lost[0] for lost in _LOST_NAME.finditer(name))
    yield from ("□" for char in name if unicodedata.category(char) == "Cn")
    yield from (odd[0] for odd in _ODD_SIGN.finditer(name))
    yield from (torn[0] for word in _WORDS.findall(name) if not word.isascii() for torn in _TORN.finditer(word))
    if _was_misread(name) or any(_was_utf8(name, page) for page in _PAGES):
        yield name


def _was_misread(name: str) -> bool:
    """Whether a name's bytes say something in another encoding that nobody could have typed in this one by chance.

    >>> [_was_misread(name) for name in ("JosÃ©", "Àî°²", "鏉庡畨", "M眉ller", "+Z05biQ-", "José", "谢小雪", "Þórður")]
    [True, True, True, True, True, False, False, False]
    """
    with suppress(UnicodeError):  # UTF-8 or GBK that was read letter by letter
        data = b"".join(bytes([ord(char)]) if ord(char) in _C1 else char.encode("cp1252") for char in name)
        if any(_USUAL.match(part.decode("utf-8", "ignore")) for part in _UTF8.findall(data)):
            return True
        said = data.decode("gb18030")
        if len(_HAN_SIGN.findall(said)) > 1 and not re.search("[A-Za-z]|[^\x00-\x7f\u4e00-\u9fff]", said):
            return True
    with suppress(UnicodeError):  # UTF-8 that was read as GBK; half a letter may be lost at its end
        said = getincrementaldecoder("utf-8")().decode(name.encode("gb18030"))
        if "\ufeff" in said or len(_HAN_SIGN.findall(said)) > 1:
            return True
    for char in re.findall("(?<=[a-z])[\u4e00-\u9fff](?![\u4e00-\u9fff])|(?<=[A-Z])[\u4e00-\u9fff](?=[a-z])", name):
        if re.match("[\u00c0-\u017f]", char.encode("gb18030").decode("utf-8", "ignore")):
            return True
    for packed in ("utf-7", "hz"):
        with suppress(UnicodeError):
            if _HAN_SIGN.search(name.encode("ascii").decode(packed)):
                return True
    return False


def _was_utf8(name: str, page: str) -> bool:
    """Whether a name is UTF-8 that was read as another code page, and says letters that people write."""
    with suppress(UnicodeError):
        others = [char for char in name.encode(page).decode("utf-8") if not char.isascii()]
        return bool(others and all(map(_USUAL.match, others)) and (len(others) > 1 or others[0] <= "\u017f"))
    return False


_UNMARKED = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ı": "i", "ß": "ss", "æ": "ae"})


def likely_id(text: str) -> str:
    """Return the id that is most like a text, as it is spoken where it is Chinese; empty where it gives none.

    >>> likely_id("Harbour & Vine"), likely_id("Zoë"), likely_id("云端优品"), likely_id("?")
    ('harbour-vine', 'zoe', 'yun-duan-you-pin', '')
    """
    if not text.isascii():
        from pypinyin import lazy_pinyin  # its dictionary is large

        text = " ".join(lazy_pinyin(unicodedata.normalize("NFC", text.translate(_UNMARKED))))
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(
        char if char.isascii() and char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    return "-".join(kept.split())[:48].strip("-")


def not_taken(base: str, taken: Collection[str]) -> str:
    """Return an id, or the first with a number behind it that is not taken.

    >>> not_taken("seo", ["seo", "seo-2"])
    'seo-3'
    """
    return next(name for name in chain([base], (f"{base}-{n}" for n in count(2))) if name not in taken)


class Word(str):
    """A key of words, shown in the reader's language: ``Word("step.content")``."""

    __slots__ = ()


class Value(BaseModel):
    """A frozen value; unknown keys are refused, ``model_copy(update=...)`` gives a changed one."""

    # Built when first used: most commands need a few of them, and building all is most of a start.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Sourced(Value):
    """What stands in the library, and where it comes from."""

    rows: tuple[str, ...] = ()
    """The catalogue rows that it comes from."""
    seeds: tuple[str, ...] = ()


class Text(Value):
    """Words in one language or several. In a file: ``"文章"`` or ``{zh = "文章", en = "Articles"}``.

    >>> Text.model_validate("Articles").pick("zh")
    'Articles'
    """

    zh: Annotated[str, AfterValidator(visible)] = ""
    en: Annotated[str, AfterValidator(visible)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value

    @classmethod
    def of(cls, word: str) -> Text:
        """Return a text that is the same in every language, such as a name or an id."""
        return cls.each(lambda _: word)

    @classmethod
    def each(cls, said: Callable[[Language], str]) -> Text:
        """Return what is said in each language."""
        return cls(**{language: said(language) for language in LANGUAGES})

    @classmethod
    def written(cls, word: str) -> Text:
        """Return a word in the language that alone is written so, and nothing in the others.

        >>> Text.written("按天").words, Text.written("days").words
        (('按天',), ())
        """
        return cls.each(lambda it: word if it in _LETTERS and _LETTERS[it].search(word) else "")

    @property
    def words(self) -> tuple[str, ...]:
        """What it says, in each language in which it says something."""
        return tuple(said for language in LANGUAGES if (said := getattr(self, language)).strip())

    def became(self, was: str, now: str) -> Text:
        """Return what this was and what it is now, after its name.

        >>> Text.of("Articles").became("200", "100").en
        'Articles 200 → 100'
        """
        return Text.each(lambda language: f"{self.pick(language)} {was} → {now}")

    def after(self, name: str) -> Text:
        """Return a name with this in brackets; the name alone where this says nothing."""
        return Text.each(lambda it: name + (_ASIDE.get(it, " ({})").format(self.pick(it)) if self.words else ""))

    def pick(self, language: Language = ENGLISH) -> str:
        """Return the words in this language, or in another where there are none."""
        return getattr(self, language, "") or getattr(self, ENGLISH) or next(iter(self.words), "")


def each_once(code: str, attribute: str) -> AfterValidator:
    """Return a validator that refuses entries two of which have the same ``attribute``, naming it."""

    def check(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        said = [getattr(entry, attribute) for entry in entries]
        if twice := sorted({each for each in said if said.count(each) > 1}):
            raise PydanticCustomError(code, "{names}", {"names": ", ".join(twice)})
        return entries

    return AfterValidator(check)


def _said(text: Text) -> Text:
    if not text.words:
        raise PydanticCustomError("blank-text", "blank")
    return text


Name = Annotated[Text, AfterValidator(_said)]
"""Words that must not be blank."""
