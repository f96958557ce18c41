"""Time runs faster in the chaos test: rounds that come every ten or twenty seconds come every three."""

import procrastinate.periodic
from procrastinate.contrib.django import app

_OFTEN = "* * * * * */3"
_HURRIED = {"relay_round", "rescue_stalled_jobs"}


def up() -> None:
    """Let the relay's round and the rescue of stalled jobs come more often in this process."""
    app.perform_import_paths()
    found = app.periodic_registry.periodic_tasks
    for key, one in list(found.items()):
        if one.task.name.rsplit(".", 1)[1] in _HURRIED:
            found[key] = procrastinate.periodic.PeriodicTask(
                task=one.task,
                cron=_OFTEN,
                periodic_id=one.periodic_id,
                configure_kwargs=one.configure_kwargs,
            )
    assert [one.cron for one in found.values()].count(_OFTEN) == len(_HURRIED)
