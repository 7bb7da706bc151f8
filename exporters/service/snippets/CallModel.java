// Call model.onnx from Java with com.microsoft.onnxruntime:onnxruntime. This row is missing everywhere but where you
// fill it in; left as it is, the answer is the first one of golden_rows.json.
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

public class CallModel {
    public static void main(String[] words) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession("model.onnx", new OrtSession.SessionOptions())) {
            Map<String, Object> row = new HashMap<>(); // column name -> Double or String, canonical (see schema.json)
            Map<String, OnnxTensor> feed = new HashMap<>();
            for (NodeInfo input : session.getInputInfo().values()) {
                String name = input.getName();
                boolean text = ((TensorInfo) input.getInfo()).type == OnnxJavaType.STRING;
                feed.put(name, text
                    ? OnnxTensor.createTensor(environment, new String[][] {{(String) row.getOrDefault(name, "")}})
                    : OnnxTensor.createTensor(environment, new double[][] {{(Double) row.getOrDefault(name, Double.NaN)}}));
            }
            try (OrtSession.Result answer = session.run(feed, Set.of("prediction"))) {
                Object value = answer.get(0).getValue(); // float[][], long[][] or String[][], as schema.json says
                System.out.println(java.util.Arrays.deepToString((Object[]) value));
            }
        }
    }
}
