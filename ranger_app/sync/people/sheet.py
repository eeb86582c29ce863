"""The recovery sheet set in type, in memory: its words reach the disk only in the file asked for."""

from __future__ import annotations

from ranger_app import config

_TEMPLATE = b"""
#set page(paper: "a4", margin: 2.5cm)
#set text(size: 13pt)
#set document(title: sys.inputs.title)
#raw(sys.inputs.sheet, block: true)
"""


def sheet_pdf(text: str) -> bytes:
    """One page of A4. The text goes in as data, so nothing in it is ever run."""
    import typst

    title = text.splitlines()[0]
    fonts = typst.Fonts(font_paths=[config.resources_dir() / "fonts"])
    return bytes(typst.compile(_TEMPLATE, sys_inputs={"sheet": text, "title": title}, font_paths=fonts))
