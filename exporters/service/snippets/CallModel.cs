// Call model.onnx from C# with the package Microsoft.ML.OnnxRuntime. This row is missing everywhere but where you fill
// it in; left as it is, the answer is the first one of golden_rows.json.
using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

using var session = new InferenceSession("model.onnx");
var row = new Dictionary<string, object>(); // column name -> double or string, canonical (see schema.json)
var shape = new[] { 1, 1 };
var feed = session.InputMetadata.Select(input =>
{
    row.TryGetValue(input.Key, out var cell);
    return input.Value.ElementDataType == TensorElementType.String
        ? NamedOnnxValue.CreateFromTensor(input.Key, new DenseTensor<string>(new[] { (string)(cell ?? "") }, shape))
        : NamedOnnxValue.CreateFromTensor(input.Key, new DenseTensor<double>(new[] { (double)(cell ?? double.NaN) }, shape));
}).ToList();
using var answer = session.Run(feed, new[] { "prediction" });
// DenseTensor<float>, <long> or <string>, as schema.json says
Console.WriteLine(answer.First().Value switch
{
    Tensor<float> number => number[0, 0].ToString(),
    Tensor<long> label => label[0, 0].ToString(),
    Tensor<string> label => label[0, 0],
    var other => other.ToString(),
});
