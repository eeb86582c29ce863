"""Assessments: form packs, answers, the evidence for them, and the board of what is still missing."""
