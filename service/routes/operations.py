"""Operations: is the service alive, is it ready, how does it do."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool

from service.deps import ContextDep, MetricsDep
from service.errors import NotReady
from service.schemas import ERRORS

router = APIRouter(tags=["operations"], responses=ERRORS)


@router.get("/healthz", summary="Alive")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="Ready")
async def readyz(context: ContextDep) -> dict[str, str]:
    """The model is loaded and the vector store answers."""
    if not await run_in_threadpool(context.engine.library.vectors.is_alive):
        raise NotReady()
    return {"status": "ready"}


@router.get("/metrics", summary="Metrics", response_class=PlainTextResponse)
def metrics(_: MetricsDep, context: ContextDep) -> PlainTextResponse:
    """Numbers for Prometheus: latencies by stage, questions, refusals, citations, the size of the index, the queue."""
    return PlainTextResponse(context.metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
