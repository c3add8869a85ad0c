"""Domain knowledge as data: one frozen `Knowledge` of shipped tables and a user's rows; what signs and words bind."""
