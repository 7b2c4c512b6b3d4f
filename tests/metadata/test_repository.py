"""The repository's own files agree with each other and with good practice."""

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any

import pytest

from .files import PACKAGE, ROOT, load

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
FORMS = [GITHUB / "ISSUE_TEMPLATE" / f"{name}.yaml" for name in ("bug", "feature")]

# Each names the newest release on which everything has to run.
NAMING_THE_NEWEST = (
    ".ci/run",
    ".devcontainer/devcontainer.json",
    ".github/workflows/ci.yaml",
    "scripts/demo",
    "scripts/screenshots",
)


def name(path: Path) -> str:
    """Name the case of a test."""
    return path.stem


def jobs(workflow: Path) -> Iterator[dict[str, Any]]:
    """Return the jobs of a workflow."""
    yield from load(workflow)["jobs"].values()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_actions_are_pinned(workflow: Path) -> None:
    """Actions of others are named by commit, with the version for people."""
    for line in workflow.read_text("utf-8").splitlines():
        if "uses:" in line:
            assert re.search(
                r"uses: (\./\.github/workflows/|[\w/-]+@[0-9a-f]{40} # \S+$)", line
            ), line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_rights(workflow: Path) -> None:
    """No right is given to all jobs; a release alone may write."""
    assert load(workflow)["permissions"] == {}
    for job in jobs(workflow):
        writes = {right for right, how in job["permissions"].items() if how != "read"}
        publishes = any("gh release" in step.get("run", "") for step in steps(job))
        assert writes == ({"contents"} if publishes else set())
    assert "secrets." not in workflow.read_text("utf-8")


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a job; one that calls another workflow has none."""
    found: list[dict[str, Any]] = job.get("steps", [])
    return found


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_jobs(workflow: Path) -> None:
    """Jobs end in time, keep no login, and put nothing of others into a shell."""
    content = load(workflow)
    assert content["concurrency"]["group"]
    # YAML reads the key "on" as true
    assert "pull_request_target" not in content[True]
    for job in jobs(workflow):
        assert "uses" in job or job["timeout-minutes"] <= 30
        for step in steps(job):
            assert "${{" not in step.get("run", "")
            if "checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_same_checks() -> None:
    """The workflow runs what continuous integration runs here."""
    wanted = [
        line
        for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
        if line.startswith("scripts/")
    ]
    run = [
        step["run"]
        for job in jobs(GITHUB / "workflows" / "ci.yaml")
        for step in steps(job)
        if "run" in step
    ]
    assert run == wanted


@pytest.mark.parametrize("action", ["home-assistant/actions/hassfest", "hacs/action"])
def test_checks_of_others(action: str) -> None:
    """Home Assistant's and HACS's own checks run besides."""
    used = [
        step["uses"].partition("@")[0]
        for job in jobs(GITHUB / "workflows" / "ci.yaml")
        for step in steps(job)
        if "uses" in step
    ]
    assert used.count(action) == 1


def test_one_newest_release() -> None:
    """The newest release is the same wherever it is named."""
    found: set[str] = set()
    for file in NAMING_THE_NEWEST:
        named = re.findall(
            r"--homeassistant ([\d.]+\d)|\.venv-([\d.]+)/",
            (ROOT / file).read_text("utf-8"),
        )
        assert named, file
        found |= {release for pair in named for release in pair if release}
    assert len(found) == 1


def test_release() -> None:
    """A tag that is a version makes a release; only one that the manifest has."""
    content = load(GITHUB / "workflows" / "release.yaml")
    assert content[True] == {"push": {"tags": ["[0-9]+.[0-9]+.[0-9]+"]}}
    publish = content["jobs"]["publish"]
    assert publish["needs"] == "checks"
    commands = [step["run"] for step in steps(publish) if "run" in step]
    assert commands[0] == 'scripts/package --tag "$GITHUB_REF_NAME"'
    assert f"dist/{load(ROOT / 'hacs.json')['filename']}" in commands[1]


def test_changelog() -> None:
    """The newest section that has a date is that of the manifest's version."""
    version = load(PACKAGE / "manifest.json")["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.findall(
        r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", changelog, re.MULTILINE
    )
    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == version
    assert all(date for _, date in sections[1:])
    for section, _ in sections:
        assert f"\n[{section}]: https://" in changelog


@pytest.mark.parametrize("form", FORMS, ids=name)
def test_issue_forms(form: Path) -> None:
    """Each question can be told from the others and is asked in both languages."""
    content = load(form)
    questions = [item for item in content["body"] if item["type"] != "markdown"]
    identifiers = [question["id"] for question in questions]
    assert len(identifiers) == len(set(identifiers))
    for text in (
        content["name"],
        content["description"],
        *(question["attributes"]["label"] for question in questions),
    ):
        assert re.fullmatch(r"[A-Z].* / .*[\u4e00-\u9fff].*", text)


def test_bug_form() -> None:
    """A bug cannot be reported without versions and diagnostics."""
    required = {
        item["id"]
        for item in load(FORMS[0])["body"]
        if item.get("validations", {}).get("required")
    }
    assert {"home_assistant", "integration", "diagnostics"} <= required
    assert load(GITHUB / "ISSUE_TEMPLATE" / "config.yml")["blank_issues_enabled"] is (
        False
    )


def test_devcontainer() -> None:
    """The development container installs itself by the project's own script."""
    content = load(ROOT / ".devcontainer" / "devcontainer.json")
    assert content["postCreateCommand"].startswith("scripts/setup")
