"""The processes of a home: how runs are launched, supervised, carried out and followed.

``launch.py`` is what people do with runs: start reading there. ``supervisor.py`` starts workers
through an ``executor.py`` and notices dead ones; ``worker.py`` is one run in one process, and
``recorder.py`` its ports on the store. ``endings.py`` says how a run ended, ``processes.py`` tells
processes apart, ``hardware.py`` says what the machine can train on. ``follow.py`` waits for runs in
a shell or a notebook, ``estimates.py`` says what runs will take.

Only ``worker.py`` imports torch. Engine, command line, notebook, lessons and app may import this
room; it knows training, scoring, requests and the store.
"""
