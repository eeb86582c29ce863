"""The option that all commands about assessments share."""

from __future__ import annotations

import argparse

from ranger_app.domain.ids import Id, parse_id
from ranger_app.i18n import _


def of_assessment(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command speak of another assessment than the newest."""
    parser.add_argument("--assessment", metavar="ID", help=_("another assessment than the newest"))
    return parser


def assessment_id(args: argparse.Namespace) -> Id | None:
    """The assessment that was asked for; None for the newest."""
    return parse_id(args.assessment) if args.assessment else None
