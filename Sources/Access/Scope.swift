public import Base

/// What a key may be used for.
public enum Scope: String, Sendable, Hashable, CaseIterable {
  /// Ask a model.
  case infer
  /// Bring in assets.
  case upload
  /// See models, states, results and figures.
  case read
  /// Change what is the client's own.
  case write
  /// Change what all share: load and unload models, move aliases. Includes all other scopes.
  case admin
}

/// A set of scopes.
public struct Scopes: Sendable, Hashable {
  private let bits: UInt8

  public init(_ scopes: [Scope]) {
    bits = scopes.reduce(0) { $0 | Scopes.bit($1) }
  }

  /// Reads `infer,read`; at least one, in any order.
  public init(text: String) throws(Fault) {
    var scopes: [Scope] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let scope = Scope(rawValue: word) else {
        let known = Scope.allCases.map(\.rawValue)
        let hint = Suggestion.hint(for: word, among: known)
        throw Fault(.usage, "'\(word)' is no scope\(hint), expected \(known.joined(separator: ", "))")
      }
      scopes.append(scope)
    }
    self.init(scopes)
  }

  public static let all = Scopes(Scope.allCases)

  /// Whether a caller with these scopes may do what needs `scope`.
  public func allow(_ scope: Scope) -> Bool { bits & (Scopes.bit(scope) | Scopes.bit(.admin)) != 0 }

  /// Those that were given, in the order of the type.
  public var list: [Scope] { Scope.allCases.filter { bits & Scopes.bit($0) != 0 } }

  /// `infer,read`.
  public var text: String { list.map(\.rawValue).joined(separator: ",") }

  private static func bit(_ scope: Scope) -> UInt8 {
    switch scope {
    case .infer: 1
    case .upload: 2
    case .read: 4
    case .write: 8
    case .admin: 16
    }
  }
}
