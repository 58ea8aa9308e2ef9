"""Documents: list, read, outline, upload, delete; and the jobs of uploads."""

import dataclasses
import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from starlette.concurrency import run_in_threadpool

from index.errors import (
    ConverterMissing,
    DamagedFile,
    DocumentNotFound,
    EmptyFile,
    NotText,
    SpeechQAError,
    UnsupportedFormat,
)
from index.library import Library, Outcome
from index.readers import SUPPORTED
from index.sidecar import LARGEST, SUFFIX, parse_sidecar
from index.sources import Source, unpack
from service.deps import Context, ContextDep, LanguageDep, PortalDep, ReaderDep, WriterDep
from service.describing import BODY, NO_DOCUMENT, SIGN_IN, errors, link
from service.errors import GroupNotPermitted, JobNotFound, UploadTooLarge, error_body
from service.examples import JOB_ID
from service.identity import Caller
from service.jobs import Job
from service.schemas import (
    DocumentOut,
    DocumentsOut,
    JobDocument,
    JobOut,
    OutlineOut,
    TextOut,
    list_documents,
    outline_of,
)

router = APIRouter(prefix="/v1", tags=["documents"])

OWN = "/own"  # ends the key of an upload whose file name has one already that the caller may not see
# The commoner reasons for which a file is not taken; all are told in the same shape.
UNREADABLE = (
    UnsupportedFormat(name="speech.exe", suffix=".exe", supported=" ".join(SUPPORTED)),
    NotText(name="speech.txt"),
    EmptyFile(name="speech.txt"),
    DamagedFile(name="speech.docx"),
    UploadTooLarge(name="speech.docx", megabytes=20),
    ConverterMissing(name="speech.wps", suffix=".wps"),
)


def _document_links(place: str) -> dict[str, Any]:
    return {
        name: there for one in ("document", "text", "outline") for name, there in link(one, document_id=place).items()
    }


@router.get(
    "/documents",
    summary="List documents",
    responses=errors(*SIGN_IN) | {200: {"links": _document_links("$response.body#/documents/0/id")}},
)
def documents(caller: ReaderDep, context: ContextDep) -> DocumentsOut:
    """Every document that the caller may see, with its metadata and state."""
    return DocumentsOut(documents=list_documents(context.engine.library.catalog, caller=caller))


