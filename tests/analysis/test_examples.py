"""The examples in the docstrings of the estimators give what they show."""

import doctest
import importlib
import importlib.util
import pkgutil

import pytest

import helpers.analysis

WITH_EXAMPLES = [
    module.name
    for module in pkgutil.walk_packages(helpers.analysis.__path__, "helpers.analysis.")
    if ">>> " in (importlib.util.find_spec(module.name).loader.get_source(module.name) or "")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name):
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted
    assert not found.failed


def test_the_models_have_examples():
    assert {"few_clusters", "clustered", "survival", "multiplicity"} <= {name.split(".")[-1] for name in WITH_EXAMPLES}
