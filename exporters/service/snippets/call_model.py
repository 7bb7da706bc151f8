"""Call model.onnx from Python: pip install numpy onnxruntime, then python snippets/call_model.py."""

import json
import math
from pathlib import Path

import numpy as np
import onnxruntime

folder = Path(__file__).resolve().parent.parent
golden = json.loads((folder / "golden_rows.json").read_text(encoding="utf-8"))
session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])

# A column per input, of shape [N, 1]: doubles with NaN for missing, or texts with "" for missing.
feed = {}
for place, name in enumerate(golden["columns"]):
    cells = [row[place] for row in golden["canonical"]]
    number = next(each.type for each in session.get_inputs() if each.name == name) == "tensor(double)"
    missing = math.nan if number else ""
    column = [missing if cell is None else cell for cell in cells]
    feed[name] = np.array(column, dtype=np.float64 if number else object).reshape(-1, 1)

answers = session.run(["prediction"], feed)[0][:, 0]
pairs = list(zip(answers, (row[0] for row in golden["expected"]), strict=True))
agree = sum(a == b or (isinstance(b, float) and abs(a - b) <= 1e-5 * max(1, abs(b))) for a, b in pairs)
print(f"{agree} of {len(pairs)} rows agree")
