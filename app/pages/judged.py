"""The photographs behind a model's figures: those of one class, of one name, or of one mistake."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request

from app.judged import chosen, kept, training_of
from app.keys import needs
from app.languages import gettext
from app.services import services

pages = Blueprint("judged", __name__)

PAGE = 48
LONGEST = 200
"""Letters of a label that are read."""


@pages.get("/models/<name>/photographs")
@needs("read")
def show(name: str) -> str:
    """What there is of a cell of the confusion matrix; of a row, a column, or all of it."""
    card = services().registry.get(name).card
    truth, named = (request.args.get(each, "")[:LONGEST] for each in ("truth", "named"))
    report, job = card.evaluation or {}, training_of(card)
    all_kept = kept(job) if job else []
    found = chosen(all_kept, truth, named)
    page = max(1, request.args.get("page", 1, int))
    return render_template(
        "pages/judged.html",
        card=card,
        job=job,
        truth=truth,
        named=named,
        title=title(truth, named),
        any_kept=bool(all_kept),
        measured=counted(report, truth, named),
        kept=len(found),
        shown=found[(page - 1) * PAGE : page * PAGE],
        page=page,
        pages=-(-len(found) // PAGE),
        truths=labels(report, [each.truth for each in all_kept]),
        names=labels(report, [each.named for each in all_kept]),
        the_other_way=counted(report, named, truth) if truth and named not in ("", truth) else 0,
    )


def title(truth: str, named: str) -> str:
    words = {"truth": truth, "named": named}
    match bool(truth), bool(named):
        case True, True if truth == named:
            return gettext("%(truth)s, named rightly") % words
        case True, True:
            return gettext("%(truth)s, named %(named)s") % words
        case True, False:
            return gettext("Photographs of %(truth)s") % words
        case False, True:
            return gettext("What was named %(named)s") % words
    return gettext("What it was measured with")


def counted(report: Mapping[str, Any], truth: str, named: str) -> int:
    """How many photographs of the evaluation there are of a cell, a row, a column, or in all."""
    classes = [each["label"] for each in report.get("per_class", [])]
    return sum(
        n
        for true, said, n in report.get("confusion", [])
        if truth in ("", classes[true]) and named in ("", classes[said])
    )


def labels(report: Mapping[str, Any], there: Sequence[str]) -> list[str]:
    """Of the classes, in their order, those of which any photograph was kept."""
    return [each["label"] for each in report.get("per_class", []) if each["label"] in set(there)]
