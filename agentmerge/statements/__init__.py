"""What a definition says sentence by sentence: force, slots, numbers, and the sentences of two one to one."""
