"""Authors of one role side by side, without a before and after."""
