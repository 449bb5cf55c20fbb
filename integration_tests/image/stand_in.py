"""A stand-in for the base image, for machines that can reach no registry.

It is made of the distribution's own packages and of a Python of this machine, and has what the Dockerfile relies on:
python3 with pip in /usr/local, `sh`, CA certificates, the user airbyte (1000) and the folder /airbyte. It needs root,
mmdebstrap, and Debian or a distribution of its kind. What is tested on it is our Dockerfile, not Airbyte's base.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from integration_tests.image.engine import Engine, EngineError

SECONDS = 600
PYTHON = "3.13"
IMPORTS = "import bz2, ctypes, hashlib, lzma, pip, sqlite3, ssl, uuid, zlib"
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
LEFT_OUT = ("site-packages/*", "test", "idlelib", "tkinter", "config-*", "__pycache__", "*tkinter*.so")


def make_stand_in(engine: Engine, tag: str) -> str:
    """Make the image; returns what it is made of.

    Raises:
        EngineError: it can't be made here; says why.
    """
    for tool in ("mmdebstrap", "tar", "chroot"):
        if not shutil.which(tool):
            raise EngineError(f"The base image can't be pulled, and a stand-in needs {tool}: apt-get install {tool}")
    prefix, version = _python()
    packages = _packages(prefix)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}", _release(), str(root))
        _install_python(prefix, root)
        _prepare(root)
        archive = Path(folder) / "root.tar"
        _run("tar", "--exclude=./dev/*", "--exclude=./var/cache/apt/*", "--exclude=./var/lib/apt/lists/*",
             "-C", str(root), "-cf", str(archive), ".")  # fmt: skip
        changes = [f"ENV PATH={PATH}", "ENV LANG=C.UTF-8", "WORKDIR /airbyte"]
        options = [option for change in changes for option in ("--change", change)]
        engine.ask("import", *options, str(archive), tag, seconds=SECONDS)
    return f"{_release()}, Python {version}"


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"{command[0]}: no end after {SECONDS} s") from None
    if done.returncode:
        raise EngineError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _release() -> str:
    found = re.search(r"^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text(), re.MULTILINE)
    if not found:
        raise EngineError("A stand-in for the base image needs a distribution of Debian's kind")
    return found[1]


def _python() -> tuple[Path, str]:
    """Return the prefix and the version of a Python here: the base's if there is one, else the one that runs this."""
    candidates = [shutil.which(f"python{PYTHON}"), *sorted(map(str, _pyenv_pythons()), reverse=True), sys.executable]
    for candidate in filter(None, candidates):
        try:
            told = _run(candidate, "-c", "import platform, sys; print(sys.base_prefix, platform.python_version())")
        except EngineError:
            continue  # A shim for a version that isn't chosen.
        prefix, version = told.split()
        return Path(prefix), version
    raise EngineError("No Python for the stand-in of the base image")


def _pyenv_pythons() -> list[Path]:
    return list((Path.home() / ".pyenv" / "versions").glob(f"{PYTHON}.*/bin/python{PYTHON}"))


def _packages(prefix: Path) -> list[str]:
    """Return the packages whose libraries this Python is linked with."""
    binary = next(path for path in (prefix / "bin").glob("python3.*") if re.fullmatch(r"python3\.\d+", path.name))
    modules = [str(path) for path in (prefix / "lib").glob("python3.*/lib-dynload/*.so") if "tkinter" not in path.name]
    linked = set(re.findall(r"=> (/\S+)", _run("ldd", str(binary), *modules)))
    found = {"ca-certificates", "tzdata", "netbase"}
    for library in linked:
        for path in (library, str(Path(library).resolve()), f"/usr{library}", library.removeprefix("/usr")):
            owner = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False).stdout
            if owner:
                found.add(owner.partition(":")[0])
                break
    return sorted(found)


def _install_python(prefix: Path, root: Path) -> None:
    """Put the Python into /usr/local, without what others have installed into it."""
    target = root / "usr/local"
    (library,) = [path for path in (prefix / "lib").glob("python3.*") if (path / "os.py").exists()]
    shutil.copytree(
        library, target / "lib" / library.name, ignore=shutil.ignore_patterns(*LEFT_OUT, "site-packages"), symlinks=True
    )
    (target / "lib" / library.name / "site-packages").mkdir()
    for shared in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy2(shared, target / "lib", follow_symlinks=False)
    shutil.copy2(prefix / "bin" / library.name, target / "bin")
    for name in ("python3", "python"):
        (target / "bin" / name).symlink_to(library.name)
    _run("chroot", str(root), "/sbin/ldconfig")
    _run("chroot", str(root), "/usr/local/bin/python3", "-m", "ensurepip", "--default-pip")
    _run("chroot", str(root), "/usr/local/bin/python3", "-c", IMPORTS)


def _prepare(root: Path) -> None:
    _run("chroot", str(root), "groupadd", "--gid", "1000", "airbyte")
    _run("chroot", str(root), "useradd", "--uid", "1000", "--gid", "1000", "--no-create-home", "airbyte")
    (root / "airbyte").mkdir()
    shutil.chown(root / "airbyte", 1000, 1000)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
