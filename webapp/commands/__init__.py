"""The subcommands of ``skybasket``, one file each; webapp/cli.py lists them."""
