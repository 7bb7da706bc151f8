"""Whether a model treats groups of rows alike: figures by group, what differs beyond chance, what alike would cost."""
