"""What can go wrong below, each said in one sentence with what to do, in English and Chinese."""

from typing import ClassVar, Literal

Language = Literal["en", "zh"]


class SpeechQAError(Exception):
    """Base of every error a person may see.

    Subclasses hold a stable `code` and, per language, a (message, hint) pair of format strings that are
    filled from the keyword arguments given here.
    """

    code: ClassVar[str] = "internal_error"
    texts: ClassVar[dict[Language, tuple[str, str]]] = {
        "en": ("Something went wrong.", "Look at the log of the service."),
        "zh": ("出现内部错误。", "请查看服务日志。"),
    }

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(" ".join(self.describe("en")))

    @property
    def name(self) -> str:
        """The file it is about, empty where it is about none."""
        return str(self.details.get("name", ""))

    def describe(self, language: Language) -> tuple[str, str]:
        """Return (what happened, what to do) in `language`."""
        message, hint = self.texts[language]
        return message.format(**self.details), hint.format(**self.details)


class FileNotReadable(SpeechQAError):
    code = "file_not_readable"
    texts = {
        "en": ("{name} cannot be read ({reason}).", "Check that the file exists and may be read."),
        "zh": ("无法读取 {name}（{reason}）。", "请确认文件存在并有读取权限。"),
    }


class FileNotWritable(SpeechQAError):
    code = "file_not_writable"
    texts = {
        "en": ("{name} cannot be written ({reason}).", "Choose another place, or free some space."),
        "zh": ("无法写入 {name}（{reason}）。", "请换一个位置，或腾出空间。"),
    }


class EmptyFile(SpeechQAError):
    code = "empty_file"
    texts = {
        "en": ("{name} holds no text.", "Give a file with the text of a speech."),
        "zh": ("{name} 中没有文字。", "请提供含有讲话正文的文件。"),
    }


class NotText(SpeechQAError):
    code = "not_text"
    texts = {
        "en": ("{name} is not a text file.", "Save the speech as UTF-8, UTF-16 or GB18030 text and try again."),
        "zh": ("{name} 不是文本文件。", "请将讲话另存为 UTF-8、UTF-16 或 GB18030 编码的文本后重试。"),
    }


class UnsupportedFormat(SpeechQAError):
    code = "unsupported_format"
    texts = {
        "en": ("{name}: files of type {suffix} are not read.", "Use one of: {supported}."),
        "zh": ("{name}：不支持 {suffix} 类型的文件。", "请使用以下类型之一：{supported}。"),
    }


class DamagedFile(SpeechQAError):
    code = "damaged_file"
    texts = {
        "en": (
            "{name} is damaged or not what its name says.",
            "Open it in its own program, save it again and try once more.",
        ),
        "zh": ("{name} 已损坏，或内容与文件类型不符。", "请用相应程序打开并重新保存后再试。"),
    }


class EncryptedFile(SpeechQAError):
    code = "encrypted_file"
    texts = {
        "en": ("{name} is protected by a password.", "Save it without a password and try again."),
        "zh": ("{name} 设有密码保护。", "请取消密码另存后重试。"),
    }


class ScannedFile(SpeechQAError):
    code = "scanned_file"
    texts = {
        "en": (
            "{name} holds pictures of pages and no text.",
            "Run text recognition (OCR) over it, save the result with its text, and index that.",
        ),
        "zh": ("{name} 只有页面图像，没有文字。", "请先做文字识别（OCR），保存为带文字的文件后再索引。"),
    }


class TooLarge(SpeechQAError):
    code = "file_too_large"
    texts = {
        "en": (
            "{name} unpacks to more than any speech.",
            "Check what it holds, and give the speeches in smaller files.",
        ),
        "zh": ("{name} 展开后过大，不像讲话文件。", "请检查其内容，并将讲话拆成较小的文件。"),
    }


class NestedArchive(SpeechQAError):
    code = "nested_archive"
    texts = {
        "en": ("{name} is an archive inside an archive.", "Unpack it and give what it holds."),
        "zh": ("{name} 是压缩包中的压缩包。", "请先解压，再提交其中的文件。"),
    }


class ConverterMissing(SpeechQAError):
    code = "converter_missing"
    texts = {
        "en": (
            "{name}: files of type {suffix} are read through LibreOffice, which is not installed.",
            "Install LibreOffice (the command soffice), or save the file as .docx.",
        ),
        "zh": (
            "{name}：{suffix} 文件需要通过 LibreOffice 读取，但本机没有安装。",
            "请安装 LibreOffice（命令 soffice），或将文件另存为 .docx。",
        ),
    }


class ConversionFailed(SpeechQAError):
    code = "conversion_failed"
    texts = {
        "en": ("LibreOffice could not read {name} ({reason}).", "Open it in its own program and save it as .docx."),
        "zh": ("LibreOffice 无法读取 {name}（{reason}）。", "请用相应程序打开并另存为 .docx。"),
    }


class BadSidecar(SpeechQAError):
    code = "bad_sidecar"
    texts = {
        "en": ("{name} cannot be used ({reason}).", "It takes one `key: value` a line, with the keys {keys}."),
        "zh": ("{name} 无法使用（{reason}）。", "每行写一个 `键: 值`，可用的键：{keys}。"),
    }


