public import Base
public import Items
public import JSON

/// A node of a fleet, as its centre knows it.
public struct FleetNode: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    case enrolled
    /// Its key opens nothing any more.
    case revoked
  }

  public let name: NodeName
  /// Whose it is: what it forwards is this client's.
  public let client: String
  /// In the order of their bytes, as ``tags``.
  public var groups: [String]
  public var tags: [String]
  /// SHA-256 of its public key (SubjectPublicKeyInfo, DER), 64 hexadecimal digits: who holds that key is this node.
  public let fingerprint: String
  public var state = State.enrolled
  /// Milliseconds since 1970.
  public let enrolled: Int
  public var revoked: Int?

  public init(name: NodeName, client: String, groups: [String], tags: [String], fingerprint: String, enrolled: Int) {
    (self.name, self.client, self.groups, self.tags) = (name, client, groups, tags)
    (self.fingerprint, self.enrolled) = (fingerprint, enrolled)
  }

  // Not 'client': the library would take the item for an asset.
  private enum Key: String, CaseIterable { case node, holder, groups, tags, fingerprint, state, enrolled, revoked }

  /// As it is kept.
  public var json: [UInt8] { JSONWriter.object(capacity: 512) { write(into: &$0) } }

  public func write(into json: inout JSONWriter) {
    json.field("node", name.text)
    json.field("holder", client)
    json.field("groups", groups)
    json.field("tags", tags)
    json.field("fingerprint", fingerprint)
    json.field("state", state.rawValue)
    json.field("enrolled", CompositeKey.time(milliseconds: enrolled))
    json.field("revoked", ifKnown: revoked.map(CompositeKey.time))
  }

  public init(_ item: Item) throws(Fault) {
    try self.init(JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)").root)
  }

  /// Reads what ``json`` wrote, with more members or without.
  public init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    self.init(
      name: try NodeName(try fields.required(.node).string()), client: try fields.required(.holder).string(),
      groups: try fields.required(.groups).texts(), tags: try fields.required(.tags).texts(),
      fingerprint: try fields.required(.fingerprint).string(), enrolled: try fields.required(.enrolled).time())
    state = try fields.required(.state).choice()
    revoked = try fields[.revoked]?.time()
  }
}

/// What a node said last.
public struct NodeStatus: Sendable, Hashable {
  /// When its last beat came, in milliseconds since 1970.
  public let seen: Int
  /// One JSON object: a member for each part of the node.
  public let report: [UInt8]

  private enum Key: String, CaseIterable { case seen, report }

  init(seen: Int, report: [UInt8]) { (self.seen, self.report) = (seen, report) }

  var json: [UInt8] {
    JSONWriter.object(capacity: report.count + 64) { json in
      json.field("seen", CompositeKey.time(milliseconds: seen))
      json.field("report", embedding: report)
    }
  }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    seen = try fields.required(.seen).time()
    let value = try fields.required(.report)
    var json = JSONWriter(capacity: item.body.count)
    value.write(to: &json)
    report = json.take()
  }
}

extension JSONValue {
  func texts() throws(Fault) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.string()) }
    return texts
  }

  /// A moment in milliseconds since 1970.
  func time() throws(Fault) -> Int {
    let text = try string()
    guard let moment = CompositeKey.milliseconds(of: text) else {
      throw fault("'\(text.prefix(40))' is no moment such as 2026-11-27T08:31:24.007Z")
    }
    return moment
  }
}
