"""The composition root: the one place where settings become parts and parts are joined."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI

from index.catalog import Catalog
from index.embedding import Embedder, load_embedder
from index.library import Library, open_catalog, open_library
from qa.engine import Engine
from qa.llm import LanguageModel, LanguageModelSettings
from service.app import create_app
from service.origins import LOOPBACK
from service.quotas import Quota, Quotas
from service.sign_on import OpenIdConnect
from ui.chat import mount_chat
from ui.pages import install_pages
from ui.settings import Settings


@contextmanager
def library_of(settings: Settings, rebuild: bool = False) -> Iterator[Library]:
    """The library of the data folder, held by this process until the block ends."""

    def embedder() -> Embedder:
        return load_embedder(settings.embedding_model, settings.cache, settings.query_prompt, settings.document_prompt)

    with open_library(settings.data, embedder, settings.chroma_url, settings.database_url, rebuild) as library:
        yield library


def engine_of(library: Library, settings: Settings) -> Engine:
    """The engine over a library, with the reader and the language model that the settings name."""
    llm = LanguageModel(
        LanguageModelSettings(
            settings.llm,
            settings.llm_base_url,
            settings.llm_api_key.get_secret_value(),
            settings.llm_timeout,
            settings.llm_context,
        )
    )
    return Engine(library, settings.reader, llm=llm if settings.llm else None)


@contextmanager
def catalog_of(settings: Settings) -> Iterator[Catalog]:
    """The catalog alone, for listing and showing; works while a service holds the data folder."""
    catalog = open_catalog(settings.data, settings.database_url)
    try:
        yield catalog
    finally:
        catalog.close()


def app_of(engine: Engine, settings: Settings, with_ui: bool = True) -> FastAPI:
    """The service over `engine`, with chat and document pages unless `with_ui` is false."""
    sign_on = None
    if settings.oidc_issuer:
        sign_on = OpenIdConnect(settings.oidc_issuer, settings.oidc_audience, settings.oidc_groups_claim)
    app = create_app(
        engine,
        version=version("speechqa"),
        allowed_origins=settings.allowed_origins,
        max_upload_bytes=settings.max_upload_mb * 1_000_000,
        open_without_keys=settings.host in LOOPBACK,
        sign_on=sign_on,
        queue=settings.queue,
        quotas=Quotas(
            Quota(settings.key_requests, settings.key_questions), Quota(settings.user_requests, settings.user_questions)
        ),
        audit_days=settings.audit_days,
        audit_questions=settings.audit_questions,
    )
    install_pages(app, with_chat=with_ui)
    return mount_chat(app) if with_ui else app


def server_of(app: FastAPI) -> uvicorn.Server:
    """The HTTP server that runs the service."""
    # Java's clients offer HTTP/2 with their first request; httptools, uvicorn's other parser, then drops its body.
    return uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, log_level="warning", access_log=False, http="h11", timeout_graceful_shutdown=10
        )
    )
