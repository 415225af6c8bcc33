"""Images without a Docker engine: a Debian base by debootstrap, all else by buildah."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.compose import ROOT

DEBIAN = os.environ.get("IMAGE_TEST_SUITE", "bookworm")
MIRROR = os.environ.get("IMAGE_TEST_MIRROR", "")
"""Where Debian comes from; debootstrap knows a place itself."""
NEEDED = ("debootstrap", "buildah", "nginx")
OF_THE_WAY = ("cert", "index-url", "extra-index-url", "find-links", "trusted-host", "proxy")
"""What of pip's configuration says where packages come from, and not which."""
SAID = re.compile(r"^[\w:]*\.([\w-]+)='(.*)'$", re.MULTILINE)


def missing() -> list[str]:
    """Programs that are not here, also not after an attempt to install them."""
    install([name for name in NEEDED if not found(name)])
    return [name for name in NEEDED if not found(name)]


def install(packages: Sequence[str]) -> None:
    """Debian's packages, where this is Debian and we may."""
    if not packages or not shutil.which("apt-get"):
        return
    words = ["install", "--yes", "--no-install-recommends", *packages]
    for each in (["update"], words):
        subprocess.run(
            ["apt-get", "-qq", *each], env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip


def found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@dataclass(frozen=True)
class Builder:
    """buildah with a storage of its own in `folder`."""

    folder: Path
    driver: str

    def call(self, *words: str, timeout: float = 1500) -> str:
        """What buildah writes. Its complaints go where the tests' do."""
        # What it leaves there, layers of gigabytes and pip's cache, goes with the folder.
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        done = subprocess.run(
            [*self.command, *words], env=os.environ | {"TMPDIR": str(scratch)},
            stdout=subprocess.PIPE, text=True, timeout=timeout, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    @property
    def command(self) -> list[str]:
        return [
            "buildah", "--root", str(self.folder / "storage"),
            "--runroot", str(self.folder / "run"), "--storage-driver", self.driver,
        ]  # fmt: skip

    def has(self, image: str) -> bool:
        listed = self.call("images", "--format", "{{.Name}}").splitlines()
        return image in listed

    def base(self) -> str:
        """An image of Debian with its Python and nothing else."""
        container = self.call("from", "scratch")
        root = self.call("mount", container)
        subprocess.run(
            [str(found("debootstrap")), "--variant=minbase",
             "--include=python3,python3-venv,ca-certificates", DEBIAN, root,
             *filter(None, [MIRROR])],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for rest in ("var/lib/apt/lists", "var/cache/apt"):
            shutil.rmtree(Path(root) / rest)
        self.call("umount", container)
        self.call("commit", "--rm", "--quiet", container, "merian-base")
        return "localhost/merian-base"

    def build(self, target: str, base: str, **arguments: str) -> str:
        """The image of a stage, by the Dockerfile as it is."""
        given = {"PYTHON_IMAGE": base} | arguments
        words = [word for pair in given.items() for word in ("--build-arg", "=".join(pair))]
        with pip_as_here(self.folder) as ways:
            self.call(
                "bud", "--isolation", "chroot", "--format", "docker", "--quiet", *ways, *words,
                "--target", target, "--tag", f"merian-{target}", str(ROOT),
            )  # fmt: skip
        return f"localhost/merian-{target}"

    def container(self, image: str) -> "Container":
        name = self.call("from", image)
        # buildah would put folders of its own there, whatever is bound.
        for volume in Container(self, name, self.folder).config["Volumes"] or ():
            self.call("config", "--volume", f"{volume}-", name)
        return Container(self, name, Path(self.call("mount", name)))

    def end(self) -> None:
        self.call("rm", "--all")
        self.call("rmi", "--all", "--force")


@dataclass(frozen=True)
class Container:
    """An image that was opened, so that programs can run in it."""

    builder: Builder
    name: str
    root: Path
    """Where its files are."""

    @property
    def config(self) -> Mapping[str, Any]:
        about = json.loads(self.builder.call("inspect", self.name))
        config: dict[str, Any] = about["Docker"]["config"]
        return config

    def command(
        self, words: Sequence[str], environ: Mapping[str, str], volumes: Mapping[Path, str]
    ) -> list[str]:
        """What runs `words` in it, as the image's user, by the image's entrypoint."""
        given = [word for pair in environ.items() for word in ("--env", "=".join(pair))]
        bound = [w for here, there in volumes.items() for w in ("--volume", f"{here}:{there}")]
        return [
            *self.builder.command, "run", "--isolation", "chroot", *given, *bound, self.name,
            "--", *self.config["Entrypoint"], *words,
        ]  # fmt: skip

    def run(
        self,
        *words: str,
        environ: Mapping[str, str] | None = None,
        volumes: Mapping[Path, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        command = self.command(words, environ or {}, volumes or {})
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def bytes(self) -> int:
        """Of all files, each counted once however many names it has."""
        seen = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                about = (Path(folder) / name).lstat()
                seen[about.st_ino] = about.st_size
        return sum(seen.values())


@contextmanager
def pip_as_here(folder: Path) -> Iterator[list[str]]:
    """Words by which pip in a build finds packages as this machine's does, and leaves no trace.

    Its configuration is a secret of the build; folders that it names are lent.
    """
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    ways = {name: value for name, value in SAID.findall(said) if name in OF_THE_WAY}
    secret = folder / "pip.conf"
    secret.touch(mode=0o600)
    secret.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in ways.items()))
    paths = [
        Path(word.removeprefix("file://")) for value in ways.values() for word in value.split()
    ]
    # Beside an index are its files; a certificate may be a link into the folder next to it.
    lent = {path.parent for path in paths if path.is_absolute() and path.exists()}
    words = ["--secret", f"id=pip,src={secret}"]
    for each in sorted(lent):
        words += ["--volume", f"{each}:{each}:ro"]
    try:
        yield words
    finally:
        secret.unlink()


def open_builder(folder: Path) -> Builder:
    """With the driver that works here: overlay where the folder is no overlay itself."""
    for driver in ("overlay", "vfs"):
        builder = Builder(folder, driver)
        done = subprocess.run([*builder.command, "info"], capture_output=True)
        if done.returncode == 0:
            return builder
        shutil.rmtree(folder / "storage", ignore_errors=True)
    raise RuntimeError(done.stderr.decode())
