"""The few primitives that graph twins are written with, and the certified model they make."""
