# Windows without make: type what stands behind each target.
PYTHON ?= python3

.PHONY: report test lab

report:
	@$(PYTHON) dev.py report

test:
	@$(PYTHON) dev.py test

lab:
	@$(PYTHON) dev.py lab
