"""From where a request comes, as far as it can be believed."""

from ipaddress import IPv6Address, ip_address

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

NETWORK = 64
"""Bits of an IPv6 address that say whose it is: one household has all addresses below them."""


def install(app: Flask, proxies: int) -> None:
    """Believe what so many proxies in front of us say of the client; of 0 nothing is believed.

    Each of them adds the address that it saw to X-Forwarded-For: what stands before the last ones
    the client may have written itself. The scheme is what the nearest one says.
    """
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=1, x_host=0
        )


def client_address() -> str:
    """What limits count by: an IPv4 address, or the /64 network of an IPv6 one."""
    return network_of(request.remote_addr or "")


def network_of(text: str) -> str:
    """ "local" where there is none, as behind a Unix socket."""
    try:
        address = ip_address(text.split("%", 1)[0])
    except ValueError:
        return "local"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    whole = int(address) >> (128 - NETWORK) << (128 - NETWORK)
    return f"{IPv6Address(whole)}/{NETWORK}"
