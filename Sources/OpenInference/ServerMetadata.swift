public import Base

/// Answers about the server as a whole.
public enum ServerMetadata {
  /// What is understood beyond the core of the protocol, in Triton's words.
  public static let extensions = [
    "binary_tensor_data", "classification", "parameters", "schedule_policy", "model_configuration", "model_repository",
    "statistics",
  ]

  public static func json(name: String, version: String) -> [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("name", name)
      json.field("version", version)
      json.field("extensions", extensions)
    }
  }

  /// Whether the process answers at all.
  public static func live(_ isLive: Bool) -> [UInt8] { one("live", isLive) }

  /// Whether every model that should be there can be asked.
  public static func ready(_ isReady: Bool) -> [UInt8] { one("ready", isReady) }

  private static func one(_ name: JSONWriter.Name, _ value: Bool) -> [UInt8] {
    JSONWriter.object(capacity: 32) { $0.field(name, value) }
  }
}

/// A failure as the protocol's clients read it: `{"error":"…"}`.
public enum ErrorAnswer {
  public static func json(_ fault: Fault) -> [UInt8] {
    JSONWriter.object(capacity: 256) { $0.field("error", fault.message) }
  }
}
