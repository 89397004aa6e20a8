public import Base
internal import JSON

/// What is asked of the model repository, and its answers.
public enum Repository {
  /// One version of a model in the index.
  public struct Entry: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
      case ready = "READY"
      case loading = "LOADING"
      case unloading = "UNLOADING"
      case unavailable = "UNAVAILABLE"
    }

    public var name: String
    public var version: String
    public var state: State
    /// Why it is not ready; empty where it is.
    public var reason: String

    public init(name: String, version: String, state: State, reason: String = "") {
      (self.name, self.version, self.state, self.reason) = (name, version, state, reason)
    }
  }

  /// Whether only models that are ready belong into the index; an empty body asks for all.
  public static func wantsReadyOnly(_ body: RawSpan) throws(Fault) -> Bool {
    enum Key: String, CaseIterable { case ready }
    guard body.byteCount > 0 else { return false }
    return try root(body).fields(Key.self, others: .ignored).given(.ready)?.bool() ?? false
  }

  public static func index(_ entries: [Entry]) -> [UInt8] {
    JSONWriter.array(capacity: 16 + 96 * entries.count) { json in
      for entry in entries {
        json.object { json in
          json.field("name", entry.name)
          json.field("version", entry.version)
          json.field("state", entry.state.rawValue)
          json.field("reason", entry.reason)
        }
      }
    }
  }

  static let sentAlong =
    "a model is not sent with the request to load it: put its files and manifest into the repository, and load it by name"

  /// Checks the body of a request to load a model, which may be empty.
  ///
  /// A configuration or files in the request are `unsupported`: what a model is stands in the repository.
  public static func checkLoad(_ body: RawSpan) throws(Fault) {
    for (key, value) in try parameters(body) where !value.isNull {
      guard key != "config", !key.hasPrefix("file:") else {
        throw value.fault(sentAlong, .unsupported)
      }
    }
  }

  /// Checks the body of a request to unload a model, which may be empty; no model has dependents here.
  public static func checkUnload(_ body: RawSpan) throws(Fault) {
    for (key, value) in try parameters(body) where key == "unload_dependents" && !value.isNull { _ = try value.bool() }
  }

  private static func parameters(_ body: RawSpan) throws(Fault) -> [(key: String, value: JSONValue)] {
    enum Key: String, CaseIterable { case parameters }
    guard body.byteCount > 0 else { return [] }
    let given = try root(body).fields(Key.self, others: .ignored).given(.parameters)
    return try given?.members().map { $0 } ?? []
  }

  private static func root(_ body: RawSpan) throws(Fault) -> JSONValue {
    try JSONDocument(parsing: body, name: "the request").root
  }
}
