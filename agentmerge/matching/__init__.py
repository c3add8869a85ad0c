"""Who corresponds to whom: groups over any number of variants, and partners one to one."""
