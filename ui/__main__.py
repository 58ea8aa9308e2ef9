"""`python -m ui` is the `speechqa` command."""

from ui.cli import main

main()
