"""Every setting, read once from the environment and passed on."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlparse

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from index.errors import Language, SpeechQAError
from service.audit import Questions
from service.quotas import OF_A_KEY, OF_A_USER
from ui.logs import LogFormat

PREFIX = "SPEECHQA_"
HEADER: dict[Language, str] = {"en": "| setting | default | meaning |", "zh": "| 设置 | 默认值 | 含义 |"}


class BadSetting(SpeechQAError):
    code = "bad_setting"
    texts = {
        "en": ("{setting} cannot be {value!r} ({reason}).", "README.md lists every setting."),
        "zh": ("{setting} 的值 {value!r} 无效（{reason}）。", "README.zh-CN.md 列出了全部设置。"),
    }


def _setting(default: Any, meaning: str, meaning_zh: str) -> Any:
    """A field with its meaning in English and Chinese, as the READMEs show them."""
    return Field(default, description=meaning, json_schema_extra={"zh": meaning_zh})


class Settings(BaseSettings):
    """Settings of SpeechQA; each is read from the environment variable SPEECHQA_ + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    data: Path = _setting(
        Path("speechqa-data"),
        "Folder of catalog, vectors and lexical index; one process at a time",
        "目录库、向量与词汇索引所在文件夹；同一时间只供一个进程使用",
    )
    embedding_model: str = _setting(
        "",
        "Name or folder of a SentenceTransformer; empty for the bundled multilingual-e5-small",
        "SentenceTransformer 的名称或文件夹；留空则用自带的 multilingual-e5-small",
    )
    reader: str = _setting(
        "",
        "Name or folder of a cross-encoder that reads the passages found; empty for the bundled one, `none` for none",
        "用于阅读所找到段落的交叉编码器名称或文件夹；留空则用自带的，`none` 表示不用",
    )
    llm: str = _setting(
        "",
        "Language model, `provider:model` as LangChain's init_chat_model takes it, e.g. `openai:qwen2.5`; empty for none",
        "语言模型，格式同 LangChain 的 init_chat_model：`提供方:模型`，如 `openai:qwen2.5`；留空则不用",
    )
    llm_base_url: str = _setting(
        "", "Endpoint of the language model; empty for the provider's own", "语言模型的接口地址；留空则用提供方自己的"
    )
    llm_api_key: SecretStr = _setting(SecretStr(""), "Key of the language model's endpoint", "语言模型接口的密钥")
    llm_timeout: Annotated[float, Field(gt=0, le=600)] = _setting(
        30.0,
        "Seconds without a word after which the language model counts as down",
        "语言模型多少秒没有输出即视为不可用",
    )
    llm_context: Annotated[int, Field(ge=2048)] = _setting(
        8192, "Tokens that the language model reads and writes in all", "语言模型的上下文长度（词元数）"
    )
    query_prompt: str | None = _setting(
        None,
        "Text put before a question for the embedder; unset for the model's own",
        "向量化问题时加在前面的文字；不设则用模型自带的",
    )
    document_prompt: str | None = _setting(
        None,
        "Text put before a passage for the embedder; unset for the model's own",
        "向量化段落时加在前面的文字；不设则用模型自带的",
    )
    cache: Path = _setting(
        Path(platformdirs.user_cache_dir("speechqa")),
        "Folder of the bundled model once converted; the default is the user's cache folder",
        "自带模型转换后的存放文件夹；默认为用户缓存文件夹",
    )
    chroma_url: str = _setting(
        "",
        "Chroma server, http://HOST:PORT; empty for the embedded store in the data folder",
        "Chroma 服务地址 http://主机:端口；留空则用数据文件夹内的嵌入式向量库",
    )
    database_url: str = _setting(
        "",
        "SQLAlchemy URL of the catalog; empty for SQLite in the data folder",
        "目录库的 SQLAlchemy 地址；留空则用数据文件夹内的 SQLite",
    )
    host: str = _setting("127.0.0.1", "Address that the service listens on", "服务监听的地址")
    port: Annotated[int, Field(ge=1, le=65535)] = _setting(8000, "Port that the service listens on", "服务监听的端口")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = _setting(
        (), "Web origins, comma-separated, whose pages may call the API", "允许其网页调用接口的来源，以逗号分隔"
    )
    oidc_issuer: str = _setting(
        "",
        "Issuer of the organisation's OpenID Connect sign-on, whose bearer tokens are accepted; empty for none",
        "接受其令牌的 OpenID Connect 统一认证的签发者地址；留空则不用",
    )
    oidc_audience: str = _setting("speechqa", "Audience that its tokens have to be for", "统一认证令牌必须面向的受众")
    oidc_groups_claim: str = _setting(
        "groups", "Claim in its tokens that lists a person's groups", "统一认证令牌中列出用户所属分组的声明"
    )
    queue: Annotated[int, Field(ge=0, le=10_000)] = _setting(
        32, "Questions that may wait for others; more are refused at once", "可以排队等待的问题数；超出的立即拒绝"
    )
    key_requests: Annotated[int, Field(ge=0)] = _setting(
        OF_A_KEY.requests_a_minute,
        "Requests a minute of one key and all its users; 0 for any number",
        "一个密钥（含其全部用户）每分钟的请求数上限；0 表示不限",
    )
    key_questions: Annotated[int, Field(ge=0)] = _setting(
        OF_A_KEY.questions_at_once,
        "Questions at once of one key and all its users; 0 for any number",
        "一个密钥（含其全部用户）同时提问的上限；0 表示不限",
    )
    user_requests: Annotated[int, Field(ge=0)] = _setting(
        OF_A_USER.requests_a_minute,
        "Requests a minute of one user; 0 for any number",
        "一个用户每分钟的请求数上限；0 表示不限",
    )
    user_questions: Annotated[int, Field(ge=0)] = _setting(
        OF_A_USER.questions_at_once,
        "Questions at once of one user; 0 for any number",
        "一个用户同时提问的上限；0 表示不限",
    )
    log_format: LogFormat = _setting(
        "text", "Log on stderr as `text` or as `json`, one object a line", "日志格式：`text` 或每行一个对象的 `json`"
    )
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = _setting(
        365, "Days that the audit log is kept", "审计日志保留的天数"
    )
    audit_questions: Questions = _setting(
        "full",
        "What the audit log keeps of a question: `full`, a `hash` by which the same one is known again, or `none`",
        "审计日志如何记录问题：`full` 全文，`hash` 只记可比对的散列值，`none` 不记",
    )
    max_upload_mb: Annotated[int, Field(ge=1, le=2000)] = _setting(
        20, "Largest upload in megabytes", "上传文件的大小上限（MB）"
    )

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


def settings_table(language: Language) -> str:
    """The README's table of settings, in Markdown."""
    lines = [HEADER[language], "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        meaning = field.description if language == "en" else extra["zh"]
        lines.append(f"| `{PREFIX}{name.upper()}` | {_shown(name, field.default, language)} | {meaning} |")
    return "\n".join(lines)


def _shown(name: str, value: object, language: Language) -> str:
    if name == "cache":
        return {"en": "user's cache folder", "zh": "用户缓存文件夹"}[language]
    if value in ("", None, ()) or (isinstance(value, SecretStr) and not value.get_secret_value()):
        return {"en": "(empty)", "zh": "（空）"}[language]
    return f"`{value}`"


def check_tables(readmes: list[Path]) -> int:
    """0 when every README holds its table as the code has it; else say which does not and print it."""
    wrong = 0
    for readme in readmes:
        table = settings_table("zh" if ".zh" in readme.name else "en")
        if table not in readme.read_text("utf-8"):
            sys.stderr.write(f"{readme}: put this table of settings in place of the one there:\n{table}\n")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(check_tables([Path(name) for name in sys.argv[1:]]))
