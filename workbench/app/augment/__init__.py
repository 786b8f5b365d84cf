"""The Augment page: compose a policy of augmentations and see its views.

``state.py`` holds the policy and its text in the address: start reading there. ``composer.py``
draws the steps, ``pictures.py`` the views, ``share.py`` the ways to the page and on from it.

Only ``pages/augment.py`` imports this folder.
"""
