"""Finds a Chromium for the tests, or installs one. Run by `make test`; prints where it is.

In order: MERIAN_TEST_BROWSER, a browser on PATH, the one that playwright manages,
then playwright's own download, then the system's package (apt-get, as root or with sudo).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The path of a Chromium that is there already, or None."""
    if named := os.environ.get("MERIAN_TEST_BROWSER"):
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return managed_browser()


def managed_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_browser() -> None:
    """Try each way in turn; the caller looks again afterwards."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways.append([*root, "apt-get", "-qq", "update"])
        ways.append([*root, "apt-get", "-qq", "install", "--yes", "chromium"])
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for way in ways:
        done = subprocess.run(way, env=environment, stdout=subprocess.DEVNULL)
        if done.returncode == 0 and find_browser():
            return


def main() -> int:
    if not find_browser():
        print("No Chromium here: installing one for the tests.")
        install_browser()
    if not (path := find_browser()):
        print("The tests need a Chromium: install one, or name it in MERIAN_TEST_BROWSER.")
        return 1
    print(f"Browser for the tests: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
