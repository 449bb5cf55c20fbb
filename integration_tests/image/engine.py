"""A container engine: whichever this machine has, and how to build and run with it."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PULL_SECONDS = 180
BUILD_SECONDS = 900
ASK_SECONDS = 60

PIP_SETTINGS = ("index-url", "extra-index-url", "find-links", "trusted-host", "proxy", "timeout", "retries", "no-index")


class EngineError(Exception):
    """The engine can't do it; the message says what it said."""


@dataclass(frozen=True)
class Engine:
    """Docker, or Podman in its place.

    Attributes:
        name: the command.
        version: as it tells.
        limits: options that `run` and `build` need so that the engine starts anything here at all.
    """

    name: str
    version: str
    limits: tuple[str, ...] = ()

    @property
    def is_podman(self) -> bool:
        return self.name == "podman"

    def ask(self, *arguments: str, seconds: float = ASK_SECONDS) -> str:
        """Run a command of the engine and return its stdout.

        Raises:
            EngineError: with the end of what it wrote to stderr.
        """
        return _run([self.name, *arguments], seconds)

    def has(self, image: str) -> bool:
        """Whether the image is on this machine."""
        try:
            self.ask("image", "inspect", image)
        except EngineError:
            return False
        return True

    def pull(self, image: str) -> bool:
        """Try to get an image from its registry."""
        try:
            self.ask("pull", "--quiet", image, seconds=PULL_SECONDS)
        except EngineError:
            return False
        return True

    def inspect(self, image: str) -> dict[str, Any]:
        (found,) = json.loads(self.ask("image", "inspect", image))
        return dict(found)

    def history(self, image: str) -> str:
        """All commands that made the image, in full."""
        return self.ask("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)

    def build(self, folder: Path, tag: str, base: str, scratch: Path) -> str:
        """Build the folder's Dockerfile on a base, with this machine's settings of pip; returns the log."""
        command = [self.name, "build", *self.limits, "--build-arg", f"BASE={base}", "--tag", tag]
        # The base may be here only. Docker never asks a registry for what is here; Podman must be told.
        command += ["--pull=never", "--network=host", "--format=docker"] if self.is_podman else []
        with _pip_settings(scratch) as (settings, folders):
            command += ["--secret", f"id=pip.conf,src={settings}"] if settings else []
            if self.is_podman:
                certificates = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE")
                mounts = [(one, one) for one in folders]
                if certificates:
                    mounts.append((certificates, "/etc/ssl/certs/ca-certificates.crt"))
                for here, there in mounts:
                    command += ["--volume", f"{os.path.realpath(here)}:{there}:ro"]
            return _run([*command, str(folder)], BUILD_SECONDS)

    def run_command(self, image: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """The command line that runs the image with stdin piped in."""
        return [self.name, "run", "--rm", "--interactive", *self.limits, *options, image, *arguments]


def find_engine() -> Engine:
    """Return a working Docker, or else Podman.

    Raises:
        EngineError: there is neither; says what to install.
    """
    if shutil.which("docker"):
        try:
            return Engine("docker", _run(["docker", "version", "--format", "{{.Server.Version}}"], ASK_SECONDS).strip())
        except EngineError:
            pass  # The client alone, without its daemon, is of no use.
    if shutil.which("podman"):
        version = _run(["podman", "version", "--format", "{{.Client.Version}}"], ASK_SECONDS).strip()
        # Lower limits than Podman's own, which root without CAP_SYS_RESOURCE may not set.
        limits = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
        return Engine("podman", version, tuple(limits))
    raise EngineError("No container engine: start Docker, or install Podman (apt-get install podman runc buildah)")


def _run(command: Sequence[str], seconds: float) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise EngineError(f"{command[0]} {command[1]}: no end after {seconds:.0f} s") from None
    if done.returncode:
        raise EngineError(
            f"{' '.join(command[:3])} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}"
        )
    return done.stdout


def pip_settings() -> dict[str, str]:
    """Return what this machine tells pip about where packages come from."""
    listed = _run([sys.executable, "-m", "pip", "config", "list"], ASK_SECONDS)
    chosen: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", ":env:", "install") and key in PIP_SETTINGS:
            chosen[key] = value.strip("'\"")
    return chosen


@contextmanager
def _pip_settings(scratch: Path) -> Iterator[tuple[Path | None, list[str]]]:
    """Write this machine's settings of pip into a file while the block runs, with the local folders they name."""
    chosen = pip_settings()
    if not chosen:
        yield None, []
        return
    parser = configparser.RawConfigParser()
    parser["global"] = chosen
    file = scratch / "pip.conf"
    with file.open("w") as opened:
        parser.write(opened)
    try:
        yield file, _local_folders(chosen)
    finally:
        file.unlink()


def _local_folders(settings: dict[str, str]) -> list[str]:
    """Return the folders of this machine that pip looks into."""
    found = []
    for key in ("index-url", "extra-index-url", "find-links"):
        for item in settings.get(key, "").replace("\\n", " ").split():
            path = Path(item.removeprefix("file://"))
            if path.is_absolute() and path.exists():
                # An index's files usually lie beside it.
                found.append(str(path.parent if path.name == "simple" else path))
    return sorted(set(found))
