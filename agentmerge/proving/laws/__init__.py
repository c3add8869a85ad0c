"""The laws, a module for each kind; `registry` finds them here."""
