"""The levels of categories that a model's file knows."""

from pathlib import Path


def known_levels(model: Path) -> dict[str, tuple[str, ...]]:
    """Return the levels that a file looks up, by input: they are in its label encoders.

    Numbers are written as Python writes them; the empty text is the level "missing". Levels of few training rows may
    be lacking.
    """
    import onnx
    from onnx.numpy_helper import to_array

    graph = onnx.load(str(model)).graph
    inputs = {value.name for value in graph.input}
    found: dict[str, tuple[str, ...]] = {}
    for node in graph.node:
        if node.op_type != "LabelEncoder" or node.input[0] not in inputs:
            continue
        for attribute in node.attribute:
            if attribute.name in {"keys_tensor", "keys_strings"}:
                keys = attribute.strings or attribute.t.string_data or to_array(attribute.t).tolist()
                texts = (key.decode() if isinstance(key, bytes) else repr(key) for key in keys)
                found[node.input[0]] = tuple(texts)
    return found
