"""What holds for all unit tests."""

from hypothesis import settings

# How long an example takes tells of the machine, not of the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
