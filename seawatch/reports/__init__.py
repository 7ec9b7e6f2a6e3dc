"""What is handed on besides the map."""
