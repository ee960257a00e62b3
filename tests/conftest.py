"""What holds for all tests."""

from hypothesis import settings

pytest_plugins = ["offline"]

# How long an example takes is the machine's business; a test never fails by the clock.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")
