"""The audit's local page: one message at a time, keyboard only, open to this machine and this run alone."""

import html
import json
import secrets
import webbrowser
from collections.abc import Callable, Collection, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

from groundswell.model.reading import Act

if TYPE_CHECKING:
    from groundswell.runs.audit import Item

LONGEST_ANSWER = 1_000
"""Bytes of a posted answer; a longer one is not from the page."""

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Audit</title>
<meta name="viewport" content="width=device-width">
<style nonce="{nonce}">
:root{{color-scheme:light dark}} body{{font:18px/1.5 system-ui;max-width:42rem;margin:3rem auto;padding:0 1rem}}
blockquote{{margin:1.5rem 0;padding:0 1rem;border-left:3px solid;white-space:pre-wrap;overflow-wrap:anywhere}}
kbd{{border:1px solid;border-radius:4px;padding:0 .4em}} li[aria-checked=true]{{font-weight:700;text-decoration:underline}}
ul{{list-style:none;padding:0}}
</style>
<h1>{title}</h1><blockquote>{text}</blockquote>
<p>What does its author do, as done? Planned, negated, asked about, or reported of another is not done.</p>
<ul>{acts}</ul>
<p><kbd>Enter</kbd> next (nothing marked: none of these) &nbsp; <kbd>Esc</kbd> stop and keep what is labelled</p>
<script nonce="{nonce}">
const marked=new Set();
function send(stop){{fetch(location.pathname,{{method:"POST",body:JSON.stringify({{n:{n},keys:[...marked],stop}})}})
 .then(()=>stop?document.body.textContent="Kept. You may close this page.":location.reload())}}
addEventListener("keydown",e=>{{
 if(e.key==="Enter"){{e.preventDefault();send(false)}} else if(e.key==="Escape")send(true);
 else{{const li=document.getElementById("k-"+e.key.toLowerCase());
  if(li){{const on=!marked.has(e.key.toLowerCase());on?marked.add(e.key.toLowerCase()):marked.delete(e.key.toLowerCase());
   li.setAttribute("aria-checked",on)}}}}}});
</script></html>"""

DONE = "<!doctype html><meta charset=utf-8><title>Audit</title><p>Kept. You may close this page.</p>"


def serve(
    items: "Sequence[Item]",
    say: "Callable[[Item, Collection[Act]], None]",
    *,
    keys: Mapping[str, Act],
    meaning: Mapping[Act, str],
    opened: Callable[[str], None],
) -> None:
    """Show messages until all are labelled or the labeller stops.

    Only the loopback address listens, and only a path that holds a secret of this run answers, so that neither another
    machine nor another page of the same browser can read a message.

    Raises:
        OSError: no port can be opened.
    """
    secret = f"/{secrets.token_urlsafe(24)}"
    place = _Place(items, say, keys, meaning)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != secret:
                self.send_error(404)
                return
            self._answer(place.page(nonce := secrets.token_urlsafe(12)), nonce)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if self.path != secret or length > LONGEST_ANSWER:
                self.send_error(404)
                return
            place.take(self.rfile.read(length))
            self._answer(DONE, "")

        def _answer(self, body: str, nonce: str) -> None:
            whole = body.encode("utf8")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(whole)))
            self.send_header("Cache-Control", "no-store")
            policy = f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Nothing of an audit is logged."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}{secret}"
        opened(url)
        webbrowser.open(url)
        while not place.over:
            server.handle_request()


class _Place:
    """Where the labeller stands in the sample."""

    def __init__(
        self,
        items: "Sequence[Item]",
        say: "Callable[[Item, Collection[Act]], None]",
        keys: Mapping[str, Act],
        meaning: Mapping[Act, str],
    ) -> None:
        self._items, self._say, self._keys, self._meaning = items, say, keys, meaning
        self._n = 0
        self.over = not items

    def page(self, nonce: str) -> str:
        """The message at which the labeller stands."""
        if self.over:
            return DONE
        acts = "".join(
            f'<li id="k-{k}" role="checkbox" aria-checked="false"><kbd>{k}</kbd> {html.escape(self._meaning[act])}</li>'
            for k, act in self._keys.items()
        )
        text = html.escape(self._items[self._n].text.strip())
        return PAGE.format(nonce=nonce, title=f"{self._n + 1} of {len(self._items)}", text=text, acts=acts, n=self._n)

    def take(self, body: bytes) -> None:
        """Take one answer; one for another message, or in another shape, is passed over."""
        try:
            answer = json.loads(body)
            n, letters, stop = answer["n"], answer["keys"], answer["stop"]
        except (ValueError, KeyError, TypeError):
            return
        if stop:
            self.over = True
        elif n == self._n and isinstance(letters, list) and set(map(str, letters)) <= self._keys.keys():
            self._say(self._items[n], {self._keys[letter] for letter in letters})
            self._n += 1
            self.over = self._n == len(self._items)
