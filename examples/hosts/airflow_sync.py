"""An Airflow DAG that syncs every night, and warns of records that were rejected. For the folder of DAGs."""

import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.sdk import dag, task

sys.path.append(str(Path(__file__).parent))
from fincome_sync import sync


@dag(schedule="0 3 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def fincome() -> None:
    """Bring the billing data into Fincome."""

    @task(retries=2)
    def bring() -> dict[str, Any]:
        source = os.environ.get("SOURCE", "source-stripe").split()
        destination = os.environ.get("DESTINATION", "destination-fincome").split()
        return sync(Path(os.environ["FINCOME_SYNC"]), source, destination)

    @task
    def look(summary: dict[str, Any]) -> None:
        for reason in summary["reasons"]:
            if reason["outcome"] == "rejected":
                logging.warning("%s: %s rejected, %s", reason["where"], reason["count"], reason["text"])

    look(bring())


fincome()
