// Call model.onnx from JavaScript: npm install onnxruntime-node, then node snippets/call_model.mjs
// In a browser: import * as ort from "onnxruntime-web"; the calls are the same.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";

const golden = JSON.parse(readFileSync(new URL("../golden_rows.json", import.meta.url), "utf-8"));
const schema = JSON.parse(readFileSync(new URL("../schema.json", import.meta.url), "utf-8"));
const session = await ort.InferenceSession.create(readFileSync(new URL("../model.onnx", import.meta.url)));

// A column per input, of shape [N, 1]: doubles with NaN for missing, or texts with "" for missing.
const feed = {};
golden.columns.forEach((name, place) => {
  const cells = golden.canonical.map((row) => row[place]);
  const number = schema.inputs.find((input) => input.name === name).type === "tensor(double)";
  feed[name] = number
    ? new ort.Tensor("float64", Float64Array.from(cells, (cell) => cell ?? NaN), [cells.length, 1])
    : new ort.Tensor("string", cells.map((cell) => cell ?? ""), [cells.length, 1]);
});

const { prediction } = await session.run(feed, ["prediction"]);
const agree = golden.expected.filter(([expected], row) => {
  const answer = prediction.data[row];
  if (typeof answer === "bigint") return Number(answer) === expected;
  if (typeof answer === "string") return answer === expected;
  return Math.abs(answer - expected) <= 1e-5 * Math.max(1, Math.abs(expected));
}).length;
console.log(`${agree} of ${golden.expected.length} rows agree`);
