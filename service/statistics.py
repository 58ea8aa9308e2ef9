"""What the audit log adds up to."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from index.catalog import Catalog

MOST_CITED = 10


@dataclass(frozen=True, slots=True)
class Usage:
    """How the service was used; times in milliseconds, `most_cited` as (document id, title, answers that cite it)."""

    documents: int
    passages: int
    questions: int
    refused: int
    citations: int
    askers: int
    searches: int
    quote_checks: int
    readings: int
    thumbs_up: int
    thumbs_down: int
    median_ms: float
    p95_ms: float
    by_day: Mapping[str, int]
    by_model: Mapping[str, int]
    most_cited: tuple[tuple[str, str, int], ...]


def usage(entries: Iterable[Mapping[str, Any]], catalog: Catalog) -> Usage:
    """Add up entries of the audit log; documents that are gone since are cited under their id."""
    actions: Counter[str] = Counter()
    days: Counter[str] = Counter()
    models: Counter[str] = Counter()
    cited: Counter[str] = Counter()
    thumbs: Counter[str] = Counter()
    askers: set[str] = set()
    spent: list[float] = []
    refused = citations = 0
    for entry in entries:
        action = str(entry.get("action", "ask"))
        actions[action] += 1
        if action == "feedback":
            thumbs[str(entry.get("thumb"))] += 1
        if action != "ask":
            continue
        days[str(entry.get("at"))[:10]] += 1
        models[str(entry.get("model"))] += 1
        askers.add(str(entry.get("who")))
        spent.append(float(entry.get("ms") or 0))
        refused += bool(entry.get("refused"))
        sections = [str(section) for section in entry.get("cited") or ()]
        citations += len(sections)
        cited.update({section.partition("#")[0] for section in sections})
    states, passages = catalog.size()
    often = cited.most_common(MOST_CITED)
    titles = {summary.id: summary.title for summary in catalog.summaries([document for document, _ in often])}
    return Usage(
        documents=sum(states.values()),
        passages=passages,
        questions=actions["ask"],
        refused=refused,
        citations=citations,
        askers=len(askers),
        searches=actions["search"],
        quote_checks=actions["check_quotes"],
        readings=actions["read"],
        thumbs_up=thumbs["up"],
        thumbs_down=thumbs["down"],
        median_ms=statistics.median(spent) if spent else 0.0,
        p95_ms=statistics.quantiles(spent, n=20, method="inclusive")[-1] if len(spent) > 1 else sum(spent),
        by_day=dict(sorted(days.items())),
        by_model=dict(models.most_common()),
        most_cited=tuple((document, titles.get(document, ""), count) for document, count in often),
    )
