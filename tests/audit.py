"""`make audit`: whether a flaw is known in what is installed here. Asks a service on the net.

Exits with 1 and a list where one is. Where the service cannot be reached it says so and exits
with 0: a check that needs the net must not keep anyone without it from working.
"""

import json
import subprocess
import sys
from typing import Any

PATIENCE = 300.0
COMMAND = (
    sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off",
    "--skip-editable", "--timeout", "10",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Further words go to pip-audit."""
    try:
        done = subprocess.run(
            [*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE
        )
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as failure:
        said = "" if isinstance(failure, subprocess.TimeoutExpired) else done.stderr.strip()
        reason = said.splitlines()[-1] if said else "it did not answer in time"
        print(f"Nothing was audited: the list of known flaws cannot be had here ({reason}).")
        return 0
    asked = [each for each in report["dependencies"] if "vulns" in each]
    if not asked:
        print("Nothing was audited: the list of known flaws knows none of these packages.")
        return 0
    found = flaws(report)
    for line in found:
        print(line)
    print(f"{len(asked)} packages audited, {len(found)} known flaws.")
    return 1 if found else 0


def flaws(report: dict[str, Any]) -> list[str]:
    """A line for each."""
    return [
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for flaw in package.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
