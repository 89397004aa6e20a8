internal import Base
internal import YAML

/// The file's text and back. JSON, so the reader of YAML reads it, and faults tell line and column.
extension KeyList {
  private enum Key: String, CaseIterable { case version, keys }

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
      let key = try AccessKey(item)
      guard ids.insert(key.id).inserted else { throw item.fault("the key '\(key.id)' stands here again") }
      keys.append(key)
    }
    self.init(keys)
  }

  /// A key a line, so that a person can compare two states of the file.
  var bytes: [UInt8] {
    var text = "{\"version\":1,\"keys\":[\n"
    for (index, key) in keys.enumerated() {
      text += String(decoding: key.record, as: UTF8.self) + (index + 1 < keys.count ? ",\n" : "\n")
    }
    return Array((text + "]}\n").utf8)
  }
}
