"""A Dagster asset that is one sync; its figures are those of the connector's summary.

dagster asset materialize -f dagster_sync.py --select fincome
"""

import os
from pathlib import Path

import dagster as dg
from fincome_sync import SyncError, sync


@dg.asset
def fincome() -> dg.MaterializeResult:
    """The billing data in Fincome."""
    try:
        summary = sync(
            Path(os.environ["FINCOME_SYNC"]),
            os.environ.get("SOURCE", "source-stripe").split(),
            os.environ.get("DESTINATION", "destination-fincome").split(),
        )
    except SyncError as error:
        raise dg.Failure(str(error)) from error
    rejected = sum(stream["rejected"] for stream in summary["streams"])
    sent = {f"sent/{entity['entity']}": entity["sent"] for entity in summary["entities"] if entity["sent"]}
    return dg.MaterializeResult(metadata={"rejected": rejected, "seconds": summary["seconds"], **sent})
