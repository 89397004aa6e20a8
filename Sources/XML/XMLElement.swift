public import Base

/// An element of a document, with what stands in it.
public struct XMLElement: Sendable, Hashable {
  /// Without the prefix of its namespace.
  public let name: String
  /// What stands between its tags outside of other elements, as it stands.
  public internal(set) var text = ""
  public internal(set) var children: [XMLElement] = []

  public struct Limits: Sendable {
    public var depth = 32
    public var elementCount = 100_000
    public var byteCount = 64 << 20

    public init() {}
  }

  init(_ name: String) { self.name = name }

  /// The root of a document.
  ///
  /// - Throws: `badInput` where it is not well formed, has a document type, or is larger than the limits.
  public init(document bytes: [UInt8], limits: Limits = Limits()) throws(Fault) {
    self = try XMLBuilder(limits).build(bytes)
  }

  /// The first element of a name.
  public subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The text of the first element of a name.
  public func text(of name: String) -> String? { self[name]?.text }
}
