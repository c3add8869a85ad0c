"""Three versions, or two without their ancestor, to one text with every unit's fate."""
