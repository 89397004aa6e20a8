public import Base

/// A document as a tree in which every value knows its place.
///
/// A subset of YAML 1.1: one document of scalars, lists and maps with text keys. Anchors, aliases and tags are refused,
/// so the tree is never larger than the text, and no key stands twice.
public struct YAMLDocument: Sendable {
  /// How much is read before a document is refused; small documents never meet these.
  public struct Limits: Sendable {
    public var bytes = 1 << 20
    public var depth = 32
    public var nodes = 100_000

    public init() {}
  }

  /// Put in front of every fault: `model.yaml`.
  public let name: String
  public let root: YAMLNode

  /// Reads one document.
  ///
  /// Faults are `badInput` and begin with `name:line:column:`.
  public static func parse(
    _ bytes: [UInt8], name: String, limits: Limits = Limits()
  ) throws(Fault) -> YAMLDocument {
    guard let root = try tree(bytes, name, limits) else { throw Fault(.badInput, "\(name): the document is empty") }
    return YAMLDocument(name: name, root: root)
  }

  /// Like ``parse(_:name:limits:)``, for files that may well be empty: `nil` where nothing stands but comments or `null`.
  public static func parseUnlessEmpty(_ bytes: [UInt8], name: String) throws(Fault) -> YAMLDocument? {
    guard let root = try tree(bytes, name, Limits()) else { return nil }
    if case .scalar(let text, quoted: false) = root.kind, YAMLValue.nothing.contains(text) { return nil }
    return YAMLDocument(name: name, root: root)
  }

  private static func tree(_ bytes: [UInt8], _ name: String, _ limits: Limits) throws(Fault) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      throw Fault(.badInput, "\(name): longer than the \(limits.bytes) bytes that a document may have")
    }
    var tree = TreeBuilder(bytes, name: name, limits: limits)
    return try tree.build()
  }

  public static func parse(_ text: String, name: String) throws(Fault) -> YAMLDocument {
    try parse(Array(text.utf8), name: name)
  }

  /// The whole document as a value to be read strictly; `what` names it in faults: `the manifest`.
  public func value(_ what: String) -> YAMLValue { YAMLValue(root, what: what, document: name) }
}

/// A fault about one place of a document.
func fault(_ document: String, _ place: YAMLPlace, _ message: String, cause: String? = nil) -> Fault {
  Fault(.badInput, "\(document):\(place.line):\(place.column): \(message)", cause: cause)
}
