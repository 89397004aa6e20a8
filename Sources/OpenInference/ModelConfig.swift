internal import Base

extension ModelMetadata {
  /// The model's configuration in Triton's form, as far as its clients read it.
  ///
  /// `maxBatchSize` is 0 where a request is always one batch; else the first side of every tensor counts the batch and is left
  /// out of `dims`, as clients expect.
  public func configuration(maxBatchSize: Int) -> [UInt8] {
    JSONWriter.object(capacity: 768) { json in
      json.field("name", name)
      json.field("platform", platform)
      json.field("backend", platform)
      json.field("max_batch_size", maxBatchSize)
      json.field("input") { Self.configure(inputs, maxBatchSize > 0, &$0) }
      json.field("output") { Self.configure(outputs, maxBatchSize > 0, &$0) }
    }
  }

  private static func configure(_ specs: [TensorSpec], _ isBatched: Bool, _ json: inout JSONWriter) {
    json.array { json in
      for spec in specs {
        json.object { json in
          json.field("name", spec.name)
          json.field("data_type", "TYPE_" + (spec.element == .string ? "STRING" : spec.element.rawValue))
          json.array("dims") { for side in spec.shape.dropFirst(isBatched ? 1 : 0) { $0.integer(side ?? -1) } }
        }
      }
    }
  }
}
