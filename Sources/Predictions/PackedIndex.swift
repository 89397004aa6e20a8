internal import Base
internal import Crypto

/// What stands behind the blocks.
enum PackedIndex {
  static func bytes(_ texts: [String], _ entries: [PackedPredictions.Entry]) -> [UInt8] {
    var out = BitWriter()
    out.put(grouped: UInt(texts.count), 7)
    for text in texts {
      out.put(grouped: UInt(text.utf8.count), 7)
      for byte in text.utf8 { out.put(UInt(byte), 8) }
    }
    out.put(grouped: UInt(entries.count), 7)
    for entry in entries {
      for number in [entry.offset, entry.byteCount, entry.frames, entry.predictions] {
        out.put(grouped: UInt(number), 7)
      }
      for number in [entry.first, entry.last] { out.put(UInt(bitPattern: number), 64) }
      for byte in entry.checksum { out.put(UInt(byte), 8) }
    }
    return out.bytes
  }

  /// Reads what ``bytes(_:_:)`` wrote; `limit` is where the blocks end.
  static func read(
    _ bytes: [UInt8], before limit: Int
  ) throws(Fault) -> (TextTable, [PackedPredictions.Entry]) {
    var input = BitReader(bytes[...])
    var texts: [String] = []
    for _ in 0..<(try number(&input, below: bytes.count + 1)) {
      let count = try number(&input, below: bytes.count)
      guard let text = String(validating: try raw(&input, count), as: UTF8.self) else { throw PackedBlock.damaged }
      texts.append(text)
    }
    var entries: [PackedPredictions.Entry] = []
    for _ in 0..<(try number(&input, below: bytes.count)) {
      let offset = try number(&input, below: limit)
      let byteCount = try number(&input, below: limit - offset + 1)
      let frames = try number(&input, below: PackedBlock.mostNumbers + 1)
      let predictions = try number(&input, below: PackedBlock.mostNumbers + 1)
      guard let first = input.take(64), let last = input.take(64) else { throw PackedBlock.damaged }
      entries.append(
        PackedPredictions.Entry(
          offset: offset, byteCount: byteCount, frames: frames, predictions: predictions,
          first: Int(bitPattern: first), last: Int(bitPattern: last), checksum: try raw(&input, FastChecksum.byteCount))
      )
    }
    return (TextTable(texts), entries)
  }

  private static func number(_ input: inout BitReader, below limit: Int) throws(Fault) -> Int {
    guard let number = input.takeGrouped(7), number < UInt(max(0, limit)) else { throw PackedBlock.damaged }
    return Int(number)
  }

  private static func raw(_ input: inout BitReader, _ count: Int) throws(Fault) -> [UInt8] {
    guard input.left / 8 >= count else { throw PackedBlock.damaged }
    return (0..<count).map { _ in UInt8(input.take(8) ?? 0) }
  }
}
