"""The web process never loads torch: not itself, and not through anything that it imports."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from app import create_app
client = create_app().test_client()
for path in ("/art", "/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/models", "/nowhere"):
    client.get(path)
print(sorted({"torch", "torchvision", "workers.loaded", "scipy"} & set(sys.modules)))
"""


def test_create_app_loads_no_torch(worker_environ: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | worker_environ | {"MERIAN_SECRET_KEY": "x"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "[]"
