"""Asks this container's web server whether it answers: `python -m commands.alive`.

For the container's health check. Ends with 0 where it does, else with 1 and a sentence. Imports
nothing else of ours: it is started every ten seconds.
"""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping

PATIENCE = 4.0


def ask(address: str, environ: Mapping[str, str]) -> str:
    """What is wrong, "" where nothing is."""
    request = urllib.request.Request(  # noqa: S310
        f"{address}/healthz", headers={"Host": a_trusted_name(environ)}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return "" if answer.status == 200 else f"The web answers {answer.status}."
    except urllib.error.HTTPError as refused:
        return f"The web answers {refused.code}."
    except OSError as failure:
        return f"The web does not answer: {failure}."


def a_trusted_name(environ: Mapping[str, str]) -> str:
    """One that is let in whatever the names are by which people call it."""
    names = environ.get("MERIAN_TRUSTED_HOSTS", "").split(",")
    return names[0].strip().removeprefix(".") or "localhost"


if __name__ == "__main__":
    sys.exit(ask("http://127.0.0.1:8000", os.environ) or 0)
