"""What was true of every source is true of the result: one proof of a written result, for all that write one."""
