"""`fincome preview`: what a sync would send, shown to a person before anything is sent.

The real engine runs, on the user's own messages, with a client that reaches no network. Values are shown here and
nowhere else: on the user's own screen and in the file that they ask for.
"""
