"""What holds for all tests."""

from hypothesis import settings

# How long an example takes depends on the machine and on what else runs there; no test is about that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
