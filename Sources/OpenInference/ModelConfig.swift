internal import Base

extension ModelMetadata {
  /// The model's configuration in Triton's form, as far as its clients read it.
  ///
  /// `maxBatchSize` is 0 where a request is always one batch; else the first side of every tensor counts the batch and is left
  /// out of `dims`, as clients expect.
  public func configuration(maxBatchSize: Int) -> [UInt8] {
    var json = JSONWriter(capacity: 768)
    json.beginObject()
    json.key("name")
    json.string(name)
    json.key("platform")
    json.string(platform)
    json.key("backend")
    json.string(platform)
    json.key("max_batch_size")
    json.integer(maxBatchSize)
    json.key("input")
    Self.configure(inputs, maxBatchSize > 0, &json)
    json.key("output")
    Self.configure(outputs, maxBatchSize > 0, &json)
    json.endObject()
    return json.take()
  }

  private static func configure(_ specs: [TensorSpec], _ isBatched: Bool, _ json: inout JSONWriter) {
    json.beginArray()
    for spec in specs {
      json.beginObject()
      json.key("name")
      json.string(spec.name)
      json.key("data_type")
      json.string("TYPE_" + (spec.element == .string ? "STRING" : spec.element.rawValue))
      json.key("dims")
      json.beginArray()
      for side in spec.shape.dropFirst(isBatched ? 1 : 0) { json.integer(side ?? -1) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }
}
