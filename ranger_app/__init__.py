"""Ranger: patrols, camera traps and Green List assessments for protected areas, offline first."""

