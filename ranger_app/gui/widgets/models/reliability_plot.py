"""A reliability diagram: how sure a model said it was, against how often it was right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ranger_app.analysis.judging import Bin
from ranger_app.gui.look.theme import Type, colour, ems, font, space
from ranger_app.i18n import _, percent

SIDE_EMS = 30
LEAST_EMS = 20
DOT_STEPS = 0.8
TICKS = (0.0, 0.5, 1.0)


def paint(painter: QPainter, width: float, height: float, bins: Sequence[Bin]) -> None:
    """Draw the diagram into `width` × `height`, in today's colours; the same for screen, picture and page.

    The line from corner to corner is a model that is right as often as it says. A dot's area is the number
    of its answers.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font(Type.SMALL))
    metrics = QFontMetricsF(painter.font())
    left, bottom = metrics.horizontalAdvance(percent(1.0)) + space(2), metrics.height() * 2 + space(2)
    top, right = metrics.height() + space(1.5), metrics.horizontalAdvance(percent(1.0)) / 2
    area = QRectF(left, top, max(width - left - right, 1), max(height - top - bottom, 1))

    def at(said: float, hit: float) -> QPointF:
        return QPointF(area.left() + said * area.width(), area.bottom() - hit * area.height())

    for tick in TICKS:
        painter.setPen(QPen(colour("line"), 1))
        painter.drawLine(at(tick, 0), at(tick, 1))
        painter.drawLine(at(0, tick), at(1, tick))
        painter.setPen(colour("muted"))
        words = percent(tick)
        across = metrics.horizontalAdvance(words)
        painter.drawText(at(tick, 0) + QPointF(-across / 2, metrics.height()), words)
        if tick:  # at the corner one nought is enough
            painter.drawText(at(0, tick) + QPointF(-across - space(1), metrics.height() / 3), words)
    painter.drawText(QPointF(0, metrics.ascent()), _("right"))
    said = _("how sure it said it was")
    painter.drawText(
        QPointF(area.right() - metrics.horizontalAdvance(said), area.bottom() + 2 * metrics.height()), said
    )
    painter.setPen(QPen(colour("control"), 1, Qt.PenStyle.DashLine))
    painter.drawLine(at(0, 0), at(1, 1))
    most = max((one.count for one in bins), default=1)
    painter.setPen(QPen(colour("accent"), max(space(0.4), 1)))
    points = [at(one.score, one.right) for one in bins]
    for point, following in pairwise(points):
        painter.drawLine(point, following)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("accent"))
    for one, point in zip(bins, points, strict=True):
        radius = space(DOT_STEPS) * (0.5 + (one.count / most) ** 0.5)
        painter.drawEllipse(point, radius, radius)


class ReliabilityPlot(QWidget):
    """The diagram on the screen; the table that it is drawn from is its description."""

    def __init__(self) -> None:
        super().__init__()
        self._bins: Sequence[Bin] = ()
        self.setAccessibleName(_("How sure the model is against how often it is right"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_bins(self, bins: Sequence[Bin]) -> None:
        """Show these; nothing is shown of none."""
        self._bins = bins
        lines = (
            _("says {said}, is right in {right} of {count}").format(
                said=percent(one.score), right=percent(one.right), count=one.count
            )
            for one in bins
        )
        words = "\n".join(lines)
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.setVisible(bool(bins))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(ems(SIDE_EMS), ems(SIDE_EMS) * 2 // 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(ems(LEAST_EMS), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint(painter, self.width(), self.height(), self._bins)
        painter.end()
