"""Every setting, read once from the environment and passed on."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlparse

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from index.errors import SpeechQAError

PREFIX = "SPEECHQA_"


class BadSetting(SpeechQAError):
    code = "bad_setting"
    texts = {
        "en": ("{setting} cannot be {value!r} ({reason}).", "README.md lists every setting."),
        "zh": ("{setting} 的值 {value!r} 无效（{reason}）。", "README.zh-CN.md 列出了全部设置。"),
    }


class Settings(BaseSettings):
    """Settings of SpeechQA; each is read from the environment variable SPEECHQA_ + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    data: Path = Field(
        Path("speechqa-data"), description="Folder of catalog, vectors and lexical index; one process at a time"
    )
    embedding_model: str = Field(
        "", description="Name or folder of a SentenceTransformer; empty for the bundled multilingual-e5-small"
    )
    query_prompt: str | None = Field(
        None, description="Text put before a question for the embedder; unset for the model's own"
    )
    document_prompt: str | None = Field(
        None, description="Text put before a passage for the embedder; unset for the model's own"
    )
    cache: Path = Field(
        Path(platformdirs.user_cache_dir("speechqa")),
        description="Folder of the bundled model once converted; the default is the user's cache folder",
    )
    chroma_url: str = Field("", description="Chroma server, http://HOST:PORT; empty for the embedded store in the data folder")
    database_url: str = Field("", description="SQLAlchemy URL of the catalog; empty for SQLite in the data folder")
    host: str = Field("127.0.0.1", description="Address that the service listens on")
    port: int = Field(8000, ge=1, le=65535, description="Port that the service listens on")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Web origins, comma-separated, whose pages may call the API"
    )
    max_upload_mb: int = Field(20, ge=1, le=2000, description="Largest upload in megabytes")

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlparse(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "*" in origin:
                raise ValueError(f"{origin} is not an origin such as https://portal.example.org")
        return value


def load_settings() -> Settings:
    """Read the environment; raise `BadSetting` for the first value that does not fit."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise BadSetting(setting=name, value=first["input"], reason=first["msg"]) from None


def settings_table() -> str:
    """The README's table of settings, in Markdown."""
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "user cache folder" if name == "cache" else _shown(field.default)
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if value in ("", None, ()):
        return "(empty)"
    return f"`{value}`"
