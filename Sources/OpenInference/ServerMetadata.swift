public import Base

/// Answers about the server as a whole.
public enum ServerMetadata {
  /// What is understood beyond the core of the protocol, in Triton's words.
  public static let extensions = [
    "binary_tensor_data", "classification", "parameters", "schedule_policy", "model_configuration", "model_repository",
    "statistics",
  ]

  public static func json(name: String, version: String) -> [UInt8] {
    var json = JSONWriter(capacity: 256)
    json.beginObject()
    json.key("name")
    json.string(name)
    json.key("version")
    json.string(version)
    json.key("extensions")
    json.beginArray()
    for word in extensions { json.string(word) }
    json.endArray()
    json.endObject()
    return json.take()
  }

  /// Whether the process answers at all.
  public static func live(_ isLive: Bool) -> [UInt8] { one("live", isLive) }

  /// Whether every model that should be there can be asked.
  public static func ready(_ isReady: Bool) -> [UInt8] { one("ready", isReady) }

  private static func one(_ key: StaticString, _ value: Bool) -> [UInt8] {
    var json = JSONWriter(capacity: 32)
    json.beginObject()
    json.key(key)
    json.bool(value)
    json.endObject()
    return json.take()
  }
}

/// A failure as the protocol's clients read it: `{"error":"…"}`.
public enum ErrorAnswer {
  public static func json(_ fault: Fault) -> [UInt8] {
    var json = JSONWriter(capacity: 256)
    json.beginObject()
    json.key("error")
    json.string(fault.message)
    json.endObject()
    return json.take()
  }
}
