"""What may be a heading: numbered markers, headings of the file format, and lines that stand alone like titles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.markers import Marker, find_markers, match_marker
from index.metadata import is_head_line
from index.splitting import SALUTATION

Kind = Literal["numbered", "format", "unnumbered", "address"]

# Words over what is added to a speech: a new beginning, whatever stood before.
APPENDIX = re.compile(
    r"^(?:附件|附录|附表|附注|名词解释|名词注释|注释|有关名词|相关名词|《[^》]{2,20}》.{0,10}(?:名词|用语|注释)|Appendix|Annex|Glossary|Notes)"
    r"(?:\s*[一二三四五六七八九十0-9０-９A-Z]{1,2})?(?:[\s:：].{0,40}|.{0,12})?$",
    re.IGNORECASE,
)
# Titles before and after the numbered parts of a speech: nothing numbered belongs to them.
FRAME = re.compile(
    r"^(?:前\s*言|引\s*言|序\s*言|导\s*言|导语|结\s*语|结束语|尾\s*声|后\s*记|Preface|Foreword|Introduction|Conclusion|Closing)$",
    re.I,
)
# "附件：1.名单": what is enclosed is listed below the speech, and its numbers are no headings.
ENCLOSURES = re.compile(r"^附\s*件\s*[:：]")
ADDRESS = re.compile(
    r"(?:同志们|各位代表|各位委员|各位同志|各位领导|各位来宾|朋友们|同学们|老师们|女士们|乡亲们|Ladies and gentlemen|Friends|Colleagues)"
    r"\s*[，,！!：:、。]",
    re.IGNORECASE,
)
PUNCTUATED = re.compile(r"[。！？；：!?;:…]|[，,、.]$|^[·•\-–—*●■◆○□]|^[(（].*[)）]$")
LONGEST_TITLE = 32
BODY = 40  # a paragraph of at least this length is text and no heading
SENTENCE = 15
MOST_SHORT = 0.5  # where more lines than this are short, short lines are the text
FEW = 8
HEAD_PARAGRAPHS = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may open or close sections.

    `level` is that of a format heading; `bare` says that an unnumbered title has no text of its own but another
    title right below.
    """

    kind: Kind
    start: int
    end: int  # of its paragraph
    paragraph: int
    inline: bool = False
    marker: Marker | None = None
    level: int = 0
    bare: bool = False
    appendix: bool = False
    frame: bool = False
    lines: int = 1  # paragraphs that the heading is set over


def find_candidates(text: str, paragraphs: Sequence[int], hints: Mapping[int, int]) -> list[Candidate]:
    """Everything in `text` that may be a heading, in order.

    Args:
        text, paragraphs: the text and the offsets at which its paragraphs begin.
        hints: offset -> level of the paragraphs that the file format marks as headings.
    """
    ends = [*paragraphs[1:], len(text)]
    lines = [text[start:end].strip() for start, end in zip(paragraphs, ends, strict=True)]
    # The rows of a table head nothing, whatever stands in their first cell.
    markers = [
        [] if _is_row(line) or ENCLOSURES.match(line) else find_markers(text, start, end)
        for line, start, end in zip(lines, paragraphs, ends, strict=True)
    ]
    numbered = [bool(found) and found[0].start == start for found, start in zip(markers, paragraphs, strict=True)]
    marked = [numbered[place] or paragraphs[place] in hints for place in range(len(lines))]
    titles, second_lines = _titles(lines, marked)
    found: list[Candidate] = []
    for place, start in enumerate(paragraphs):
        first = markers[place][0] if numbered[place] else None
        if start in hints:
            found.append(Candidate("format", start, ends[place], place, marker=first, level=hints[start]))
            # A marker in a heading's own line is never an enumeration.
            continue
        if place in second_lines and found:
            found[-1] = replace(found[-1], end=ends[place], lines=2)
        elif place in titles:
            appendix = bool(APPENDIX.match(lines[place]))
            found.append(
                Candidate(
                    "unnumbered",
                    start,
                    ends[place],
                    place,
                    bare=place + 1 in titles and place - 1 not in titles,
                    appendix=appendix,
                    frame=bool(FRAME.match(lines[place])),
                )
            )
        elif ADDRESS.match(lines[place]) or ENCLOSURES.match(lines[place]):
            closes = bool(ENCLOSURES.match(lines[place]))
            found.append(Candidate("address", start, ends[place], place, appendix=closes))
        found.extend(
            Candidate("numbered", marker.start, ends[place], place, marker.start != start, marker)
            for marker in markers[place]
        )
    return found


def _titles(lines: Sequence[str], marked: Sequence[bool]) -> tuple[set[int], set[int]]:
    """Paragraphs that stand alone like titles, and those that are the second line of the numbered heading above.

    Titles are short, unpunctuated, and over text; and they are so only where most lines are long.
    """
    short = [place for place, line in enumerate(lines) if len(line) < BODY and not marked[place]]
    if len(short) > max(FEW, MOST_SHORT * len(lines)):
        return set(), set()
    first = first_of_text(lines)
    possible = {place for place in short if first <= place < len(lines) - 1 and _is_title(lines[place])}
    # A title stands over text, over a numbered heading, or over another title.
    found = {place for place in possible if _is_text(lines[place + 1]) or marked[place + 1] or place + 1 in possible}
    second = {
        place
        for place in found
        if place
        and marked[place - 1]
        and _is_title(lines[place - 1])
        and _is_text(lines[place + 1])
        # Several below one numbered heading are its parts; one alone is the rest of its words.
        and next((other for other in range(place + 1, len(lines)) if other in found or marked[other]), -1) not in found
    }
    known = {place for place in found if APPENDIX.match(lines[place]) or FRAME.match(lines[place])}
    second -= known
    found -= second
    # One line alone may be anything; several, or the words over an appendix, are titles.
    return (found if len(found) > 1 else known), second


def _is_row(line: str) -> bool:
    """True for cells parted by tabs; a tab between a marker and its words is only an indent."""
    first, tab, rest = line.partition("\t")
    marker = match_marker(first)
    return bool(tab) and not ("\t" not in rest and marker is not None and marker.end >= len(first.rstrip()))


def _is_text(line: str) -> bool:
    return len(line) >= BODY or (len(line) >= SENTENCE and line[-1] in "。！？.!?：:；;”")


def _is_title(line: str) -> bool:
    return (
        2 <= len(line) <= LONGEST_TITLE
        and "\t" not in line
        and not PUNCTUATED.search(line)
        and not SALUTATION.match(line)
        and not is_head_line(line)
    )


def first_of_text(lines: Sequence[str]) -> int:
    """The first paragraph after title lines, date, speaker and salutation."""
    head = range(min(HEAD_PARAGRAPHS, len(lines)))
    greeting = next((place for place in head if SALUTATION.match(lines[place])), None)
    if greeting is not None:
        return greeting + 1
    last = max((place for place in head if is_head_line(lines[place]) and len(lines[place]) < BODY * 2), default=-1)
    return last + 1
