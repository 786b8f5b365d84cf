"""The Pretrain page: choose tasks, fill in the form, launch.

``form_state.py`` is the content of the form, in the address and back: start reading there.
``form.py`` draws it, ``details.py`` its folded part. ``task_cards.py`` draws the tasks as cards,
``pictures.py`` and ``illustration_card.py`` their illustrations, ``estimate.py`` the estimate
before a launch. ``clone.py`` takes the settings of an earlier run.

Only ``pages/pretrain.py`` imports this folder.
"""
