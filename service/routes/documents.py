"""Documents: list, read, outline, upload, delete; and the jobs of uploads."""

import hashlib
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.concurrency import run_in_threadpool

from index.documents import Document
from index.errors import DocumentNotFound, SpeechQAError
from index.library import Outcome
from index.readers import SUPPORTED
from index.sidecar import LARGEST, SUFFIX
from index.sources import unpack
from service.deps import Context, ContextDep, LanguageDep
from service.errors import UploadTooLarge, error_body
from service.jobs import Job
from service.schemas import (
    ERRORS,
    DocumentOut,
    DocumentsOut,
    JobDocument,
    JobOut,
    OutlineOut,
    TextOut,
    list_documents,
    outline_of,
)

router = APIRouter(prefix="/v1", tags=["documents"], responses=ERRORS)


@router.get("/documents", summary="List documents")
def documents(context: ContextDep) -> DocumentsOut:
    """Every document with its metadata and state."""
    return DocumentsOut(documents=list_documents(context.engine.library.catalog))


@router.post("/documents", status_code=202, summary="Upload a file")
async def upload(
    context: ContextDep,
    language: LanguageDep,
    file: Annotated[UploadFile, File(description=f"One or more speeches: {' '.join(SUPPORTED)}")],
    metadata: Annotated[
        UploadFile | None, File(description="NAME.meta.yaml: title, speaker, date, occasion, place; wins over the text")
    ] = None,
    replace: Annotated[bool, Form(description="Take the place of the last upload with this file name")] = False,
) -> JobOut:
    """Read the file at once and index it in the background as a job.

    Nothing is replaced unless asked for: two files of the same name are two sources.
    """
    # The name is shown and chooses the reader; it is never a path.
    name = PureWindowsPath(PurePosixPath(file.filename or "upload").name).name or "upload"
    content = await file.read(context.max_upload_bytes + 1)
    if len(content) > context.max_upload_bytes:
        raise UploadTooLarge(name=name, megabytes=context.max_upload_bytes // 1_000_000)
    key = f"upload:{name}" if replace else f"upload:{hashlib.sha256(content).hexdigest()}:{name}"
    sidecar = await metadata.read(LARGEST + 1) if metadata else None
    outcomes = await run_in_threadpool(_stage, context, key, name, content, sidecar)
    return _describe_job(context.jobs.start(outcomes), language)


def _stage(context: Context, key: str, name: str, content: bytes, sidecar: bytes | None) -> list[Outcome]:
    """Stage a file, or what an archive holds; a file of an archive that cannot be read is an outcome of its own."""
    outcomes: list[Outcome] = []
    for source in unpack(key, name, content, sidecar, name + SUFFIX):
        if isinstance(source, SpeechQAError):
            outcomes.append(Outcome("failed", source.name, error=source))
        elif source.key == key:
            return context.engine.library.stage(source)
        else:
            outcomes.extend(context.engine.library.try_stage(source))
    return outcomes


@router.get("/jobs/{job_id}", summary="Follow an upload")
async def job(job_id: str, context: ContextDep, language: LanguageDep) -> JobOut:
    """How far an upload has come."""
    return _describe_job(context.jobs.get(job_id), language)


@router.get("/documents/{document_id}", summary="Read a document's record")
def document(document_id: str, context: ContextDep) -> DocumentOut:
    """Metadata and state of one document, also while it is being indexed."""
    found = list_documents(context.engine.library.catalog, [document_id])
    if not found:
        raise DocumentNotFound(document=document_id)
    return found[0]


@router.get("/documents/{document_id}/text", summary="Read a document's text")
def text(document_id: str, context: ContextDep) -> TextOut:
    """The text that all offsets count in, in code points."""
    return TextOut(text=_find(context, document_id).text)


@router.get("/documents/{document_id}/outline", summary="Read a document's outline")
def outline(document_id: str, context: ContextDep) -> OutlineOut:
    """Headings in preorder."""
    return outline_of(_find(context, document_id).sections)


@router.delete("/documents/{document_id}", status_code=204, summary="Delete a document")
def delete(document_id: str, context: ContextDep) -> None:
    """Take a document out of catalog, vectors and lexical index; it stops answering at once."""
    context.engine.library.delete(document_id)


def _find(context: Context, document_id: str) -> Document:
    return context.engine.library.visible(document_id)


def _describe_job(job: Job, language: LanguageDep) -> JobOut:
    return JobOut(
        id=job.id,
        state=job.state,
        progress=job.progress,
        documents=[
            JobDocument(
                id=o.document_id,
                title=o.title,
                status=o.status,
                source=o.name,
                error=error_body(o.error, language)["error"] if o.error else None,
            )
            for o in job.outcomes
        ],
        error=error_body(job.error, language)["error"] if job.error else None,
    )
