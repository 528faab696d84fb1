"""The examples in the docstrings of the estimators give what they show, and every estimator has one."""

import doctest
import functools
import importlib
import importlib.util
import inspect
import pkgutil
from pathlib import Path

import calibration
import pytest

import helpers.analysis
from helpers.data import Study

WITH_EXAMPLES = [
    module.name
    for module in pkgutil.walk_packages(helpers.analysis.__path__, "helpers.analysis.")
    if ">>> " in (importlib.util.find_spec(module.name).loader.get_source(module.name) or "")
]


@functools.cache
def sample(path):
    return Study.load(path)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name, monkeypatch):
    # examples name the sample study from the folder of the project; it is read once for all of them
    monkeypatch.chdir(Path(__file__).parents[2])
    module = importlib.import_module(name)
    load = staticmethod(sample)
    sample("data/sample")
    monkeypatch.setattr(Study, "load", load)
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted
    assert not found.failed


def test_every_estimator_has_an_example():
    without = set()
    for estimator in calibration.estimators():
        module, _, name = estimator.partition(".")
        function = getattr(calibration.loaded_from_its_room(module), name)
        if ">>> " not in (inspect.getdoc(function) or ""):
            without.add(estimator)
    assert not without, "an example is missing, as CONTRIBUTING.md asks"
