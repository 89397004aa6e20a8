internal import CPostgreSQL

/// A value on its way into a statement; all go as bytes, none as text to be read.
public enum PostgreSQLValue: Sendable {
  /// `bigint`.
  case integer(Int)
  /// `bytea`.
  case bytes([UInt8])
  /// `text`.
  case text(String)
  /// `bigint[]`.
  case integers([Int?])
  /// `bytea[]`.
  case byteStrings([[UInt8]?])

  /// The numbers by which the server knows types (pg_type.dat).
  var type: Oid {
    switch self {
    case .integer: 20
    case .bytes: 17
    case .text: 25
    case .integers: 1016
    case .byteStrings: 1001
    }
  }

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .integer(let number): bytes.append(network: Int64(number))
    case .bytes(let value): bytes += value
    case .text(let text): bytes += text.utf8
    case .integers(let numbers):
      bytes.appendHead(count: numbers.count, hasNull: numbers.contains { $0 == nil }, element: 20)
      for number in numbers { bytes.append(field: number) }
    case .byteStrings(let values):
      bytes.appendHead(count: values.count, hasNull: values.contains { $0 == nil }, element: 17)
      for value in values { bytes.append(field: value) }
    }
  }
}

/// The values of one statement as libpq takes them.
struct EncodedValues {
  private(set) var bytes: [UInt8] = []
  private(set) var starts: [Int] = []
  private(set) var lengths: [Int32] = []

  init(_ values: [PostgreSQLValue]) {
    for value in values {
      starts.append(bytes.count)
      value.append(to: &bytes)
      lengths.append(Int32(bytes.count - starts[starts.count - 1]))
    }
    // so that none of no length lies behind the end
    bytes.append(0)
  }
}

/// Rows in the form in which COPY takes them in binary.
public struct PostgreSQLCopyRows: Sendable {
  var bytes: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + Array(repeating: 0, count: 8)
  public private(set) var count = 0

  public init() {}

  public var byteCount: Int { bytes.count }

  /// `fields` is the number of the fields that are appended next.
  public mutating func beginRow(fields: Int) {
    bytes.append(network: Int16(fields))
    count += 1
  }

  public mutating func append(_ number: Int) { bytes.append(field: number) }

  public mutating func append(_ value: [UInt8]) { bytes.append(field: value) }
}

extension [UInt8] {
  /// The highest byte first.
  mutating func append(network number: some FixedWidthInteger) {
    for shift in stride(from: type(of: number).bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  mutating func append(field number: Int?) {
    guard let number else { return append(network: Int32(-1)) }
    append(network: Int32(8))
    append(network: Int64(number))
  }

  mutating func append(field value: [UInt8]?) {
    guard let value else { return append(network: Int32(-1)) }
    append(network: Int32(value.count))
    self += value
  }

  /// Of an array with one dimension that begins at 1, or without any.
  fileprivate mutating func appendHead(count: Int, hasNull: Bool, element: Int32) {
    append(network: Int32(count == 0 ? 0 : 1))
    append(network: Int32(hasNull ? 1 : 0))
    append(network: element)
    guard count > 0 else { return }
    append(network: Int32(count))
    append(network: Int32(1))
  }
}
