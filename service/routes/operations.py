"""Operations: is the service alive, is it ready."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from service.deps import ContextDep
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
