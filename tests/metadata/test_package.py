"""What a release contains."""

from pathlib import Path
import subprocess
import zipfile

import pytest

from scripts import package

from .files import PACKAGE, ROOT, load

VERSION = load(PACKAGE / "manifest.json")["version"]
ARCHIVE = load(ROOT / "hacs.json")["filename"]


def test_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The archive has the integration's tracked files, its folder as the root."""
    assert package.main(["--tag", VERSION, "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{VERSION}: {tmp_path / ARCHIVE}\n"
    with zipfile.ZipFile(tmp_path / ARCHIVE) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        for name in names:
            assert archive.read(name) == (PACKAGE / name).read_bytes()
    tracked = subprocess.run(
        ("git", "ls-files", "--", PACKAGE),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    folder = f"{PACKAGE.relative_to(ROOT)}/"
    assert names == {name.removeprefix(folder) for name in tracked}
    assert {
        "__init__.py",
        "manifest.json",
        "services.yaml",
        "icons.json",
        "brand/icon.png",
        "msgsms/codes.json",
        "translations/en.json",
        "translations/zh-Hans.json",
    } <= names


def test_notes(tmp_path: Path) -> None:
    """The notes are the version's part of the changelog, without its heading."""
    assert package.main(["--output", str(tmp_path)]) == 0
    notes = (tmp_path / "release-notes.md").read_text("utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert notes.strip() in changelog
    assert len(notes) > 100
    assert f"[{VERSION}]" not in notes
    assert "\n## " not in notes


def test_other_tag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tag that is not the version makes no release."""
    assert package.main(["--tag", f"v{VERSION}", "--output", str(tmp_path)]) == 1
    assert "manifest's version" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_version_without_notes(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither does a version of which the changelog says nothing."""
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\nMuch.\n", "utf-8")
    monkeypatch.setattr(package, "_PROJECT", tmp_path)
    output = tmp_path / "dist"
    assert package.main(["--output", str(output)]) == 1
    assert "changelog" in capsys.readouterr().err
    assert not output.exists()
