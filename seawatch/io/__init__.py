"""The only folder that reads files. What passes this door has been checked."""
