"""Packaging of destination-fincome. Tool settings live in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

PACKAGES = ("destination_fincome", "fincome_sandbox", "fincome_tools")

SANDBOX = ["fastapi>=0.115,<1", "uvicorn>=0.30,<1", "httptools>=0.6,<1", "jinja2>=3.1,<4"]
# Where rejected records may go, through fsspec's file systems; each pins the fsspec that it needs.
S3 = ["s3fs>=2025.3", "aiobotocore>=2.19,<4"]
STORAGE = [*S3, "gcsfs>=2025.3"]
TESTS = [
    *SANDBOX,
    *STORAGE,
    # Its S3 server only: all that moto[server] brings is several times as much.
    "moto[s3]>=5.1,<6",
    "flask>=3,<4",
    "flask-cors>=5,<7",
    # Airbyte's schema of metadata.yaml.
    "airbyte-connector-models>=0.1.12,<0.2; python_version < '3.13'",
    "pytest>=8,<10",
    "pytest-httpserver>=1.1,<2",
    "pytest-timeout>=2.3,<3",
    "pytest-xdist>=3.6,<4",
    "hypothesis>=6.100,<7",
    # Drives the system's own Chromium: no browser is downloaded.
    "playwright>=1.49,<2",
    "ruff>=0.12,<1",
    "mypy>=1.15,<3",
    "types-requests>=2.32,<3",
    "types-jmespath>=1,<2",
    "types-PyYAML>=6,<7",
]

setup(
    name="destination-fincome",
    version="0.1.0",
    description="Airbyte destination that brings billing data from any source into Fincome",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.10",
    packages=find_packages(include=[f"{name}{below}" for name in PACKAGES for below in ("", ".*")]),
    package_data={
        "destination_fincome": ["spec.json", "py.typed"],
        "destination_fincome.fincome": ["*.yaml"],
        "destination_fincome.mapping": ["presets/*.yaml"],
        "fincome_tools.preview": ["templates/*.html"],
        "fincome_sandbox.page": ["templates/*.html", "static/*"],
    },
    install_requires=[
        "airbyte-cdk>=7.39.1,<8",
        "requests>=2.32,<3",
        "pydantic>=2.7,<3",
        "orjson>=3.10,<4",
        "jmespath>=1,<2",
        "pycountry>=24",
        "PyYAML>=6,<7",
        # Time zones by name, for local times in mappings: slim images have no tables of their own.
        "tzdata>=2025.1",
        "typer>=0.12,<1",
        # The page of a preview.
        "jinja2>=3.1,<4",
        "rich>=13,<16",
    ],
    extras_require={"sandbox": SANDBOX, "storage": STORAGE, "tests": TESTS},
    entry_points={
        "console_scripts": [
            "destination-fincome = destination_fincome.run:main",
            "fincome = fincome_tools.cli:main",
        ]
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "License :: OSI Approved :: MIT License",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
    ],
)
