"""Operations: is the service alive, is it ready, how does it do."""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool

from index.errors import SpeechQAError
from service.deps import ContextDep, MetricsDep
from service.describing import SIGN_IN, errors
from service.errors import NotReady, OriginNotAllowed

OPEN = (OriginNotAllowed(origin="https://elsewhere.example"), SpeechQAError())
EXAMPLE_METRICS = {
    "text/plain": {"schema": {"type": "string"}, "example": 'speechqa_questions_total{kind="extractive"} 42.0\n'}
}

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="Alive", responses=errors(*OPEN))
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="Ready", responses=errors(*OPEN, NotReady()))
async def readyz(context: ContextDep) -> dict[str, str]:
    """The model is loaded and the vector store answers."""
    if not await run_in_threadpool(context.engine.library.vectors.is_alive):
        raise NotReady()
    return {"status": "ready"}


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses=errors(*SIGN_IN) | {200: {"description": "Prometheus' text format", "content": EXAMPLE_METRICS}},
)
def metrics(_: MetricsDep, context: ContextDep) -> Response:
    """Numbers for Prometheus: latencies by stage, questions, refusals, citations, the size of the index, the queue."""
    return Response(context.metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
