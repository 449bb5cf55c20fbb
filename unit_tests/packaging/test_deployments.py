"""compose.yaml and the Kubernetes manifest: the present version, commands that exist, no more rights than needed."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
VERSION = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]["dockerImageTag"]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DEPLOYMENT, SERVICE = yaml.safe_load_all((ROOT / "deploy" / "sandbox.yaml").read_text(encoding="utf-8"))


def test_they_run_the_present_version() -> None:
    (container,) = DEPLOYMENT["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"destination-fincome:{VERSION}"
    images = {service["image"] for service in COMPOSE["services"].values()}
    assert images == {"destination-fincome:${VERSION:-" + VERSION + "}"}


def test_compose_opens_its_page_to_this_machine_only_and_may_do_nothing_else() -> None:
    assert [one["ports"] for one in COMPOSE["services"].values() if "ports" in one] == [["127.0.0.1:8321:8321"]]
    for service in COMPOSE["services"].values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_pod_may_do_nothing_and_its_service_finds_it() -> None:
    pod = DEPLOYMENT["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert SERVICE["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert SERVICE["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
