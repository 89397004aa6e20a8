public import Base
internal import JSON

/// A kind of thing that a running server can be told of over HTTP, in the order in which they are applied; destroyed they are the other way round.
public enum ThingKind: String, Sendable, Hashable, CaseIterable, Comparable {
  /// An alias of a model; its name is `MODEL/ALIAS`.
  case alias
  /// A file of a server's folder of pipelines.
  case pipeline
  /// Whom it is told what happens.
  case target
  case stream
  /// A search that is asked of all that comes in.
  case alert

  public static func < (a: ThingKind, b: ThingKind) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }

  /// A change takes it away first, since the server puts none into the place of another.
  var isReplaced: Bool { self == .alert }
}

/// Which thing, of which server and client.
public struct ThingKey: Sendable, Hashable, Comparable {
  /// As the blueprint names it.
  public let server: String
  public let kind: ThingKind
  /// Whose it is; empty for aliases and pipelines, which are the server's own.
  public let client: String
  public let name: String

  public init(_ kind: ThingKind, _ name: String, client: String = "", server: String) {
    (self.kind, self.name, self.client, self.server) = (kind, name, client, server)
  }

  /// As sentences name it: `stream dock of local on main`.
  public var text: String { "\(kind.rawValue) \(name)\(client.isEmpty ? "" : " of \(client)") on \(server)" }

  public static func < (a: ThingKey, b: ThingKey) -> Bool {
    (a.kind, a.server, a.client, a.name) < (b.kind, b.server, b.client, b.name)
  }

  private enum Key: String, CaseIterable { case server, kind, client, name }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    server = try fields.required(.server).string()
    kind = try fields.required(.kind).choice()
    client = try fields.required(.client).string()
    let name = try fields.required(.name)
    self.name = try name.string()
    let words = self.name.split(separator: "/", omittingEmptySubsequences: false)
    guard words.count == (kind == .alias ? 2 : 1), !words.contains("") else {
      throw name.fault("'\(self.name.prefix(80))' is no name of this kind of thing")
    }
  }

  /// The members by which JSON names it.
  public func write(into json: inout JSONWriter) {
    json.field("server", server)
    json.field("kind", kind.rawValue)
    json.field("client", client)
    json.field("name", name)
  }
}
