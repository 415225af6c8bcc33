"""How gunicorn serves the web, on a laptop and in containers: `--config python:commands.serving`.

One worker holds hundreds of event streams, and the work is done elsewhere. Imported before the
web is made cooperative: nothing here may import `app`.
"""

import gc
import os
from typing import Any

worker_class = "commands.connections.PatientWorker"
control_socket_disable = True
graceful_timeout = 5
keepalive = 10
"""Seconds in which the head of a request must be there; also how long one may be waited for."""
# Beside streams of events, those who send pictures and look at pages; others wait in the backlog.
worker_connections = 700 + int(os.environ.get("MERIAN_EVENT_STREAMS") or 300)
limit_request_fields = 64
# What a proxy says of a caller is believed where MERIAN_PROXIES says that there is one, not here.
forwarded_allow_ips = ""


def post_worker_init(worker: Any) -> None:
    """What has been loaded stays: to look through it for garbage held requests up for 80 ms."""
    gc.collect()
    gc.freeze()
