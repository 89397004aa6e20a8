/// Where a request stands in a trace that goes through several programs (W3C Trace Context, `traceparent`, level 1).
public struct Trace: Sendable, Hashable {
  /// Of the whole trace, 16 bytes; never 0.
  public let id: UInt128
  /// Of the caller's part of it, 8 bytes; never 0.
  public let parent: UInt64
  /// Whether the caller may have kept a record.
  public let isSampled: Bool

  /// Starts a trace.
  public init(using random: inout some RandomNumberGenerator, isSampled: Bool = false) {
    self.init(
      id: .random(in: 1 ... .max, using: &random), parent: .random(in: 1 ... .max, using: &random),
      isSampled: isSampled)
  }

  /// Neither number is 0.
  public init(id: UInt128, parent: UInt64, isSampled: Bool) {
    precondition(id != 0 && parent != 0, "a trace or a part of it is numbered 0")
    (self.id, self.parent, self.isSampled) = (id, parent, isSampled)
  }

  /// Reads the header `traceparent`; `nil` where it is not exactly what the recommendation says, and a new trace is to be started.
  ///
  /// A version that is not known yet is read as far as version 00 goes, as the recommendation asks.
  public init?(_ header: String) {
    let bytes = Array(header.utf8)
    guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }) else { return nil }
    guard let version = Self.hex(bytes[0..<2]), version != 0xff else { return nil }
    guard bytes.count == 55 || version != 0 && bytes[55] == UInt8(ascii: "-") else { return nil }
    guard let id = Self.hex(bytes[3..<35]), let parent = Self.hex(bytes[36..<52]), let flags = Self.hex(bytes[53..<55])
    else { return nil }
    guard id != 0, parent != 0 else { return nil }
    self.init(id: id, parent: UInt64(parent), isSampled: flags & 1 != 0)
  }

  /// The same trace, for what is done within this program on the caller's behalf.
  public func child(using random: inout some RandomNumberGenerator) -> Trace {
    Trace(id: id, parent: .random(in: 1 ... .max, using: &random), isSampled: isSampled)
  }

  /// For the header `traceparent`, in version 00.
  public var header: String { "00-\(idText)-\(parentText)-\(isSampled ? "01" : "00")" }

  /// As logs and answers name the trace: 32 digits.
  public var idText: String { Self.text(id, digits: 32) }
  /// As logs name the caller's part: 16 digits.
  public var parentText: String { Self.text(UInt128(parent), digits: 16) }

  private static func text(_ number: UInt128, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: digits - text.utf8.count) + text
  }

  /// Lower-case digits only, as the recommendation says.
  private static func hex(_ digits: ArraySlice<UInt8>) -> UInt128? {
    var number: UInt128 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt128(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt128(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return number
  }
}
