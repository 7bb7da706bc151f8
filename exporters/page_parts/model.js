"use strict";
// The model inside the page: unpacked once, then asked for one row or many.

function unpacked(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function openModel(facts) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  const loader = document.getElementById("runtime-loader").textContent.trim();
  ort.env.wasm.wasmPaths = { mjs: `data:text/javascript;base64,${loader}` };
  ort.env.wasm.wasmBinary = await unpacked("runtime");
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(new Uint8Array(await unpacked("model")), { executionProviders: ["wasm"] });
  const wanted = ["prediction", "probabilities", "interval", "possible"].filter((name) => session.outputNames.includes(name));
  let before = Promise.resolve();
  // Rows are lists of canonical cells in the order of the columns; one call at a time.
  return (rows) => {
    const asked = before.then(() => answersOf(session, wanted, facts, rows));
    before = asked.catch(() => undefined);
    return asked;
  };
}

async function answersOf(session, wanted, facts, rows) {
  const feed = Object.create(null); // a column may be called __proto__
  facts.columns.forEach((column, place) => {
    const cells = rows.map((row) => row[place]);
    feed[column.name] = column.cells === "number"
      ? new ort.Tensor("float64", Float64Array.from(cells), [rows.length, 1])
      : new ort.Tensor("string", cells, [rows.length, 1]);
  });
  const outputs = await session.run(feed, wanted);
  const parts = (name, row) => {
    if (!(name in outputs)) return null;
    const width = outputs[name].dims[1];
    return Array.from(outputs[name].data.slice(row * width, (row + 1) * width));
  };
  return rows.map((_row, place) => ({
    prediction: plain(parts("prediction", place)[0]),
    probabilities: parts("probabilities", place),
    interval: parts("interval", place),
    possible: parts("possible", place)?.map(Boolean) ?? null,
  }));
}

function plain(value) {
  return typeof value === "bigint" ? Number(value) : value;
}
