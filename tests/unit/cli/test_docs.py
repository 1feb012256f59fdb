"""Generated pages are in step, examples are valid, links lead somewhere."""

import json
import re
from pathlib import Path

import pytest
import yaml
from repository import REPOSITORY as ROOT

from boxloop.cli.docs import drifted, pages, write
from boxloop.study import document, judging, model, parts, searching
from boxloop.study.examples import EXAMPLES
from boxloop.study.known_metrics import METRICS
from boxloop.study.known_models import MODELS
from boxloop.study.load import load_study
from boxloop.study.parts import Part
from boxloop.study.vocabulary import CHECKLIST, STAGES

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "config" / "README.md"])
LATER = {"docs/report.png"}  # a picture, made after the first run


def test_schema_and_page_of_the_study_file_are_in_step():
    assert drifted(ROOT) == [], "run: boxloop docs"


def test_drift_is_found_and_mended(tmp_path):
    (tmp_path / "workflow").mkdir()
    assert len(drifted(tmp_path)) == len(pages())
    write(tmp_path)
    assert drifted(tmp_path) == []
    page = tmp_path / "docs" / "study.md"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert drifted(tmp_path) == [page]


def test_examples_are_valid_studies(tmp_path):
    for name, (_, text) in EXAMPLES.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    for module in ("flares", "spectra"):
        (tmp_path / f"{module}.py").touch()
    for name in EXAMPLES:
        assert load_study(tmp_path / f"{name}.yaml").name == name


def test_the_smallest_study_that_a_page_shows_is_valid(tmp_path):
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(re.findall(r"```yaml\n(schema: 2\n.*?)```", text, re.DOTALL)[0])
    assert load_study(path).study.models


def sections() -> list[type[Part]]:
    found = [
        v
        for m in (model, parts, judging, searching)
        for v in vars(m).values()
        if isinstance(v, type)
    ]
    return [v for v in dict.fromkeys(found) if issubclass(v, Part)]


def test_every_key_has_a_meaning():
    bare = [
        f"{section.__name__}.{name}"
        for section in sections()
        for name, field in section.model_fields.items()
        if not field.description
    ]
    assert bare == []


def test_the_page_names_every_key_metric_model_item_and_stage():
    page = pages()["docs/study.md"]
    keys = [f.alias or n for s in sections() for n, f in s.model_fields.items()]
    for name in [*keys, *METRICS, *MODELS, *CHECKLIST]:
        assert f"| `{name}` |" in page
    for stage in STAGES:
        assert f"| {stage} |" in page


def key_paths() -> dict[str, str]:
    """Every key path of the format, with the key at its end."""
    return {
        f"{path}.{field.alias or name}".lstrip("."): field.alias or name
        for path, section in document.mappings_of_the_format()
        for name, field in section.model_fields.items()
    }


def test_every_key_has_an_example():
    without = [path for path in key_paths() if not document.examples_of(path)]
    assert without == []


def test_every_key_is_used_by_a_test():
    tests = ROOT / "tests"
    files = [p for p in tests.rglob("*") if p.suffix in (".py", ".yaml") and p != Path(__file__)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    unused = [
        path
        for path, key in key_paths().items()
        if not re.search(rf"\b{re.escape(key)}\b[\"']?\s*[:=\],)]", text)
    ]
    assert unused == []


def test_the_schema_describes_what_the_shipped_studies_hold():
    schema = json.loads(pages()["workflow/schemas/study.schema.json"])
    for path in (ROOT / "config" / "studies").glob("*.yaml"):
        assert set(yaml.safe_load(path.read_text(encoding="utf-8"))) <= set(schema["properties"])
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if str(target.relative_to(ROOT)) in LATER:
            continue
        assert target.exists(), link
        if anchor:
            assert anchor in headings(target), link


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub makes them."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in lines}


def test_every_stage_has_its_page():
    assert {s for s in STAGES if not (ROOT / "docs" / f"{s}.md").is_file()} == set()


def test_code_of_the_pages_is_valid_python():
    for page in PAGES:
        for block in re.findall(
            r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            compile(block, str(page), "exec")


def test_the_citation_file_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert f'version = "{citation["version"]}"' in project
    assert f'license = "{citation["license"]}"' in project
