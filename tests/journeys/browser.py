"""A real Chromium without a screen, told what to do over a pipe (the DevTools protocol), for journeys."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ANSWER_WITHIN_S = 60
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--window-size=1366,768",
)
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"


def find_chromium() -> str | None:
    """The browser to use: `RANGER_CHROMIUM`, or what a distribution calls it."""
    named = os.environ.get("RANGER_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return named or next((found for name in names if (found := shutil.which(name))), None)


class Tab:
    """One tab. Remembers every request that the page made and every complaint of the browser."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to, self._back = to, back
        self._number = 0
        self._session = ""
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def attach(self) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and wait for its answer; what happens meanwhile is noted."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, url: str) -> str:
        """Go to a page and wait until it has loaded; returns what went wrong, or an empty text."""
        answer = self.ask("Page.navigate", url=url)
        if "errorText" in answer or "loaderId" not in answer:
            return str(answer.get("errorText", ""))
        while self._next().get("method") != "Page.loadEventFired":
            pass
        return ""

    def say(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _next(self) -> dict[str, Any]:
        raw = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            if not byte:
                raise EOFError("the browser has gone")
            raw += byte
        message: dict[str, Any] = json.loads(raw)
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
        return message


@contextmanager
def chromium(profile: Path, *, dark: bool = False) -> Iterator[Tab]:
    """A browser with an empty profile and no network: no name is ever resolved."""
    program = find_chromium()
    assert program is not None
    to_read, to_write = os.pipe()
    back_read, back_write = os.pipe()

    def place_pipes() -> None:  # the browser reads commands from 3 and answers on 4
        commands, answers = os.dup(to_read), os.dup(back_write)
        os.dup2(commands, 3)
        os.dup2(answers, 4)

    options = [*_QUIET, _OFFLINE, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    if os.name == "posix" and os.geteuid() == 0:
        options.append("--no-sandbox")
    if dark:
        options.append("--blink-settings=preferredColorScheme=0")
    browser = subprocess.Popen(
        [program, *options],
        preexec_fn=place_pipes,
        pass_fds=(3, 4),
        close_fds=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(back_write)
    try:
        with os.fdopen(to_write, "wb") as to, os.fdopen(back_read, "rb") as back:
            tab = Tab(to, back)
            tab.attach()
            yield tab
    finally:
        browser.terminate()
        browser.wait(ANSWER_WITHIN_S)
