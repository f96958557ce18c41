"""Our reading of conditions, held against a full implementation of CEL."""

import itertools

import cel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.catalogue import check, condition, load, source
from lianban.catalogue.condition import ALWAYS, NEVER, ConditionError, parse
from lianban.catalogue.model import Edition

KEYS = ["rank", "placement", "id_card"]
VALUES = ["", "none", "a", "b"]
PEOPLE = [
    dict(zip(KEYS, values, strict=True)) for values in itertools.product(VALUES, repeat=len(KEYS))
]


def quoted(value: str) -> str:
    return f'"{value}"'


def comparisons() -> st.SearchStrategy[str]:
    key, value = st.sampled_from(KEYS), st.sampled_from(VALUES).map(quoted)
    several = st.lists(value, min_size=1, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("{} == {}".format, key, value),
        st.builds("{}!={}".format, key, value),
        st.builds("{} in [{}]".format, key, several),
        st.sampled_from(["true", "false"]),
    )


CONDITIONS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("!({})".format, inner),
        st.builds("{} && {}".format, inner, inner),
        st.builds("{} || {}".format, inner, inner),
        st.builds("({} || {}) && {}".format, inner, inner, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(CONDITIONS)
def test_a_condition_means_what_it_means_in_cel(text: str) -> None:
    ours, theirs = parse(text), cel.compile(text)
    for person in PEOPLE:
        assert ours.holds(person) == theirs.execute(person), (text, person)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab =\"!&|()[],in1.'\\中", max_size=20))
def test_what_we_accept_is_cel_and_the_rest_is_refused_in_words(text: str) -> None:
    try:
        ours = parse(text)
    except ConditionError as error:
        assert str(error)
        return
    answers = dict.fromkeys(condition.questions(ours), "a")
    assert ours.holds(answers) == cel.evaluate(text, answers)


@pytest.mark.parametrize("name", ["retirement-2022", "retirement-2024"])
def test_every_condition_of_the_editions_agrees_with_cel(name: str) -> None:
    folder = load.find(name)
    read, edition = source.read(folder), load.load(folder)
    seen = 0
    for file, place, ours in check.conditions(edition, read):
        text = _written(read, file, place)
        if text is None:
            assert ours in (ALWAYS, NEVER)
            continue
        seen += 1
        theirs = cel.compile(text)
        for person in _people(edition, ours):
            assert ours.holds(person) == theirs.execute(person), (file, text, person)
    assert seen > 60


def _written(read: source.Source, file: str, place: tuple[str | int, ...]) -> str | None:
    value = read[file].data
    for step in place:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value if isinstance(value, str) else None


def _people(edition: Edition, ours: condition.Condition) -> list[dict[str, str]]:
    """Every way to answer what the condition reads, also not at all."""
    keys = sorted(condition.questions(ours))
    values = {q.key: ("", *q.values) for q in edition.questions}
    found = itertools.product(*(values[key] for key in keys))
    return [dict(zip(keys, chosen, strict=True)) for chosen in found]


@pytest.mark.parametrize(
    "text",
    [
        "", "rank", "rank ==", 'rank = "a"', "rank == a", 'rank in "a"', 'rank in ["a"', "rank in []",
        '(rank == "a"', 'rank == "a")', 'rank == "a" rank', '! rank == "a"', "rank == 1", '"a" == rank',
        'in == "a"', 'size(rank) == "a"', 'rank == "a" & rank == "b"', 'rank.size == "a"', 'rank == "a\nb"',
    ],
)  # fmt: skip
def test_what_is_not_in_the_subset_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


def test_a_condition_names_the_questions_and_values_it_reads() -> None:
    found = list(condition.atoms(parse('!(rank in ["a", "b"]) && id_card != "none"')))
    assert [(atom.question, set(atom.values)) for atom in found] == [
        ("rank", {"a", "b"}),
        ("id_card", {"none"}),
    ]
    assert not parse('rank == "a"').holds({})
