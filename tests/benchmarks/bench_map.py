"""The map under load: the base map, a million fixes and fifty thousand points, painted, panned and zoomed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import shapely
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from ranger_app.config import resources_dir
from ranger_app.gui.background import Background
from ranger_app.gui.widgets.maps.canvas import MapCanvas
from ranger_app.maps.boundary import boundary_of
from ranger_app.maps.layers import PointLayer, TrackLayer
from ranger_app.maps.mercator import Floats
from ranger_app.maps.picture import PictureContent, draw_png
from tests.benchmarks.report import Report

LON_DEG, LAT_DEG = 34.8, -2.5
TRACKS, FIXES = 2000, 500
POINTS = 50_000
SETTLE_AT_MOST_MS = 60_000


def run(report: Report) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QCoreApplication)
    background = Background()
    tracks = demo_tracks()
    try:
        _base_map(report, background)
        canvas = _first_picture(report, background, tracks)
        _pan(report, canvas)
        _zoom(report, canvas)
        _points(report, canvas)
        canvas.close()
    finally:
        background.close()
    _picture(report, tracks)


def _base_map(report: Report, background: Background) -> None:
    """From an empty window to the whole world, the file read and decoded on the way."""
    folder = resources_dir() / "maps"
    if not (folder / "world.npz").is_file():
        return
    canvas = _canvas(background)
    begun = time.perf_counter()
    canvas.open_basemap(folder)
    canvas.show()
    _settle(canvas)
    report.budget("map: base map, first whole picture", measured=time.perf_counter() - begun, at_most=1.0)
    begun = time.perf_counter()
    canvas.look_at(LON_DEG, LAT_DEG, 9.0)
    _settle(canvas)
    report.budget("map: base map 1:10 m, first visit", measured=time.perf_counter() - begun, at_most=1.0)
    canvas.close()


def _first_picture(report: Report, background: Background, tracks: list[Floats]) -> MapCanvas:
    canvas = _canvas(background)
    canvas.open_basemap(resources_dir() / "maps")
    canvas.look_at(LON_DEG, LAT_DEG, 10.0)
    begun = time.perf_counter()
    canvas.set_layer("tracks", TrackLayer(tracks, range(len(tracks))))
    canvas.show()
    _settle(canvas)
    taken = time.perf_counter() - begun
    report.budget("map: 1 M fixes, first whole picture", measured=taken, at_most=1.0)
    if memory_mb := _memory_mb():
        report.budget("map: memory with 1 M fixes shown", measured=memory_mb, at_most=300, unit="MB")
    return canvas


def _pan(report: Report, canvas: MapCanvas) -> None:
    """Frames while the map is dragged over ground that is partly painted and partly not."""
    canvas.look_at(LON_DEG - 0.18, LAT_DEG, 12.0)
    _settle(canvas)
    frames_ms = []
    for step in range(120):
        view = canvas.view
        lon, lat = view.to_degrees(view.width / 2 + 12, view.height / 2 + (3 if step % 2 else -3))
        canvas.look_at(lon, lat, view.zoom)
        begun = time.perf_counter()
        canvas.repaint()
        frames_ms.append((time.perf_counter() - begun) * 1000)
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    p95 = float(np.percentile(frames_ms, 95))
    note = f"mean {np.mean(frames_ms):.1f} ms"
    report.budget("map: 1 M fixes, a frame of panning, p95", measured=p95, at_most=33.0, unit="ms", note=note)
    _settle(canvas)


def _zoom(report: Report, canvas: MapCanvas) -> None:
    taken = []
    for zoom in (10.5, 11.0, 11.5, 12.0, 12.5, 13.0, 14.0):
        begun = time.perf_counter()
        canvas.look_at(LON_DEG, LAT_DEG, zoom)
        _settle(canvas)
        taken.append(time.perf_counter() - begun)
    note = f"mean {np.mean(taken):.2f} s"
    report.budget(
        "map: 1 M fixes, slowest first visit of a zoom", measured=max(taken), at_most=0.6, note=note
    )


def _points(report: Report, canvas: MapCanvas) -> None:
    rng = np.random.default_rng(8)
    lon, lat = LON_DEG + rng.normal(0, 0.2, POINTS), LAT_DEG + rng.normal(0, 0.2, POINTS)
    layer = PointLayer(lon, lat, range(POINTS), rng.integers(0, 8, POINTS))
    begun = time.process_time()
    for zoom in range(3, 18):
        layer.clusters.level(zoom)
    taken_ms = (time.process_time() - begun) * 1000
    report.budget("map: 50 000 points clustered at 15 zooms, CPU", measured=taken_ms, at_most=100, unit="ms")
    canvas.set_layer("points", layer)
    canvas.look_at(LON_DEG, LAT_DEG, 11.0)
    _settle(canvas)
    frames_ms = sorted(_timed_ms(canvas.repaint) for _frame in range(20))
    report.budget("map: a frame with clusters too, p95", measured=frames_ms[18], at_most=33.0, unit="ms")


def _picture(report: Report, tracks: list[Floats]) -> None:
    ring = np.array([[34.3, -3.0], [35.3, -3.0], [35.3, -2.0], [34.3, -2.0], [34.3, -3.0]])

    content = PictureContent(
        boundary=boundary_of(shapely.MultiPolygon([shapely.Polygon(ring)])), tracks=tracks
    )
    taken_ms = _timed_ms(lambda: draw_png(content, width_px=1200, height_px=800))
    report.budget("map: picture of 1 M fixes for a report", measured=taken_ms / 1000, at_most=2.0)


def demo_tracks() -> list[Floats]:
    """2 000 made-up patrols of 500 fixes from 12 posts: steps of about 24 m every 15 s, 3 m of noise."""
    rng = np.random.default_rng(7)
    heading = rng.uniform(0, 2 * np.pi, (TRACKS, 1)) + np.cumsum(rng.normal(0, 0.25, (TRACKS, FIXES)), 1)
    step_deg = rng.gamma(2.0, 12.0, (TRACKS, FIXES)) / 111_320
    post, places = rng.integers(0, 12, TRACKS), rng.uniform(-0.35, 0.35, (12, 2))
    start = places[post] + rng.normal(0, 0.11, (TRACKS, 2))
    noise = rng.normal(0, 3 / 111_320, (2, TRACKS, FIXES))
    lon = LON_DEG + start[:, :1] + np.cumsum(step_deg * np.cos(heading), 1) + noise[0]
    lat = LAT_DEG + start[:, 1:] + np.cumsum(step_deg * np.sin(heading), 1) + noise[1]
    return list(np.stack([lon, lat], axis=2))


def _canvas(background: Background) -> MapCanvas:
    canvas = MapCanvas(background)
    canvas.resize(1366, 768)
    return canvas


def _settle(canvas: MapCanvas) -> None:
    """Let Qt work until the map is whole. A loop of our own around `processEvents` would take the
    interpreter away from the worker, which the window never does."""
    if canvas.is_settled:
        return
    loop = QEventLoop()
    canvas.settled.connect(loop.quit)
    QTimer.singleShot(SETTLE_AT_MOST_MS, loop, loop.quit)
    loop.exec()
    canvas.settled.disconnect(loop.quit)
    if not canvas.is_settled:
        raise TimeoutError("the map did not settle")


def _memory_mb() -> float | None:
    """What this process has resident now; None where the system does not say it in this way."""
    try:
        resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return resident_pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _timed_ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
