"""An embedded Fincome: a real HTTP server to try, test and demonstrate the connector against.

It speaks what `fincome/contract.yaml` says and nothing else. It reads that file with its own loader and
checks objects with its own code: it must not import anything of the connector, or tests against it would only
prove that the connector agrees with itself.
"""
