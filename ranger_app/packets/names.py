"""Names that every file system takes (FAT32, NTFS, APFS) and that nothing runs when it is clicked."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

NAME_CHARS_AT_MOST = 60
ENDING_CHARS_AT_MOST = 8
PATH_CHARS_AT_MOST = 200

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%#]+')
_ENDING = re.compile(r"[a-z0-9]{1,8}")
_SEGMENT = re.compile(r'[^\x00-\x1f\x7f<>:"/\\|?*]{1,120}')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

# A click in the packet's page opens the file: what a computer would run, it shall show as text instead.
_RUNS = frozenset(
    {"app", "apk", "bat", "cmd", "com", "cpl", "dll", "exe", "hta", "htm", "html", "jar", "js", "jse", "lnk"}
    | {"mht", "mhtml", "mjs", "msi", "pif", "ps1", "py", "reg", "scr", "sh", "shtml", "svg", "svgz", "swf"}
    | {"url", "vbe", "vbs", "wsf", "wsh", "xht", "xhtml", "xml", "xsl"}
)


def file_name(number: str, title: str, original_name: str) -> str:
    """The name of an evidence file: E07__management-plan.pdf. Nothing of the original but its ending."""
    return f"{number}__{safe_text(title) or 'evidence'}{safe_ending(original_name)}"


def safe_text(text: str) -> str:
    """Words as part of a file name: no spaces, nothing that a file system or a link would stumble over."""
    text = unicodedata.normalize("NFC", text)
    text = "".join("-" if unicodedata.category(c) == "Pd" else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn"})
    return re.sub(r"[\s_]+", "-", _FORBIDDEN.sub(" ", text).strip())[:NAME_CHARS_AT_MOST].strip(" .-")


def safe_ending(original_name: str) -> str:
    """The ending with its dot; followed by .txt when a click would run the file; empty when there is none."""
    ending = PurePath(original_name).suffix.lower().removeprefix(".")
    if not _ENDING.fullmatch(ending):
        return ""
    return f".{ending}.txt" if ending in _RUNS else f".{ending}"


def is_safe_path(path: str) -> bool:
    """Whether a path in a manifest stays inside the packet, on every system."""
    if not path or len(path) > PATH_CHARS_AT_MOST or unicodedata.normalize("NFC", path) != path:
        return False
    return all(
        _SEGMENT.fullmatch(part) and not part.endswith((".", " ")) and not _RESERVED.fullmatch(part)
        for part in path.split("/")
    )
