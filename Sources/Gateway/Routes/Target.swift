internal import Access
internal import Base

/// What a path stands for.
enum Target: Sendable, Hashable {
  case page(String)
  case alive, ready
  case metrics, description, status
  case models
  case model(String)
  case predict(String, version: String?)
  case alias(String, String)
  case server
  case metadata(String, version: String?)
  case modelReady(String, version: String?)
  case config(String, version: String?)
  case statistics(String?, version: String?)
  case infer(String, version: String?)
  case index
  case load(String), unload(String)

  /// What a path stands for, or `nil`.
  init?(path: String) {
    // One slash at the end changes nothing.
    var parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
    guard parts.first == "" else { return nil }
    parts.removeFirst()
    if parts.count > 1, parts.last == "" { parts.removeLast() }
    guard let found = Target.find(parts.map(String.init)) else { return nil }
    self = found
  }

  private static func find(_ parts: [String]) -> Target? {
    switch (parts.first ?? "", parts.count) {
    case ("", 1): .page("/")
    case ("assets", 2): .page("/assets/\(parts[1])")
    case ("healthz", 1): .alive
    case ("readyz", 1): .ready
    case ("metrics", 1): .metrics
    case ("openapi.json", 1): .description
    case ("v1", 2...): own(Array(parts.dropFirst()))
    case ("v2", _): open(Array(parts.dropFirst()))
    default: nil
    }
  }

  private static func own(_ parts: [String]) -> Target? {
    switch parts.count {
    case 1 where parts[0] == "status": return .status
    case 1 where parts[0] == "models": return .models
    case 2 where parts[0] == "models": return .model(parts[1])
    case 3 where parts[0] == "models" && parts[2] == "predict": return .predict(parts[1], version: nil)
    case 4 where parts[0] == "models" && parts[2] == "aliases": return .alias(parts[1], parts[3])
    case 5 where parts[0] == "models" && parts[2] == "versions" && parts[4] == "predict":
      return .predict(parts[1], version: parts[3])
    default: return nil
    }
  }

  /// The Open Inference Protocol's.
  private static func open(_ parts: [String]) -> Target? {
    switch parts {
    case []: return .server
    case ["health", "live"]: return .alive
    case ["health", "ready"]: return .ready
    case ["models", "stats"]: return .statistics(nil, version: nil)
    case ["repository", "index"]: return .index
    default: break
    }
    if parts.count == 4, parts[0] == "repository", parts[1] == "models" {
      return parts[3] == "load" ? .load(parts[2]) : parts[3] == "unload" ? .unload(parts[2]) : nil
    }
    guard parts.count >= 2, parts[0] == "models" else { return nil }
    var rest = parts.dropFirst(2)
    var version: String?
    if rest.first == "versions" {
      guard rest.count >= 2 else { return nil }
      version = rest[rest.startIndex + 1]
      rest = rest.dropFirst(2)
    }
    switch (rest.first, rest.count) {
    case (nil, 0): return .metadata(parts[1], version: version)
    case ("ready", 1): return .modelReady(parts[1], version: version)
    case ("config", 1): return .config(parts[1], version: version)
    case ("stats", 1): return .statistics(parts[1], version: version)
    case ("infer", 1): return .infer(parts[1], version: version)
    default: return nil
    }
  }

  /// What it may be asked with; HEAD goes where GET goes.
  var methods: [String] {
    switch self {
    case .page, .alive, .ready, .metrics, .description, .status, .models, .model, .server, .metadata, .modelReady,
      .config, .statistics:
      ["GET", "HEAD"]
    case .predict, .infer, .index, .load, .unload: ["POST"]
    case .alias: ["PUT", "DELETE"]
    }
  }

  /// What a key must be for; `nil` where anybody may ask.
  var scope: Scope? {
    switch self {
    case .page, .alive, .ready, .description: nil
    case .predict, .infer: .infer
    case .metrics, .status, .models, .model, .server, .metadata, .modelReady, .config, .statistics, .index: .read
    case .load, .unload, .alias: .admin
    }
  }
}
