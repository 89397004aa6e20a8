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
  /// What callers should know of the values that it takes and gives; each a sentence for a person.
  public var notes: [String]

  public init(
    name: String, versions: [String], platform: String, inputs: [TensorSpec], outputs: [TensorSpec],
    notes: [String] = []
  ) {
    (self.name, self.versions, self.platform) = (name, versions, platform)
    (self.inputs, self.outputs, self.notes) = (inputs, outputs, notes)
  }

  /// The protocol's metadata answer; an open side is -1, and what it has no field for stands among the parameters.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      json.field("name", name)
      json.field("versions", versions)
      json.field("platform", platform)
      json.field("inputs") { Self.write(inputs, to: &$0) }
      json.field("outputs") { Self.write(outputs, to: &$0) }
      if !notes.isEmpty { json.object("parameters") { $0.field("notes", notes) } }
    }
  }

  /// Whether the model can be asked.
  public static func ready(_ name: String, _ isReady: Bool) -> [UInt8] {
    JSONWriter.object(capacity: 64) { json in
      json.field("name", name)
      json.field("ready", isReady)
    }
  }

  public static func write(_ specs: [TensorSpec], to json: inout JSONWriter) {
    json.array { json in
      for spec in specs {
        json.object { json in
          json.field("name", spec.name)
          json.field("datatype", spec.element.rawValue)
          json.array("shape") { for side in spec.shape { $0.integer(side ?? -1) } }
        }
      }
    }
  }
}
