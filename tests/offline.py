"""No test reaches the network: whatever tries to is told so, as on a server without one."""

import socket

import pytest

HERE = ("127.0.0.1", "::1", "localhost")


class NetworkReachedError(OSError):
    """Something asked for another machine."""


@pytest.fixture(autouse=True, scope="session")
def network_is_cut():
    """Refuse names and connections but those of this machine."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def connect_here(self, address):
        if isinstance(address, tuple) and address[0] not in HERE:
            raise NetworkReachedError(address)
        return connect(self, address)

    def resolve_here(host, *more, **named):
        if host not in (*HERE, None):
            raise NetworkReachedError(host)
        return resolve(host, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket, "getaddrinfo", resolve_here)
        yield
