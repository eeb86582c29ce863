"""The house rules, as tests: what every module must keep, whoever wrote it."""
