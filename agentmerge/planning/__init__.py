"""What would stand in a result, by which rule or whose answer: decided here, and applied by whoever writes."""
