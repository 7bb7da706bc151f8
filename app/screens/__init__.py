"""One file per screen, each with one constant of type `Screen`."""
