"""How fast requests may go, and when one is tried again."""
