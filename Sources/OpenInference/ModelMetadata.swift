public import Base

/// What a model takes and gives.
public struct ModelMetadata: Sendable, Hashable {
  public var name: String
  /// Versions that can be asked.
  public var versions: [String]
  /// Who runs it: `openvino`.
  public var platform: String
  public var inputs: [TensorSpec]
  public var outputs: [TensorSpec]

  public init(name: String, versions: [String], platform: String, inputs: [TensorSpec], outputs: [TensorSpec]) {
    (self.name, self.versions, self.platform) = (name, versions, platform)
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  /// The protocol's metadata answer; an open side is -1.
  public var json: [UInt8] {
    var json = JSONWriter(capacity: 512)
    json.beginObject()
    json.key("name")
    json.string(name)
    json.key("versions")
    json.beginArray()
    for version in versions { json.string(version) }
    json.endArray()
    json.key("platform")
    json.string(platform)
    json.key("inputs")
    Self.write(inputs, to: &json)
    json.key("outputs")
    Self.write(outputs, to: &json)
    json.endObject()
    return json.take()
  }

  /// Whether the model can be asked.
  public static func ready(_ name: String, _ isReady: Bool) -> [UInt8] {
    var json = JSONWriter(capacity: 64)
    json.beginObject()
    json.key("name")
    json.string(name)
    json.key("ready")
    json.bool(isReady)
    json.endObject()
    return json.take()
  }

  public static func write(_ specs: [TensorSpec], to json: inout JSONWriter) {
    json.beginArray()
    for spec in specs {
      json.beginObject()
      json.key("name")
      json.string(spec.name)
      json.key("datatype")
      json.string(spec.element.rawValue)
      json.key("shape")
      json.beginArray()
      for side in spec.shape { json.integer(side ?? -1) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }
}
