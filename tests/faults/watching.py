"""Many who read one job's stream of events to its end, in a process of their own.

python -m tests.faults.watching ADDRESS JOB COUNT: prints, for each, the ids of what it saw.
"""

import json
import re
import selectors
import socket
import sys
from urllib.parse import urlsplit


def main(address: str, job: str, count: str) -> None:
    place, chosen = urlsplit(address), selectors.DefaultSelector()
    read = {}
    for _ in range(int(count)):
        peer = socket.create_connection((str(place.hostname), place.port or 80), 60)
        peer.sendall(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        read[peer] = b""
        chosen.register(peer, selectors.EVENT_READ)
    print("ready", flush=True)
    while chosen.get_map():
        for key, _ in chosen.select():
            peer = key.fileobj
            assert isinstance(peer, socket.socket)
            data = peer.recv(100_000)
            read[peer] += data
            if not data or b'"state": "cancelled"' in read[peer][-3000:]:
                chosen.unregister(peer)
    print(json.dumps([re.findall(r"^id: (\S+)", text.decode(), re.M) for text in read.values()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
