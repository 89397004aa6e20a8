/// What the Open Inference Protocol's bodies look like. Objects are open in requests: what is not known is left alone,
/// and null is as good as nothing.
extension Description {
  static let protocolSchemas: Document = [
    "Name": about(
      "Letters, digits, '-', '_' and '.', which does not stand in front.", ["type": "string", "pattern": .text(name)]),
    "OpenError": object(["error": about("One sentence: what was wrong, where, and what to do.", string)]),
    "Live": object(["live": ["const": true]]),
    "Ready": object(["ready": flag]),
    "ElementType": [
      "type": "string",
      "enum": [
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32",
        "FP64",
        "BYTES",
      ],
    ],
    "TensorSpec": object([
      "name": string, "datatype": schema("ElementType"),
      "shape": about("-1 for a side that may be anything.", list(["type": "integer", "minimum": -1])),
    ]),
    "ServerMetadata": object(["name": string, "version": string, "extensions": list(string)]),
    "ModelMetadata": object([
      "name": schema("Name"), "versions": list(schema("Name")), "platform": string,
      "inputs": list(schema("TensorSpec")), "outputs": list(schema("TensorSpec")),
    ]),
    "ModelReady": object(["name": schema("Name"), "ready": flag]),
    "ModelConfig": object([
      "name": schema("Name"), "platform": string, "backend": string, "max_batch_size": count,
      "input": list(schema("ConfigTensor")), "output": list(schema("ConfigTensor")),
    ]),
    "ConfigTensor": object([
      "name": string, "data_type": ["type": "string", "pattern": "^TYPE_[A-Z0-9]+$"],
      "dims": list(["type": "integer", "minimum": -1]),
    ]),
    "Tally": about("How often, and nanoseconds in all.", object(["count": count, "ns": count])),
    "ModelStatistics": object(["model_stats": list(schema("OneModelStatistics"))]),
    "OneModelStatistics": object([
      "name": schema("Name"), "version": schema("Name"),
      "last_inference": about("Milliseconds since 1970; 0 where there was none.", count), "inference_count": count,
      "execution_count": count,
      "inference_stats": object([
        "success": schema("Tally"), "fail": schema("Tally"), "queue": schema("Tally"), "compute_input": schema("Tally"),
        "compute_infer": schema("Tally"), "compute_output": schema("Tally"), "cache_hit": schema("Tally"),
        "cache_miss": schema("Tally"),
      ]),
      "batch_stats": list(
        object([
          "batch_size": ["type": "integer", "minimum": 1], "compute_input": schema("Tally"),
          "compute_infer": schema("Tally"), "compute_output": schema("Tally"),
        ])),
    ]),
    "InferRequest": object(
      ["inputs": list(schema("InferInput"))],
      optional: [
        "id": about("Comes back with the answer.", maybe(string)),
        "outputs": about("Left out or empty: all of them.", maybe(list(schema("WantedOutput")))),
        "parameters": maybe(
          object(
            [:],
            optional: [
              "timeout": about(
                "Microseconds after which nobody waits for the answer; 0 for the server's choice.", maybe(count)),
              "priority": maybe(count),
              "binary_data_output": about("Outputs are binary where they do not say.", maybe(flag)),
            ], open: true)),
      ], open: true),
    "InferInput": object(
      [
        "name": string, "datatype": schema("ElementType"),
        "shape": ["type": "array", "items": count, "maxItems": 32],
      ],
      optional: [
        "parameters": maybe(
          object(
            [:],
            optional: [
              "binary_data_size": about(
                "Bytes of this tensor behind the JSON, in the order of the inputs.", maybe(count))
            ], open: true)),
        "data": about("In row-major order, flat or nested; left out beside binary_data_size.", maybe(list([:]))),
      ], open: true),
    "WantedOutput": object(
      ["name": string],
      optional: [
        "parameters": maybe(
          object(
            [:],
            optional: [
              "binary_data": maybe(flag),
              "classification": about("So many of the highest scores, as texts 'score:index:label'.", maybe(count)),
            ], open: true))
      ], open: true),
    "InferAnswer": object(
      ["model_name": schema("Name"), "model_version": schema("Name"), "outputs": list(schema("InferOutput"))],
      optional: ["id": string]),
    "InferOutput": object(
      ["name": string, "datatype": schema("ElementType"), "shape": list(count)],
      optional: ["parameters": object(["binary_data_size": count]), "data": list([:])]),
    "IndexRequest": object(
      [:], optional: ["ready": about("Only versions that can be asked.", maybe(flag))], open: true),
    "Index": list(
      object([
        "name": schema("Name"), "version": schema("Name"),
        "state": ["type": "string", "enum": ["READY", "LOADING", "UNLOADING", "UNAVAILABLE"]], "reason": string,
      ])),
    "LoadRequest": object(
      [:],
      optional: [
        "parameters": about(
          "A configuration or files are refused: what a model is stands in the repository.", maybe(["type": "object"]))
      ], open: true),
    "UnloadRequest": object(
      [:], optional: ["parameters": maybe(object([:], optional: ["unload_dependents": maybe(flag)], open: true))],
      open: true),
  ]
}
