"""Checking quotations."""

import dataclasses
from collections.abc import Sequence

from fastapi import APIRouter

from qa.question import Filters
from service.audit import sections_of
from service.deps import AskerDep, Context, ContextDep, PortalDep
from service.describing import NOTHING_YET, QUESTION, errors
from service.identity import Caller
from service.schemas import QuoteOut, QuotesIn, QuotesOut, filters_for

router = APIRouter(prefix="/v1/quotes", tags=["quotations"])


@router.post("/check", summary="Check quotations", responses=errors(*QUESTION, *NOTHING_YET))
async def check(body: QuotesIn, caller: AskerDep, context: ContextDep, portal: PortalDep) -> QuotesOut:
    """Is each sentence exact, altered or absent in the speeches, and where does it stand.

    Width, white space, Traditional or Simplified characters and the punctuation inside a sentence may differ in an
    exact one; words, figures and where the sentence ends may not.
    """
    filters = filters_for(body.filters, caller)
    return await context.work(caller, lambda: check_quotes(context, caller, portal, body.sentences, filters))


def check_quotes(
    context: Context, caller: Caller, portal: str, sentences: Sequence[str], filters: Filters
) -> QuotesOut:
    """Check `sentences` for `caller` and note what he was shown."""
    found = list(context.engine.quotes(filters).check_all(sentences))
    shown = sections_of(source for quote in found for source in quote.sources)
    context.audit.record(caller, portal, "check_quotes", shown=shown, sentences=len(found))
    return QuotesOut(results=[QuoteOut.model_validate(dataclasses.asdict(quote)) for quote in found])
