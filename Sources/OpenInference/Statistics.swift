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
    JSONWriter.object(capacity: 64 + 1024 * models.count) { json in
      json.array("model_stats") { for model in models { model.write(to: &$0) } }
    }
  }

  private func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("name", name)
      json.field("version", version)
      json.field("last_inference", lastInference)
      json.field("inference_count", inferenceCount)
      json.field("execution_count", executionCount)
      json.object("inference_stats") { json in
        success.write("success", to: &json)
        fail.write("fail", to: &json)
        queue.write("queue", to: &json)
        computeInput.write("compute_input", to: &json)
        computeInfer.write("compute_infer", to: &json)
        computeOutput.write("compute_output", to: &json)
        Tally().write("cache_hit", to: &json)
        Tally().write("cache_miss", to: &json)
      }
      json.array("batch_stats") { for batch in batches { batch.write(to: &$0) } }
    }
  }
}

extension ModelStatistics.Batch {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("batch_size", size)
      computeInput.write("compute_input", to: &json)
      computeInfer.write("compute_infer", to: &json)
      computeOutput.write("compute_output", to: &json)
    }
  }
}

extension Tally {
  fileprivate func write(_ name: JSONWriter.Name, to json: inout JSONWriter) {
    json.object(name) { json in
      json.field("count", count)
      json.field("ns", nanoseconds)
    }
  }
}
