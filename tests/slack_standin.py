"""A stand-in of Slack's Web API on loopback: checks tokens and schemas as Slack does, signs requests, speaks one socket."""

import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "xoxb-an-invented-token"  # noqa: S105 - an invented one
SIGNING = "an invented signing secret"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BLOCKS = {"section", "input", "actions"}


def wrong_text(text: dict[str, Any], most: int) -> str:
    """What is wrong with a text object; "" for a right one."""
    if text.get("type") != "plain_text" or not 0 < len(text.get("text", "")) <= most:
        return f"text {text}"
    return ""


def wrong_blocks(blocks: list[dict[str, Any]]) -> str:  # noqa: C901 - one line a rule of Slack's
    """What Slack would say is wrong with blocks: kinds, lengths, options, ids that come twice."""
    actions: set[str] = set()
    for block in blocks:
        if block["type"] not in BLOCKS or len(block.get("block_id", "")) > 255:
            return f"block {block['type']}"
        wrong = wrong_text(block["text"], 3000) if block["type"] == "section" else ""
        elements = block.get("elements", [block["element"]] if "element" in block else [])
        if block["type"] == "input":
            wrong = wrong or wrong_text(block["label"], 2000)
        for element in elements:
            if element["action_id"] in actions:
                return f"action {element['action_id']} twice"
            actions.add(element["action_id"])
            if element["type"] == "plain_text_input" and not 1 <= element["max_length"] <= 3000:
                return "max_length"
            for option in element.get("options", []):
                wrong = wrong or wrong_text(option["text"], 75)
            if element["type"] == "static_select" and element["initial_option"] not in element["options"]:
                return "initial_option"
            if element["type"] == "button":
                wrong = wrong or wrong_text(element["text"], 75)
        if wrong:
            return wrong
    return "" if 0 < len(blocks) <= 100 else "blocks"


def wrong_view(view: dict[str, Any]) -> str:
    """What Slack would say is wrong with a modal."""
    texts = [view[name] for name in ("title", "submit", "close") if name in view]
    wrong = next((w for text in texts if (w := wrong_text(text, 24))), "")
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] != "modal" or (has_input and "submit" not in view):
        return "modal"
    return wrong or wrong_blocks(view["blocks"])


class Slack:
    """The stand-in.

    Attributes:
        url: where its Web API is.
        calls: method and arguments of every call it took.
        locale: of every user.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.locale = "en-GB"
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.acks: list[dict[str, Any]] = []
        self.envelopes: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
                kind = self.headers.get("content-type", "")
                where = urlsplit(self.path)
                told = json.loads(raw) if raw and "json" in kind else dict(parse_qsl(raw or where.query))
                answer = outer.answer(where.path.rpartition("/")[2], told, self.headers.get("authorization", ""))
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the library's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/"

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()

    def answer(self, method: str, told: dict[str, Any], header: str) -> dict[str, Any]:
        """What Slack answers: an error for a wrong token, an unknown method or a misshapen view."""
        if method == "apps.connections.open":
            return {"ok": True, "url": f"ws://127.0.0.1:{self._socket.getsockname()[1]}/"}
        if header != f"Bearer {TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        told = {k: json.loads(v) if isinstance(v, str) and k in {"view", "blocks"} else v for k, v in told.items()}
        self.calls.append((method, told))
        if method == "users.info":
            return {"ok": True, "user": {"id": told["user"], "locale": self.locale}}
        if method == "views.open":
            wrong = wrong_view(told["view"]) or ("" if told.get("trigger_id") else "trigger_id")
            return {"ok": not wrong, "error": wrong}
        if method in {"chat.postMessage", "chat.update"}:
            wrong = wrong_blocks(told["blocks"]) if "blocks" in told else ""
            return {"ok": not wrong and bool(told.get("channel") and told.get("text")), "error": wrong}
        if method == "chat.getPermalink":
            return {
                "ok": True,
                "permalink": f"https://lanterne.slack.com/archives/{told['channel']}/p{told['message_ts'].replace('.', '')}",
            }
        return {"ok": True} if method == "auth.test" else {"ok": False, "error": "unknown_method"}

    def speak(self, envelope: dict[str, Any]) -> None:
        """Say one thing over the socket, once a client is there, and wait for what it acknowledges."""
        connection, _ = self._socket.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            (key,) = (line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            proof = base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 - RFC 6455 says so
            connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            connection.sendall(b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n")
            for said in ({"type": "hello"}, envelope):
                raw = json.dumps(said).encode()
                head = b"\x81" + (struct.pack("!BH", 126, len(raw)) if len(raw) > 125 else bytes([len(raw)]))
                connection.sendall(head + raw)
            connection.settimeout(20)
            while not self.acks:
                opcode, raw = self._frame(connection)
                if opcode == 1 and raw.startswith(b"{"):
                    self.acks.append(json.loads(raw))

    @staticmethod
    def _frame(connection: socket.socket) -> tuple[int, bytes]:
        def exactly(n: int) -> bytes:
            got = b""
            while len(got) < n:
                more = connection.recv(n - len(got))
                if not more:
                    raise ConnectionError
                got += more
            return got

        first, second = exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", exactly(2))
        mask = exactly(4) if second & 0x80 else b"\0\0\0\0"
        return first & 0x0F, bytes(b ^ mask[at % 4] for at, b in enumerate(exactly(length)))


def signed(body: str, *, secret: str = SIGNING, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack proves that it sent this body."""
    stamp = str(int(time.time() if at is None else at))
    proof = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={proof}",
    }
