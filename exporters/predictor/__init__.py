"""The script that goes into every bundle. It stands alone: Python, numpy and onnxruntime are all it needs."""
