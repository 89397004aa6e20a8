internal import Base
internal import Objects
internal import Web

/// An object as the body of an answer.
struct ObjectSource: BodySource {
  private let reader: any ObjectReader

  init(_ reader: any ObjectReader) { self.reader = reader }

  var byteCount: Int { reader.byteCount }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] { try reader.read(range) }
}
