/// Names and values of a head, in one run of bytes; names are kept in lower case.
struct HeaderFields: Sendable {
  private struct Entry: Sendable {
    var start: Int
    var nameEnd: Int
    var end: Int
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Where the entry that is being read began; its value has begun once `nameEnd` stands.
  private var open: Entry?

  var count: Int { entries.count + (open == nil ? 0 : 1) }

  mutating func reserve() {
    bytes.reserveCapacity(512)
    entries.reserveCapacity(12)
  }

  /// A whole header; false where its name has a byte that no name may have.
  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
    guard unsafe self.name(name) else { return false }
    unsafe self.value(value)
    close()
    return true
  }

  /// More of a name; false for a byte that no name may have.
  mutating func name(_ part: UnsafeRawBufferPointer) -> Bool {
    if let entry = open, entry.nameEnd >= 0 { close() }
    if open == nil { open = Entry(start: bytes.count, nameEnd: -1, end: -1) }
    for index in part.indices {
      let letter = unsafe Token.lowered[Int(part[index])]
      guard letter != 0 else { return false }
      bytes.append(letter)
    }
    return true
  }

  /// More of a value.
  mutating func value(_ part: UnsafeRawBufferPointer) {
    guard var entry = open else { return }
    if entry.nameEnd < 0 {
      entry.nameEnd = bytes.count
      open = entry
    }
    unsafe bytes.append(contentsOf: part)
  }

  /// Call it behind the last value.
  mutating func close() {
    guard var entry = open else { return }
    open = nil
    if entry.nameEnd < 0 { entry.nameEnd = bytes.count }
    while bytes.count > entry.nameEnd, Token.isBlank(bytes[bytes.count - 1]) { bytes.removeLast() }
    entry.end = bytes.count
    entries.append(entry)
  }

  func first(_ name: String) -> String? {
    entries.first { has($0, name) }.map(value(of:))
  }

  func all(_ name: String) -> [String] {
    entries.filter { has($0, name) }.map(value(of:))
  }

  func count(_ name: String) -> Int {
    entries.reduce(0) { $0 + (has($1, name) ? 1 : 0) }
  }

  private func has(_ entry: Entry, _ name: String) -> Bool {
    let wanted = name.utf8
    guard wanted.count == entry.nameEnd - entry.start else { return false }
    var place = entry.start
    for byte in wanted {
      guard bytes[place] == Token.lowered[Int(byte)] else { return false }
      place += 1
    }
    return true
  }

  private func value(of entry: Entry) -> String {
    var start = entry.nameEnd
    while start < entry.end, Token.isBlank(bytes[start]) { start += 1 }
    return String(decoding: bytes[start..<entry.end], as: UTF8.self)
  }
}

/// Letters of names (RFC 9110, 5.6.2).
enum Token {
  /// The same byte in lower case; 0 for one that may not stand in a name.
  static let lowered: [UInt8] = (0...255).map { (byte: UInt8) in
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte) ? byte : 0
    }
  }

  /// Letters of a host and its port (RFC 3986, 3.2.2).
  static func isOfHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "-._~!$&'()*+,;=:[]%".utf8.contains(byte)
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
