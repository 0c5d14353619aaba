"""One outgoing INVITE. Every 2xx needs an ACK, which is no part of the transaction (RFC 3261 13.2.2.4), and a forking
proxy may cause more than one 2xx.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from .dialog import Dialog
from .endpoint import Endpoint
from .flow import Peer
from .message import Facts, Malformed, Request, Response
from .transaction import new_branch

MAX_FORKS = 10


class CallFailed(Exception):
    """An INVITE that failed to set up or change a call. `code` is the final status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the call failed with {code}")
        self.code = code


class Invitation:
    """One outgoing INVITE, which is sent at once. `on_final` gets its final response in the step of the event loop in
    which it arrives, so that nothing comes between. Tasks wait for `final`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        dialog: Dialog,
        request: Request,
        on_progress: Callable[[int], None],
        on_final: Callable[[Response], None],
    ) -> None:
        self.endpoint, self.dialog, self.request = endpoint, dialog, request
        self.on_progress, self.on_final = on_progress, on_final
        self.final: asyncio.Future[Response] = endpoint.loop.create_future()
        self.is_over = False
        self._was_new = Facts.of(request).to_tag is None
        self._acks: dict[str, tuple[Peer, bytes]] = {}  # by the To tag of the 2xx
        self._transaction = endpoint.request(request, dialog.peer, self._receive)

    def cancel(self) -> None:
        self._transaction.cancel()

    def _receive(self, response: Response) -> None:
        if response.status_code < 200:
            self.on_progress(response.status_code)
        elif response.status_code < 300:
            self._accept(response)
        else:
            self._finish(response)

    def _accept(self, response: Response) -> None:
        tag = Facts.of(response).to_tag or ""
        if tag in self._acks:
            peer, ack = self._acks[tag]
            peer.send(ack)  # a copy of the 2xx: our ACK was lost
        elif self.is_over and len(self._acks) < MAX_FORKS:
            self._refuse_fork(response, tag)
        elif not self.is_over:
            self._accept_first(response, tag)

    def _accept_first(self, response: Response, tag: str) -> None:
        self._complete_dialog(self.dialog, response)
        self._acknowledge(self.dialog, tag)
        self._finish(response)

    def _refuse_fork(self, response: Response, tag: str) -> None:
        """Handle an answer of a second phone: acknowledge it and hang up."""
        fork = replace(self.dialog)
        self._complete_dialog(fork, response)
        self._acknowledge(fork, tag)
        self.endpoint.request(fork.request("BYE"), fork.peer, lambda response: None)

    def _complete_dialog(self, dialog: Dialog, response: Response) -> None:
        with suppress(Malformed):  # a Contact we cannot use: what we dialled stays the target
            if self._was_new:
                dialog.accept(response)
            else:
                dialog.refresh_target(response)
        dialog.peer = self.endpoint.peer_for(dialog.next_hop, dialog.peer)

    def _acknowledge(self, dialog: Dialog, tag: str) -> None:
        ack = dialog.request("ACK", seq=Facts.of(self.request).seq)
        ack.set_header("Via", dialog.peer.via_header(new_branch()))  # a transaction of its own
        self._acks[tag] = dialog.peer, bytes(ack)
        dialog.peer.send(bytes(ack))

    def _finish(self, response: Response) -> None:
        if self.is_over:
            return
        self.is_over = True
        self.on_final(response)
        if not self.final.done():  # the waiting task may have been cancelled
            self.final.set_result(response)
