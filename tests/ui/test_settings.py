from pathlib import Path

import pytest

from tests.conftest import ROOT
from ui.settings import BadSetting, Settings, check_tables, load_settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECHQA_DATA", "/srv/speeches")
    monkeypatch.setenv("SPEECHQA_ALLOWED_ORIGINS", "https://portal.example.org, http://localhost:3000")
    settings = load_settings()
    assert settings.data == Path("/srv/speeches")
    assert settings.allowed_origins == ("https://portal.example.org", "http://localhost:3000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPEECHQA_PORT", "eighty"),
        ("SPEECHQA_PORT", "0"),
        ("SPEECHQA_ALLOWED_ORIGINS", "*"),
        ("SPEECHQA_ALLOWED_ORIGINS", "https://portal.example.org/path"),
        ("SPEECHQA_MAX_UPLOAD_MB", "-1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        load_settings()


def test_the_readmes_list_every_setting_as_the_code_has_it(tmp_path: Path) -> None:
    readmes = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
    assert check_tables(readmes) == 0
    stale = tmp_path / "README.md"
    stale.write_text(readmes[0].read_text("utf-8").replace("SPEECHQA_PORT", "SPEECHQA_GATE"), "utf-8")
    assert check_tables([stale]) == 1
    assert set(Settings.model_fields) >= {"data", "embedding_model", "chroma_url", "database_url", "allowed_origins"}
