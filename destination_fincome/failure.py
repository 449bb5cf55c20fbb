"""How a sync, a check or a command may end badly: the closed list (docs/architecture.md, "Failures").

Raised anywhere, turned into Airbyte's words at one place (`protocol.trace`). A message is written for the
person who must act; it names streams, record ids, fields and settings, never a value of a record nor a secret.
"""


class ConnectorFailure(Exception):
    """A failure that ends the command, with a message for the user.

    Args:
        message: what happened and what to do, in one or two sentences.
        detail: what an engineer wants to know besides, free of customer data too.
    """

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class ConfigFailure(ConnectorFailure):
    """The user must change something (a key, a setting, a stream); trying again is of no use."""


class TransientFailure(ConnectorFailure):
    """Fincome or the network did not answer well for long enough; a later attempt may succeed."""


class SystemFailure(ConnectorFailure):
    """Something broke that is neither the user's nor the network's: bad input from the platform, a full disk."""
