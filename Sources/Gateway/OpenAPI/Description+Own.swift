internal import Base
internal import Predictions

/// What the bodies of Ridley's own routes look like.
extension Description {
  static let ownSchemas: Document = [
    "Error": object([
      "error": object(
        [
          "code": ["type": "string", "enum": .list(Fault.Kind.allCases.map { .text($0.rawValue) })],
          "message": about("One sentence: what was wrong, where, and what to do.", string),
        ],
        optional: [
          "detail": about("What a program may want to know beside the sentence.", ["type": "object"]),
          "request": about("By which the request is found in the server's log.", string),
        ])
    ]),
    "Task": ["type": "string", "enum": .list(ModelTask.allCases.map { .text($0.rawValue) })],
    "State": ["type": "string", "enum": ["loading", "ready", "unavailable"]],
    "Digest": ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"],
    "Model": object([
      "name": schema("Name"), "versions": list(schema("Version")),
      "aliases": ["type": "object", "additionalProperties": schema("Name")],
    ]),
    "Version": about(
      "What is known of a version: all of it once it is ready.",
      object(
        ["version": schema("Name"), "state": schema("State")],
        optional: [
          "reason": about("Why it is not ready.", string), "digest": schema("Digest"), "task": schema("Task"),
          "inputs": list(schema("TensorSpec")), "outputs": list(schema("TensorSpec")), "labels": list(string),
        ])),
    "AliasRequest": object(["version": schema("Name")]),
    "Histogram": object([
      "buckets": about("Upper bounds in seconds, ascending.", list(amount)),
      "counts": about(
        "One a bucket, counting it alone, and one for what lies above; since the server began.", list(count)),
      "sum": about("Seconds.", amount),
    ]),
    "Status": object([
      "time": about("Seconds since 1970.", number),
      "uptime": about("Seconds; falls where the server began anew.", amount),
      "version": about("Of the program.", string), "ready": flag, "models": list(schema("ModelStatus")),
      "process": object(["cpuSeconds": amount, "residentBytes": count, "openConnections": count, "threads": count]),
    ]),
    "ModelStatus": object(
      [
        "name": schema("Name"), "version": schema("Name"), "state": schema("State"),
        "inFlight": about("Inputs that are run.", count), "queued": about("Inputs that wait.", count),
        "requests": object([
          "success": count, "failed": count, "refused": about("The queue was full.", count),
          "expired": about("The deadline passed.", count), "cancelled": about("The client left.", count),
        ]),
        "latency": about("From a request's head to its answer.", schema("Histogram")),
        "queue": about("From arrival until the engine took it.", schema("Histogram")),
        "batch": object([
          "sizes": list(["type": "integer", "minimum": 1]),
          "counts": about("Inferences of at most so many inputs, and more than the size before.", list(count)),
        ]),
      ],
      optional: [
        "aliases": list(schema("Name")), "digest": schema("Digest"), "task": schema("Task"), "reason": string,
      ]),
    "Predictions": object([
      "model": about("NAME@sha256:…", string), "version": schema("Name"), "task": schema("Task"),
      "width": about("Of the upright picture, in pixels.", count), "height": count,
      "frames": about("How many were looked at; 1 for a picture.", count), "predictions": list(schema("Prediction")),
    ]),
    "Prediction": about(
      "As docs/predictions.md tells; frame, time and pts stand with clips.",
      object(
        ["kind": schema("Task"), "model": string],
        optional: [
          "frame": count, "time": number, "pts": ["type": "integer"], "label": string, "score": schema("Score"),
          "box": about(
            "Left, top, width, height, in fractions of the upright picture.",
            ["type": "array", "items": number, "minItems": 4, "maxItems": 4]),
          "points": list(object(["x": number, "y": number], optional: ["name": string, "score": schema("Score")])),
          "mask": about(
            "Run lengths down the columns, outside first.",
            object(["size": list(count), "counts": list(count), "share": number])),
          "text": string, "vector": list(schema("Score")), "tensor": ["type": "object"],
        ])),
    "Score": about("null for what is no number.", ["type": ["number", "null"]]),
  ]
}
