internal import CPostgreSQL

/// What a statement gave, all of it in memory; columns are `bigint`, `integer`, `boolean`, `bytea` or `text`.
@safe
public final class PostgreSQLRows: @unchecked Sendable {  // libpq changes no result once it is there
  private let result: OpaquePointer
  public let count: Int

  /// Takes the result over.
  @unsafe
  init(_ result: OpaquePointer) {
    unsafe self.result = result
    count = unsafe Int(PQntuples(result))
  }

  deinit { unsafe PQclear(result) }

  public func isNull(_ row: Int, _ column: Int) -> Bool { unsafe PQgetisnull(result, Int32(row), Int32(column)) == 1 }

  public func byteCount(_ row: Int, _ column: Int) -> Int { unsafe Int(PQgetlength(result, Int32(row), Int32(column))) }

  public func bytes(_ row: Int, _ column: Int) -> [UInt8] { unsafe [UInt8](field(row, column)) }

  public func text(_ row: Int, _ column: Int) -> String { unsafe String(decoding: field(row, column), as: UTF8.self) }

  /// A whole number of any width, or a boolean; 0 for nothing.
  public func integer(_ row: Int, _ column: Int) -> Int {
    let bytes = unsafe field(row, column)
    guard let first = unsafe bytes.first else { return 0 }
    let start = first >= 128 && byteCount(row, column) > 1 ? -1 : 0
    return unsafe bytes.reduce(start) { $0 << 8 | Int($1) }
  }

  @unsafe
  private func field(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: byteCount(row, column))
  }
}
