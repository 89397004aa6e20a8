internal import Base
internal import Crypto
internal import YAML

/// The file's text and back. JSON, so the reader of YAML reads it, and faults tell line and column.
extension KeyList {
  private enum Key: String, CaseIterable { case version, keys }
  private enum Field: String, CaseIterable { case id, client, scopes, hash, tail, rate, burst, created, expires }

  /// Enough for some ten thousand keys.
  private static var limits: YAMLDocument.Limits {
    var limits = YAMLDocument.Limits()
    (limits.bytes, limits.nodes) = (8 << 20, 1_000_000)
    return limits
  }

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let root = try YAMLDocument.parse(bytes, name: name, limits: Self.limits).value("the file of keys").fields(Key.self)
    let version = try root.required(.version)
    guard try version.wholeNumber(in: 1...1_000_000, example: 1) == 1 else {
      throw version.fault("this file of keys is of version \(try version.text()), and only 1 is known here")
    }
    var keys: [AccessKey] = []
    var ids: Set<String> = []
    for item in try root.required(.keys).items() {
      let key = try Self.key(item)
      guard ids.insert(key.id).inserted else { throw item.fault("the key '\(key.id)' stands here again") }
      keys.append(key)
    }
    self.init(keys)
  }

  private static func key(_ item: YAMLValue) throws(Fault) -> AccessKey {
    let fields = try item.fields(Field.self)
    let id = try checked(fields.required(.id), "a key's id of 8 letters", KeyText.isID)
    let client = try checked(
      fields.required(.client), "a client's name of small letters, digits, '.', '_' or '-'", AccessKey.isClient)
    let tail = try checked(fields.required(.tail), "4 letters") { $0.utf8.count == 4 }
    var scopes: [Scope] = []
    for scope in try fields.required(.scopes).items() { scopes.append(try scope.choice()) }
    guard !scopes.isEmpty else { throw try fields.required(.scopes).fault("a key needs at least one scope") }
    let hash = try fields.required(.hash)
    guard let digest = SHA256.bytes(ofHex: try hash.text()) else {
      throw hash.fault("this is no SHA-256, expected 64 digits of 0-9 and a-f")
    }
    return AccessKey(
      id: id, client: client, scopes: Scopes(scopes), hash: digest, tail: tail, rate: try rate(fields),
      created: try date(fields.required(.created)), expires: try fields[.expires].map(date))
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

  /// A key a line, so that a person can compare two states of the file.
  var bytes: [UInt8] {
    var text = "{\"version\":1,\"keys\":[\n"
    for (index, key) in keys.enumerated() {
      let line = JSONWriter.object(capacity: 400) { json in
        key.write(into: &json)
        json.field("hash", Hex.text(key.hash))
      }
      text += String(decoding: line, as: UTF8.self) + (index + 1 < keys.count ? ",\n" : "\n")
    }
    return Array((text + "]}\n").utf8)
  }
}
