"""Prints a page as PDF, with a browser that is on the machine already.

A browser, because the page's print rules, its drawings and its Vietnamese then come out as on screen. WeasyPrint was weighed: it
needs Pango and fontconfig from the system, does not know `:has()` or the colours of dark mode, and would be a second layout
engine to keep right. A machine without any browser prints the HTML file elsewhere.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from groundswell.errors import OutputError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
"""Chromium and its kin, by name on the path or by their usual place; the first that is there prints."""

SECONDS = 180
"""Longest time a browser may take; a page takes two to ten seconds."""

_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the page asks no host; nor may the browser
    "--no-pdf-header-footer",
)


def to_pdf(html: str) -> bytes:
    """A rendered page on A4, light, with its definitions open.

    Raises:
        OutputError: no browser is on this machine, or it does not print.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise OutputError(
            "pdf",
            "no browser that can print was found",
            expected="Chromium, Chrome, Edge or Brave on the path",
            remedy="Install one (`apt install chromium`), or write HTML and print it from a browser elsewhere",
        )
    with tempfile.TemporaryDirectory(prefix="groundswell-") as folder:
        page, paper = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, "utf8")
        # A browser run by root has no sandbox of its own; the page is ours, and without any script but the choice of language.
        root = ("--no-sandbox",) if os.name == "posix" and os.geteuid() == 0 else ()
        command = [browser, *_QUIET, *root, f"--user-data-dir={folder}/profile", f"--print-to-pdf={paper}", page.as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
            return paper.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise OutputError(
                "pdf", f"{Path(browser).name} did not print the page", remedy="Write HTML and print it from a browser by hand"
            ) from error
