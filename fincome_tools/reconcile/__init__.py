"""`fincome reconcile`: what files say, held against what Fincome has. Writes nothing.

The real engine runs on the files, with clients that only ask; so what is compared is what a sync would send.
"""
