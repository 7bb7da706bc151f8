"""Python API of Tablewright: a table in, a verified ONNX model out."""
