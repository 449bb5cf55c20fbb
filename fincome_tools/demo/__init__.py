"""`fincome demo FOLDER`: sync a folder's example through the real connector, and prove the result.

The demo knows the connector only from outside, as the platform does: a command, its stdin and its stdout.
"""

from fincome_tools.demo.show import run_demo

__all__ = ["run_demo"]