@router.post(
    "/documents",
    status_code=202,
    summary="Upload a file",
    responses=errors(*BODY, *UNREADABLE, GroupNotPermitted(group="办公室"))
    | {202: {"links": link("job", job_id="$response.body#/id") | _document_links("$response.body#/documents/0/id")}},
)
async def upload(
    *,
    caller: WriterDep,
    context: ContextDep,
    language: LanguageDep,
    file: Annotated[UploadFile, File(description=f"One or more speeches: {' '.join(SUPPORTED)}")],
    metadata: Annotated[
        UploadFile | None, File(description="NAME.meta.yaml: title, speaker, date, occasion, place; wins over the text")
    ] = None,
    replace: Annotated[bool, Form(description="Take the place of the last upload with this file name")] = False,
    groups: Annotated[
        str,
        Form(description="Who may see it, comma-separated; when left out those whom the sidecar names, else everybody"),
    ] = "",
) -> JobOut:
    """Read the file at once and index it in the background as a job.

    Nothing is replaced unless asked for: two files of the same name are two sources.
    """
    # The name is shown and chooses the reader; it is never a path.
    name = PureWindowsPath(PurePosixPath(file.filename or "upload").name).name or "upload"
    content = await file.read(context.max_upload_bytes + 1)
    if len(content) > context.max_upload_bytes:
        raise UploadTooLarge(name=name, megabytes=context.max_upload_bytes // 1_000_000)
    shown_to = caller.choose(groups.split(","))
    # What is for others is another source: who uploads for his own group touches and learns of nothing else.
    for_whom = f"{','.join(shown_to)}:" if shown_to else ""
    key = f"upload:{for_whom}{name}" if replace else f"upload:{for_whom}{hashlib.sha256(content).hexdigest()}:{name}"
    sidecar = await metadata.read(LARGEST + 1) if metadata else None
    sources = unpack(key, name, content, sidecar, name + SUFFIX)
    outcomes = await run_in_threadpool(_stage, context, caller, key, sources, shown_to)
    return _describe_job(context.jobs.start(outcomes, caller.name), language)


def _stage(
    context: Context,
    caller: Caller,
    key: str,
    sources: Iterable[Source | SpeechQAError],
    groups: tuple[str, ...],
) -> list[Outcome]:
    """Stage a file, or what an archive holds; a file of an archive that cannot be read is an outcome of its own."""
    library = context.engine.library
    outcomes: list[Outcome] = []
    for found in sources:
        if isinstance(found, SpeechQAError):
            outcomes.append(Outcome("failed", found.name, error=found))
            continue
        try:
            outcomes.extend(library.stage(_shown_to(groups, caller, found, library)))
        except SpeechQAError as error:
            if found.key == key:
                raise
            outcomes.append(Outcome("failed", found.name, error=error))
    return outcomes


def _shown_to(groups: tuple[str, ...], caller: Caller, found: Source, library: Library) -> Source:
    """A source for those groups; where there are none, for those that its sidecar names.

    Raises:
        GroupNotPermitted: the sidecar names one that the caller is not in.
        BadSidecar: it cannot be read.
    """
    if caller.groups is not None and not groups and found.sidecar is not None:
        caller.choose(parse_sidecar(found.sidecar, found.sidecar_name).groups)
    key = found.key
    while library.holds_for_others(key, caller.groups):
        # What the caller may not see is another source: he replaces nothing of it and does not learn that it is there.
        key += OWN
    return dataclasses.replace(found, key=key, groups=groups or None)


@router.get("/jobs/{job_id}", summary="Follow an upload", responses=errors(*SIGN_IN, JobNotFound(job=JOB_ID)))
async def job(job_id: str, caller: WriterDep, context: ContextDep, language: LanguageDep) -> JobOut:
    """How far an upload has come."""
    return _describe_job(context.jobs.get(job_id, caller.name), language)


@router.get("/documents/{document_id}", summary="Read a document's record", responses=errors(*SIGN_IN, NO_DOCUMENT))
def document(document_id: str, caller: ReaderDep, context: ContextDep) -> DocumentOut:
    """Metadata and state of one document, also while it is being indexed."""
    found = list_documents(context.engine.library.catalog, [document_id], caller)
    if not found:
        raise DocumentNotFound(document=document_id)
    return found[0]


@router.get("/documents/{document_id}/text", summary="Read a document's text", responses=errors(*SIGN_IN, NO_DOCUMENT))
def text(document_id: str, caller: ReaderDep, context: ContextDep, portal: PortalDep) -> TextOut:
    """The text that all offsets count in, in code points."""
    return TextOut(text=context.read(document_id, caller, portal).text)


@router.get(
    "/documents/{document_id}/outline", summary="Read a document's outline", responses=errors(*SIGN_IN, NO_DOCUMENT)
)
def outline(document_id: str, caller: ReaderDep, context: ContextDep, portal: PortalDep) -> OutlineOut:
    """Headings in preorder."""
    return outline_of(context.read(document_id, caller, portal).sections)


@router.delete(
    "/documents/{document_id}",
    status_code=204,
    summary="Delete a document",
    responses=errors(*SIGN_IN, NO_DOCUMENT),
)
def delete(document_id: str, caller: WriterDep, context: ContextDep) -> None:
    """Take a document out of catalog, vectors and lexical index; it stops answering at once."""
    if not list_documents(context.engine.library.catalog, [document_id], caller):
        raise DocumentNotFound(document=document_id)
    context.engine.library.delete(document_id)


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
