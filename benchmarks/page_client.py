"""A browser tab without the browser: a websocket client that speaks Streamlit's own protocol."""

from __future__ import annotations

import asyncio
import secrets
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

_PATIENCE = 180.0
_VISITOR, _XSRF = "workbench-visitor", "_streamlit_xsrf"


@dataclass
class Drawing:
    """What one run of the script sent.

    whole: whether the whole script ran, not a live part alone. fragments: ids of the live parts.
    buttons: ids by label. uploader: id of the last file uploader.
    """

    whole: bool = False
    fragments: set[str] = field(default_factory=set)
    buttons: dict[str, str] = field(default_factory=dict)
    uploader: str = ""
    exceptions: list[str] = field(default_factory=list)


@dataclass
class PageClient:
    """One tab of the app on ``port``. secret: the visitor's cookie; two tabs with one secret are
    one browser. mark: a name to look for in what is received.

    bytes: received so far. marked: how many messages had ``mark`` in them.
    """

    port: int
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    mark: str = ""
    bytes: int = 0
    marked: int = 0
    _socket: Any = None
    _session: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PageClient]:
        """Connect; the session ends with the context."""
        async with connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            additional_headers={"Cookie": f"{_VISITOR}={self.secret}"},
        ) as self._socket:
            yield self

    async def draw(
        self, page: str, query: str = "", *, fragment: str = "", press: str = "", files: Any = None
    ) -> Drawing:
        """Ask for a run of the script, or of one live part, and wait for its end.

        press: id of a button that was clicked. files: a widget state with uploaded files.
        """
        request = BackMsg()
        request.rerun_script.query_string = query
        request.rerun_script.page_name = page
        request.rerun_script.fragment_id = fragment
        request.rerun_script.is_auto_rerun = bool(fragment)
        if press:
            state = request.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = press, True
        if files is not None:
            request.rerun_script.widget_states.widgets.append(files)
        await self._socket.send(request.SerializeToString())
        drawing = Drawing()
        try:
            while not await self._take(drawing):
                pass
        except TimeoutError as error:
            part = " a live part of" if fragment else ""
            raise TimeoutError(f"{_PATIENCE:.0f} s for{part} '{page}?{query}'") from error
        return drawing

    async def upload(self, query: str, name: str, content: bytes) -> Drawing:
        """Give a file to the uploader of the page Data at ``query``."""
        uploader = (await self.draw("data", query)).uploader
        request = BackMsg()
        request.file_urls_request.request_id = "1"
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session
        await self._socket.send(request.SerializeToString())
        while (message := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        urls = message.file_urls_response.file_urls[0]
        await asyncio.to_thread(self._put, urls.upload_url, name, content)
        state = WidgetState(id=uploader)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(content), urls.file_id
        info.file_urls.CopyFrom(urls)
        return await self.draw("data", query, files=state)

    async def _take(self, drawing: Drawing) -> bool:
        """Put the next message into ``drawing``; whether it was the last of the run."""
        message = await self._receive()
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id or self._session
            drawing.fragments.clear()
        elif kind == "auto_rerun":
            drawing.fragments.add(message.auto_rerun.fragment_id)
        elif kind == "delta":
            element = message.delta.new_element
            match element.WhichOneof("type"):
                case "button":
                    drawing.buttons[element.button.label] = element.button.id
                case "file_uploader":
                    drawing.uploader = element.file_uploader.id
                case "exception":
                    drawing.exceptions.append(element.exception.message)
        elif kind == "script_finished":
            drawing.whole = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            return bool(message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)
        return False

    async def _receive(self) -> Any:
        raw = await asyncio.wait_for(self._socket.recv(), _PATIENCE)
        self.bytes += len(raw)
        self.marked += bool(self.mark) and self.mark.encode() in raw
        return ForwardMsg.FromString(raw)

    def _put(self, path: str, name: str, content: bytes) -> None:
        """Send a file to the address that the server gave for it."""
        root = f"http://127.0.0.1:{self.port}"
        with urllib.request.urlopen(f"{root}/_stcore/health") as answer:
            cookies = answer.headers.get_all("Set-Cookie") or []
        token = next(
            part.partition("=")[2].partition(";")[0] for part in cookies if part.startswith(_XSRF)
        )
        border = secrets.token_hex(8)
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        request = urllib.request.Request(
            f"{root}{path}",
            head.encode() + content + f"\r\n--{border}--\r\n".encode(),
            method="PUT",
            headers={
                "Content-Type": f"multipart/form-data; boundary={border}",
                "Cookie": f"{_VISITOR}={self.secret}; {_XSRF}={token}",
                "X-Xsrftoken": token,
            },
        )
        with urllib.request.urlopen(request) as answer:
            answer.read()
