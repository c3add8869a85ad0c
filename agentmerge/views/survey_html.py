"""A survey as one self-contained page: nothing is loaded, nothing of the content is markup or code."""

from __future__ import annotations

from typing import Any

from agentmerge import __version__
from agentmerge.emitting import template_source
from agentmerge.surveying import steps
from agentmerge.surveying.records import Family, Pair
from agentmerge.views.html import render_page
from agentmerge.views.safe import one_line, safe
from agentmerge.views.survey import NEXT, Surveyed, found, head, most_serious, notes, percent, who_may

TITLE = "Survey of agent definitions"
SIGNALS = (
    ("body", "words of each that stand in statements of both; what many roles say weighs little"),
    ("wording", "triples of words that both have"),
    ("headings", "headings that both have"),
    ("name", "whether both are called after one role"),
    ("description", "how alike the descriptions are"),
)


def survey_html(shown: Surveyed) -> str:
    """The page. Its style and script are allowed by their hashes, everything else is forbidden."""
    survey = shown.survey
    return render_page(
        "survey.html.j2",
        template_source("survey.css").strip(),
        template_source("survey.js").strip(),
        title=TITLE,
        version=__version__,
        head=head(shown),
        found=found(survey),
        signals=SIGNALS,
        steps=[(one_line(about), _command(words)) for _, about, words in steps.most_wanted(survey)[:NEXT]],
        families=[_family(family, shown) for family in survey.families],
        classes=sorted({str(pair.klass) for family in survey.families for pair in family.pairs}),
        collisions=[
            {
                "name": one_line(one.name),
                "host": one.host,
                "files": [shown.name(number) for number in one.files],
                "next": _command(steps.of_collision(one, survey.cards)),
            }
            for one in survey.collisions
        ],
        neighbours=[
            {
                "share": f"{one.share:.0%}",
                "files": [shown.name(one.a), shown.name(one.b)],
                "texts": [one_line(survey.cards[number].content.description, 300) for number in (one.a, one.b)],
                "next": _command(steps.of_neighbours(one, survey.cards)),
            }
            for one in survey.neighbours
        ],
        templates=[
            {"files": one.files, "text": one_line(text, 300), "file": f"{shown.name(one.file)}:{line}"}
            for one, (line, text) in zip(survey.templates, shown.statements, strict=True)
        ],
        notes=[one_line(row) for row in notes(shown)],
    )


def _command(words: steps.Words) -> str:
    return safe(steps.command(words))


def _family(family: Family, shown: Surveyed) -> dict[str, Any]:
    return {
        "role": one_line(family.role, 80),
        "tokens": family.tokens,
        "count": len(family.members),
        "first": shown.name(family.members[0]),
        "pairs": [_pair(pair, family, shown) for pair in family.pairs],
        "classes": " ".join(dict.fromkeys(str(pair.klass) for pair in family.pairs)),
        "wider": any(pair.wider for pair in family.pairs),
        "mirrors": [shown.name(number) for others in family.mirrors.values() for number in others],
        "next": _command(steps.of_pair(most_serious(family), shown.survey.cards)),
    }


def _pair(pair: Pair, family: Family, shown: Surveyed) -> dict[str, Any]:
    signals = pair.signals
    number = pair.b if pair.b != family.members[0] else pair.a
    return {
        "class": str(pair.klass),
        "file": shown.name(number),
        "body": " / ".join(map(percent, signals.body)),
        "wording": percent(signals.wording),
        "headings": percent(signals.headings),
        "name": "same" if signals.name else "-",
        "description": percent(signals.description),
        "fields": ", ".join(map(safe, pair.fields)),
        "wider": [(one.severity, who_may(one, number), one_line(one.told, 300)) for one in pair.wider],
    }
