"""``python -m workbench`` is the ``workbench`` command."""

from workbench.cli.entry import main

main()
