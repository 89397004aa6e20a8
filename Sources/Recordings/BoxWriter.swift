/// Writes boxes of an ISO media file.
struct BoxWriter {
  private(set) var bytes: [UInt8] = []

  mutating func number(_ value: Int, _ count: Int = 4) {
    for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func add(_ more: some Collection<UInt8>) { bytes += more }

  mutating func box(_ name: String, _ body: (inout BoxWriter) -> Void) {
    let start = bytes.count
    number(0)
    add(name.utf8)
    body(&self)
    let count = bytes.count - start
    for step in 0..<4 { bytes[start + step] = UInt8(truncatingIfNeeded: count >> (24 - step * 8)) }
  }

  /// A box with a version and no flags.
  mutating func full(_ name: String, version: Int = 0, _ body: (inout BoxWriter) -> Void) {
    box(name) { writer in
      writer.number(version << 24)
      body(&writer)
    }
  }
}
