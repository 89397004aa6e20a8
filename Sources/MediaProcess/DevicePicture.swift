internal import Base
internal import Isolation

/// One picture of a camera at this machine on its way to its source's process: a head, and the bytes.
struct DevicePicture: Sendable, Hashable {
  /// What the camera calls them, in the order in which they are wanted: each picture of JPEG stands alone.
  enum Code: UInt32, Sendable, CaseIterable { case mjpeg = 0x4750_4a4d, jpeg = 0x4745_504a, h264 = 0x3436_3248 }

  var code: Code
  /// The camera says that decoding may begin with it.
  var isKey: Bool
  /// Pictures before it that nobody took in time.
  var lost: Int
  /// Monotonic nanoseconds.
  var captured: UInt64
  var byteCount: Int

  static let headCount = 4 * 8 + 1
  private static let mostBytes = 64 << 20

  init(code: Code, isKey: Bool, lost: Int, captured: UInt64, byteCount: Int) {
    (self.code, self.isKey, self.lost) = (code, isKey, lost)
    (self.captured, self.byteCount) = (captured, byteCount)
  }

  var head: [UInt8] {
    var fields = FieldWriter()
    for value in [Int(code.rawValue), lost, Int(clamping: captured), byteCount] { fields.add(value) }
    fields.add(isKey)
    return fields.bytes
  }

  init(head: [UInt8]) throws(Fault) {
    var fields = FieldReader(head)
    guard let code = Code(rawValue: UInt32(truncatingIfNeeded: try fields.integer())) else {
      throw FieldReader.nonsense
    }
    let lost = try fields.integer(in: 0...1 << 20)
    let captured = UInt64(try fields.integer(in: 0...Int.max / 4))
    let count = try fields.integer(in: 1...Self.mostBytes)
    self.init(code: code, isKey: try fields.flag(), lost: lost, captured: captured, byteCount: count)
    try fields.end()
  }

  /// `YUYV`, from the four letters of a code.
  static func name(_ code: UInt32) -> String {
    let letters = stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: code >> $0) & 0x7f }
    return String(decoding: letters.filter { $0 > 0x20 && $0 < 0x7f }, as: UTF8.self)
  }
}
