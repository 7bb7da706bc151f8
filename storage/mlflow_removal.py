"""Removes what MLflow keeps of runs for good: rows, candidates, models, registered versions and files.

MLflow is imported inside functions only, because that takes seconds.
"""

import sys
from collections.abc import Collection, Iterable
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from storage.mlflow_client import connect, in_words
from storage.mlflow_mirror import PARENT_TAG, RUN_TAG
from storage.mlflow_registry import EXPORTED_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient

PAGE = 1000  # runs asked for at once


def remove_mirrored(run_ids: Collection[str], project: str, *, tracking_uri: str, whole: bool) -> int:
    """Remove every trace of these runs of a project; returns how many of MLflow's runs there were.

    `whole`: the project's experiment goes, too.

    Of a server elsewhere only what its programs may ask for is removed; its administrator empties the rest with
    `mlflow gc`. Changes the tracking address of the whole process, so it belongs in a process of its own.
    Raises WorkspaceError when MLflow cannot do it.
    """
    with in_words():
        client = connect(tracking_uri)
        known = client.get_experiment_by_name(project)
        experiments = [] if known is None else [str(known.experiment_id)]
        found = list(_copies(client, experiments, run_ids)) if experiments else []
        models = _models(client, experiments, found)
        for version in _versions(client, found):
            client.delete_model_version(version.name, version.version)
        for model in models:
            client.delete_logged_model(model)
        for each in found:
            client.delete_run(each)
        ended = experiments if whole else []
        for experiment in ended:
            client.delete_experiment(experiment)
    if (found or ended) and not tracking_uri.startswith(("http://", "https://")):
        _empty(tracking_uri, found, models, ended)
    return len(found)


def _copies(client: "MlflowClient", experiments: list[str], run_ids: Collection[str]) -> Iterable[str]:
    """Yield the ids of all copies of the runs, those that were replaced too, and of their candidates."""
    ours: set[str] = set()
    every = list(_every_run(client, experiments))
    for each in every:
        if each.data.tags.get(RUN_TAG) in run_ids or each.data.tags.get(EXPORTED_TAG) in run_ids:
            ours.add(each.info.run_id)
    yield from ours
    yield from (each.info.run_id for each in every if each.data.tags.get(PARENT_TAG) in ours)


def _every_run(client: "MlflowClient", experiments: list[str]) -> Iterable[Any]:
    from mlflow.entities import ViewType

    token = None
    while True:
        page = client.search_runs(experiments, run_view_type=ViewType.ALL, max_results=PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _models(client: "MlflowClient", experiments: list[str], found: Collection[str]) -> list[str]:
    if not experiments:
        return []
    return [each.model_id for each in client.search_logged_models(experiments) if each.source_run_id in set(found)]


def _versions(client: "MlflowClient", found: Collection[str]) -> list[Any]:
    return [each for run_id in found for each in client.search_model_versions(f"run_id = '{run_id}'")]


def _empty(tracking_uri: str, found: Collection[str], models: Collection[str], ended: Collection[str]) -> None:
    """Let MLflow's own collector remove what is marked as deleted, with its files."""
    from mlflow.cli import gc

    asked = ["--backend-store-uri", tracking_uri, "--tracking-uri", tracking_uri]
    for option, ids in (("--run-ids", found), ("--logged-model-ids", models), ("--experiment-ids", ended)):
        asked += [option, ",".join(ids)] if ids else []
    with in_words(), redirect_stdout(sys.stderr):
        gc.main(asked, standalone_mode=False)
