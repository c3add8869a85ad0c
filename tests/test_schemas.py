"""JSON output is of the shape that the shipped schemas promise."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from agentmerge.matching.aligning import align, partners
from agentmerge.reading.parsing import parse
from agentmerge.views.jsonable import align_json, dumps, show_json
from tests.dotfiles import FIXTURES, cases
from tests.shipped import SHIPPED
from tests.strategies import definitions

SCHEMAS = sorted(path.name for path in files("agentmerge").joinpath("data/schemas").iterdir())
SHAPES = [case for path in sorted((FIXTURES / "parse").glob("*.txt")) for case in cases(path)]


def schema(name: str) -> dict[str, Any]:
    return json.loads(files("agentmerge").joinpath("data", "schemas", f"{name}.json").read_text("utf-8"))  # type: ignore[no-any-return]


def validate(data: dict[str, Any], name: str) -> None:
    # Through the printed form: what is no JSON would fail here, not at the reader's.
    jsonschema.validate(json.loads(dumps(data)), schema(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema__is_one(name: str) -> None:
    shape = schema(name.removesuffix(".json"))
    jsonschema.Draft202012Validator.check_schema(shape)
    assert shape["$id"] == f"agentmerge/{name.removesuffix('.json')}/1"
    assert shape["properties"]["schema"] == {"const": shape["$id"]}


def test_show__every_shape() -> None:
    for case in SHAPES:
        validate(show_json(parse(case.text, SHIPPED, filename="a.md"), SHIPPED), "show")


@given(definitions())
@settings(deadline=None)
def test_show__any_text(text: str) -> None:
    validate(show_json(parse(text, SHIPPED), SHIPPED), "show")


def test_show__a_wrong_shape_is_refused() -> None:
    data = show_json(parse("# T\n", SHIPPED), SHIPPED)
    with pytest.raises(jsonschema.ValidationError):
        validate(data | {"more": 1}, "show")
    with pytest.raises(jsonschema.ValidationError):
        validate(data | {"sections": [{"title": "T"}]}, "show")


def test_align__what_covers_others_and_who_may_be_the_partner() -> None:
    a = "## Models\n\n- **Supervised learning**: Classification, regression, ensembles and the choice of models\n"
    b = "## Models\n\n- Supervised learning\n- Regression\n- Write the report\n"
    files = [parse(text, SHIPPED) for text in (a, b)]
    data = align_json(align(files, SHIPPED), ["a.md", "b.md"], partners(files, SHIPPED, most=1))
    validate(data, "align")
    (group,) = [group for group in data["units"] if group["relation"] == "covers"]
    assert group["members"][group["head"]] == {"file": 0, "line": 3}
    best = {(row["file"], row["line"]): row["partners"] for row in data["candidates"]}
    assert best[1, 3][0].items() >= {"file": 0, "line": 3, "rank": 1}.items()
    assert all(len(found) == 1 for found in best.values())


def test_align__two_variants() -> None:
    a = "---\nname: a\nmodel: opus\n---\n## Rules\n- Never push to main.\n- Coverage at least 80 %.\n"
    b = "---\nname: b\nmodel: haiku\n---\n## Rules\n- Never push to main!\n- Coverage at least 90 %.\n"
    data = align_json(align([parse(a, SHIPPED), parse(b, SHIPPED)], SHIPPED), ["a.md", "b.md"])
    assert data["units"]
    assert data["sections"]
    validate(data, "align")
