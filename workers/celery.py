"""The Celery app: it wakes workers with the id of a job, and the ledger knows the rest.

Started as `celery -A workers.celery worker`; workers/processes.py has the whole command lines.
"""

import logging
from typing import Any

from celery import Celery, signals
from kombu.entity import Queue

from models.threads import share_the_cores
from workers.address import Address
from workers.embedded import redis_url
from workers.jobs import GPU_QUEUES, QUEUES
from workers.logs import log_as_json
from workers.settings import WorkerSettings

BROKER_PREFIX = "merian:broker:"
# A message that comes twice is harmless (the ledger gives a job to one worker), so this is
# about not doing idle work: longer than a painting usually takes.
VISIBILITY_SECONDS = 3600


def broker_url(redis: str) -> str:
    """kombu's name for a store."""
    return Address.parse(redis).broker_url


share_the_cores()  # the pool's children inherit it
address = Address.parse(redis_url(WorkerSettings.from_env()))
celery = Celery("merian", broker=address.broker_url)
celery.conf.update(
    include=[
        "workers.lifecycle",
        "workers.tasks.art",
        "workers.tasks.species",
        "workers.tasks.datasets",
        "workers.tasks.training",
        "workers.tasks.canary",
    ],
    task_queues=[Queue(name) for name in QUEUES + GPU_QUEUES],  # type: ignore[no-untyped-call]
    task_default_queue="slow",
    task_create_missing_queues=False,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_pool_start_method="spawn",  # CUDA does not survive a fork
    worker_proc_alive_timeout=120,  # a child imports torch and loads a painter before it says so
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_soft_shutdown_timeout=5,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_channel_error_retry=True,  # a server whose disk is full refuses, and is no reason to end
    broker_transport_options={
        "global_keyprefix": BROKER_PREFIX,
        "visibility_timeout": VISIBILITY_SECONDS,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 5,
        **address.broker_options,
    },
    broker_use_ssl=address.tls or None,
    enable_utc=True,
)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def set_up_logging(**about: Any) -> None:
    log_as_json()
    logging.getLogger("celery.app.trace").setLevel(logging.WARNING)
