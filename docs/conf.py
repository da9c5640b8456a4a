"""How the documentation site is built: `make docs`.

Sphinx with MyST and Furo. Weighed in November 2026: MkDocs has had no maintainer since 2024 and Material for MkDocs stops with
it; Zensical, their successor, is still before its first stable release; Sphinx releases every few months and has for sixteen
years. Furo loads no font and no script from anywhere, so that the site builds and reads without a network.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference  # noqa: E402  # the folder of this file must be known first

import groundswell  # noqa: E402

reference.write(HERE / "reference")

project = "Groundswell"
version = release = groundswell.__version__
author = copyright = "The Groundswell contributors"  # noqa: A001  # Sphinx names it so
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Groundswell"
html_copy_source = False
html_show_sphinx = False
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]
