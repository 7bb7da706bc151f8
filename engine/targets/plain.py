"""The target as it is."""

from engine.targets.transform import PLAIN_TARGET, TargetTransform

PLAIN = TargetTransform(
    key=PLAIN_TARGET,
    title="As it is",
    forward=lambda size: size,
    inverse=lambda size: size,
    graph=lambda size: size,
    applies=lambda _y: True,
)
