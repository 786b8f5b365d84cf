"""Training: one task, one module, one budget, and the checks along the way.

Start with ``trainer`` (the loop). ``schedule`` is the budget and the learning rate, ``batches`` the
data, ``optimizer`` the optimizer, ``device`` device and precision. ``checks`` measures a fixed
sample (``check_sample``, ``view_sample``), ``history`` keeps what the verdict needs, ``loss_log``
writes the losses, ``checkpoint`` saves and restores. ``encode`` runs a frozen encoder;
``finetune`` trains encoder and head on few labels. ``instances`` builds what a RunConfig names.
``ports`` declares all that training may touch of the world: events, artifacts, control.

``scoring``, ``jobs``, ``engine`` and ``export`` may import this room. It imports ``tasks``,
``augment``, ``encoders``, ``data``, ``diagnostics`` and ``evaluation``, and nothing from ``jobs``
or ``store``.
"""
