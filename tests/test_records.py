"""Records can be hashed, copied and pickled, whatever their fields hold."""

from __future__ import annotations

import copy
import pickle

import pytest

from agentmerge import diff, parse
from agentmerge.model import Definition, FrozenMap, frozen

YAML = "---\nname: a\npermission:\n  bash: {git: allow, rm: [deny, {ask: 1.10}]}\n---\n# A\n\n- Test it\n"
TOML = 'name = "a"\nprompt = "Do it."\n\n[limits]\nsteps = 3\n\n[[limits.rules]]\nallow = ["x"]\n'


@pytest.fixture(params=[(YAML, "a.md"), (TOML, "a.toml")], ids=["yaml", "toml"])
def definition(request: pytest.FixtureRequest) -> Definition:
    text, name = request.param
    found = parse(text, filename=name)
    assert any(isinstance(field.value, FrozenMap) for field in found.fields)
    return found


def test_a_definition_with_nested_fields_can_be_hashed_and_copied(definition: Definition) -> None:
    for other in (copy.copy(definition), copy.deepcopy(definition), pickle.loads(pickle.dumps(definition))):
        assert other == definition
        assert hash(other) == hash(definition)
        assert [field.written for field in other.fields] == [field.written for field in definition.fields]


def test_what_was_made_of_a_definition_does_not_travel_with_it(definition: Definition) -> None:
    size = len(pickle.dumps(definition))
    diff(definition, parse(YAML.replace("Test", "Check")))
    assert definition.memo
    assert len(pickle.dumps(definition)) == size
    assert not copy.deepcopy(definition).memo


def test_a_frozen_map_is_a_mapping_that_nothing_changes() -> None:
    given = {"a": [1, {"b": 2}]}
    made = frozen(given)
    assert isinstance(made, FrozenMap)
    assert made == {"a": (1, {"b": 2})}
    assert hash(made) == hash(frozen({"a": (1, {"b": 2})}))
    assert made != frozen({"a": (1, {"b": 3})})
    assert ("a" in made, "b" in made, len(made), repr(made)) == (True, False, 1, "{'a': (1, {'b': 2})}")
    given["a"].append(3)
    assert made == {"a": (1, {"b": 2})}
    with pytest.raises(TypeError):
        made["a"] = 1  # type: ignore[index]
