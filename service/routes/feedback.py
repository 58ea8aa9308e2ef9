"""What people think of an answer."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from service.deps import AskerDep, ContextDep, PortalDep
from service.describing import BODY, errors
from service.errors import AnswerNotFound
from service.examples import ANSWER_ID
from service.schemas import FeedbackIn

router = APIRouter(prefix="/v1", tags=["questions"])


@router.post(
    "/feedback",
    status_code=204,
    summary="Judge an answer",
    responses=errors(*BODY, AnswerNotFound(id=ANSWER_ID)),
)
async def feedback(body: FeedbackIn, caller: AskerDep, context: ContextDep, portal: PortalDep) -> None:
    """A thumb for an answer that the caller was given; kept in the audit log, beside the answer.

    The comment is kept as far as the log keeps questions.
    """

    def judge() -> None:
        if not context.audit.answer_of(caller, body.answer_id):
            raise AnswerNotFound(id=body.answer_id)
        context.audit.record(caller, portal, "feedback", body.comment, answer=body.answer_id, thumb=body.thumb)

    await run_in_threadpool(judge)
    context.metrics.thumbed(body.thumb)
