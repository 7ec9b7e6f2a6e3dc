"""What an inspector sees: the offline map, its pictures and its words."""
