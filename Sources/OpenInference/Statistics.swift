internal import Base

/// How often something was done, and the time that it took in all.
public struct Tally: Sendable, Hashable {
  public var count: Int
  public var nanoseconds: Int

  public init(count: Int = 0, nanoseconds: Int = 0) { (self.count, self.nanoseconds) = (count, nanoseconds) }
}

/// What one version of a model has done since it was loaded.
public struct ModelStatistics: Sendable, Hashable {
  public var name: String
  public var version: String
  /// When it last answered, in milliseconds since 1970; 0 where it has not.
  public var lastInference = 0
  /// Inputs that were run, however they were batched.
  public var inferenceCount = 0
  /// Batches that were run.
  public var executionCount = 0
  /// Requests that were answered, from arrival to answer; and those that failed.
  public var success = Tally()
  public var fail = Tally()
  /// Parts of the answered requests' time: waiting, making inputs ready, the network, writing outputs.
  public var queue = Tally()
  public var computeInput = Tally()
  public var computeInfer = Tally()
  public var computeOutput = Tally()
  /// By size, the smallest first.
  public var batches: [Batch] = []

  public init(name: String, version: String) { (self.name, self.version) = (name, version) }

  public struct Batch: Sendable, Hashable {
    public var size: Int
    public var computeInput: Tally
    public var computeInfer: Tally
    public var computeOutput: Tally

    public init(size: Int, computeInput: Tally, computeInfer: Tally, computeOutput: Tally) {
      (self.size, self.computeInput) = (size, computeInput)
      (self.computeInfer, self.computeOutput) = (computeInfer, computeOutput)
    }
  }

  /// The statistics of models in Triton's form.
  public static func json(_ models: [ModelStatistics]) -> [UInt8] {
    var json = JSONWriter(capacity: 64 + 1024 * models.count)
    json.beginObject()
    json.key("model_stats")
    json.beginArray()
    for model in models { model.write(to: &json) }
    json.endArray()
    json.endObject()
    return json.take()
  }

  private func write(to json: inout JSONWriter) {
    json.beginObject()
    json.key("name")
    json.string(name)
    json.key("version")
    json.string(version)
    for (key, value) in [
      ("last_inference", lastInference), ("inference_count", inferenceCount), ("execution_count", executionCount),
    ] {
      json.key(name: key)
      json.integer(value)
    }
    json.key("inference_stats")
    Self.write(
      [
        ("success", success), ("fail", fail), ("queue", queue), ("compute_input", computeInput),
        ("compute_infer", computeInfer), ("compute_output", computeOutput), ("cache_hit", Tally()),
        ("cache_miss", Tally()),
      ], to: &json)
    json.key("batch_stats")
    json.beginArray()
    for batch in batches {
      let tallies = [
        ("compute_input", batch.computeInput), ("compute_infer", batch.computeInfer),
        ("compute_output", batch.computeOutput),
      ]
      Self.write(tallies, size: batch.size, to: &json)
    }
    json.endArray()
    json.endObject()
  }

  private static func write(_ tallies: [(String, Tally)], size: Int? = nil, to json: inout JSONWriter) {
    json.beginObject()
    if let size {
      json.key("batch_size")
      json.integer(size)
    }
    for (key, tally) in tallies {
      json.key(name: key)
      json.beginObject()
      json.key("count")
      json.integer(tally.count)
      json.key("ns")
      json.integer(tally.nanoseconds)
      json.endObject()
    }
    json.endObject()
  }
}
