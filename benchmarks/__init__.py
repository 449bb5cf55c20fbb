"""How fast and how large: `python -m benchmarks [names…] [--quick]` measures the connector and prints ratios.

Nothing here is a test: no figure depends on the machine alone, so each is a ratio of two things that were measured in
one run, or stands beside what the machine allows. docs/performance.md explains the figures.
"""