class NothingToIndex(SpeechQAError):
    code = "nothing_to_index"
    texts = {
        "en": ("{name} holds no file that can be indexed.", "Give a folder with files of type {supported}."),
        "zh": ("{name} 中没有可以索引的文件。", "请指定含有 {supported} 文件的文件夹。"),
    }


class KeyNotFound(SpeechQAError):
    code = "key_not_found"
    texts = {
        "en": ("There is no valid key {key}.", "`speechqa keys list` shows all of them."),
        "zh": ("没有有效的密钥 {key}。", "`speechqa keys list` 可列出全部密钥。"),
    }


class DocumentNotFound(SpeechQAError):
    code = "document_not_found"
    texts = {
        "en": ("There is no document {document}.", "`speechqa documents` or GET /v1/documents lists them."),
        "zh": ("没有文档 {document}。", "可用 `speechqa documents` 或 GET /v1/documents 查看列表。"),
    }


class AmbiguousDocument(SpeechQAError):
    code = "ambiguous_document"
    texts = {
        "en": ("{document} names {count} documents.", "Give the id that `speechqa documents` shows."),
        "zh": ("{document} 对应 {count} 个文档。", "请使用 `speechqa documents` 列出的编号。"),
    }


class NoDocuments(SpeechQAError):
    code = "no_documents"
    texts = {
        "en": ("{data} holds no speeches yet.", "Index some first: speechqa index FOLDER --data {data}"),
        "zh": ("{data} 中还没有讲话。", "请先建立索引：speechqa index 文件夹 --data {data}"),
    }


class DataFolderNotWritable(SpeechQAError):
    code = "data_folder_not_writable"
    texts = {
        "en": ("The data folder {data} cannot be used ({reason}).", "Choose another with --data or SPEECHQA_DATA."),
        "zh": ("数据文件夹 {data} 无法使用（{reason}）。", "请用 --data 或 SPEECHQA_DATA 指定其他文件夹。"),
    }


class DataFolderInUse(SpeechQAError):
    code = "data_folder_in_use"
    texts = {
        "en": (
            "The data folder {data} is in use by another process ({holder}).",
            "Stop that process first, or ask the running service through its page or API.",
        ),
        "zh": (
            "数据文件夹 {data} 正被另一个进程使用（{holder}）。",
            "请先停止该进程，或通过正在运行的服务的页面或接口操作。",
        ),
    }


class IndexMismatch(SpeechQAError):
    code = "index_mismatch"
    texts = {
        "en": (
            "The index in {data} does not fit this program ({reason}); nothing was changed.",
            "Rebuild it from its own texts: speechqa rebuild --data {data}",
        ),
        "zh": (
            "{data} 中的索引与当前程序不符（{reason}），未做任何改动。",
            "请用其中保存的原文重建：speechqa rebuild --data {data}",
        ),
    }


class CatalogMismatch(SpeechQAError):
    code = "catalog_mismatch"
    texts = {
        "en": (
            "The catalog of {data} is of version {found}, this program reads version {expected}.",
            "Use the program version that made it, or index the files into a new data folder.",
        ),
        "zh": (
            "{data} 的目录版本为 {found}，本程序只读版本 {expected}。",
            "请使用创建它的程序版本，或将文件索引到新的数据文件夹。",
        ),
    }


class CatalogUnavailable(SpeechQAError):
    code = "catalog_unavailable"
    texts = {
        "en": (
            "The catalog of {data} cannot be opened ({reason}); nothing was changed.",
            "Correct SPEECHQA_DATABASE_URL and its driver, or restore catalog.sqlite from a backup.",
        ),
        "zh": (
            "无法打开 {data} 的目录库（{reason}），未做任何改动。",
            "请更正 SPEECHQA_DATABASE_URL 或安装其驱动，或用备份恢复 catalog.sqlite。",
        ),
    }


class CatalogLost(SpeechQAError):
    code = "catalog_lost"
    texts = {
        "en": (
            "The indexes in {data} hold {count} passages, but its catalog is empty; nothing was changed.",
            "Restore catalog.sqlite from a backup, or index the files into a new data folder.",
        ),
        "zh": (
            "{data} 的索引中有 {count} 个段落，但目录库是空的，未做任何改动。",
            "请用备份恢复 catalog.sqlite，或将文件索引到新的数据文件夹。",
        ),
    }


class DocumentsWaiting(SpeechQAError):
    code = "documents_waiting"
    texts = {
        "en": (
            "{count} passages in {data} still wait to be indexed; no speech can answer yet.",
            "Finish with: speechqa rebuild --data {data}",
        ),
        "zh": (
            "{data} 中还有 {count} 个段落等待索引，目前没有讲话可用于回答。",
            "请运行以下命令完成索引：speechqa rebuild --data {data}",
        ),
    }


class ModelUnavailable(SpeechQAError):
    code = "model_unavailable"
    texts = {
        "en": ("The embedding model {model} cannot be loaded ({reason}).", "{advice}"),
        "zh": ("无法加载向量模型 {model}（{reason}）。", "{advice}"),
    }


class StoreUnavailable(SpeechQAError):
    code = "store_unavailable"
    texts = {
        "en": ("The vector store at {url} does not answer ({reason}).", "Start it, or correct SPEECHQA_CHROMA_URL."),
        "zh": ("向量库 {url} 无响应（{reason}）。", "请启动它，或更正 SPEECHQA_CHROMA_URL。"),
    }
