public import Base
internal import Crypto
internal import YAML

/// A key's text, in the file and in a table, and back. JSON, so the reader of YAML reads it, and faults tell line and column.
extension AccessKey {
  private enum Field: String, CaseIterable {
    case id, client, user, scopes, hash, tail, rate, burst, created, expires
  }

  /// Everything about a key that is no secret, into an object that is open; ``record`` adds the hash.
  public func write(into json: inout JSONWriter) {
    json.field("id", id)
    json.field("client", client)
    json.field("user", ifKnown: user)
    json.array("scopes") { for scope in scopes.list { $0.string(scope.rawValue) } }
    if let rate {
      json.field("rate", rate.text)
      json.field("burst", rate.burst)
    }
    json.field("created", UTC.text(created))
    json.field("expires", ifKnown: expires.map(UTC.text))
    json.field("tail", tail)
  }

  /// All that is kept of it, on one line.
  public var record: [UInt8] {
    JSONWriter.object(capacity: 400) { json in
      write(into: &json)
      json.field("hash", Hex.text(hash))
    }
  }

  /// From what ``record`` gave; `name` says in faults where it stands.
  public init(record: [UInt8], name: String) throws(Fault) {
    try self.init(try YAMLDocument.parse(record, name: name).value("the key"))
  }

  init(_ item: YAMLValue) throws(Fault) {
    let fields = try item.fields(Field.self)
    let id = try Self.checked(fields.required(.id), "a key's id of 8 letters", KeyText.isID)
    let client = try Self.checked(
      fields.required(.client), "a client's name of small letters, digits, '.', '_' or '-'", AccessKey.isClient)
    let tail = try Self.checked(fields.required(.tail), "4 letters") { $0.utf8.count == 4 }
    var scopes: [Scope] = []
    for scope in try fields.required(.scopes).items() { scopes.append(try scope.choice()) }
    guard !scopes.isEmpty else { throw try fields.required(.scopes).fault("a key needs at least one scope") }
    let hash = try fields.required(.hash)
    guard let digest = SHA256.bytes(ofHex: try hash.text()) else {
      throw hash.fault("this is no SHA-256, expected 64 digits of 0-9 and a-f")
    }
    let user = try fields[.user].map { (value) throws(Fault) in
      try Self.checked(value, "a person's name of at most 120 bytes", AccessKey.isUser)
    }
    self.init(
      id: id, client: client, user: user, scopes: Scopes(scopes), hash: digest, tail: tail,
      rate: try Self.rate(fields), created: try Self.date(fields.required(.created)),
      expires: try fields[.expires].map(Self.date))
  }

  private static func rate(_ fields: YAMLFields<Field>) throws(Fault) -> Rate? {
    let burst = try fields[.burst]?.wholeNumber(in: Rate.counts, example: 50)
    guard let value = fields[.rate] else {
      if let value = fields[.burst] { throw value.fault("a burst without a rate: add the rate, or take it away") }
      return nil
    }
    do { return try Rate(text: try value.text(), burst: burst) } catch { throw value.fault(error.message) }
  }

  private static func date(_ value: YAMLValue) throws(Fault) -> Int {
    guard let date = UTC.seconds(try value.text()) else {
      throw value.fault("'\(try value.text())' is no moment, expected e.g. 2026-11-20T12:00:00Z")
    }
    return date
  }

  private static func checked(
    _ value: YAMLValue, _ expected: String, _ isFit: (String) -> Bool
  ) throws(Fault) -> String {
    let text = try value.text()
    guard isFit(text) else { throw value.fault("'\(text)' is not allowed for \(value.what), expected \(expected)") }
    return text
  }
}
