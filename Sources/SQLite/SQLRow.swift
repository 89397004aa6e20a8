internal import CSQLite

/// A value on its way into a statement.
public enum SQLValue {
  case text(String)
  /// Text that is UTF-8 already.
  case utf8([UInt8])
  case blob([UInt8])
  case integer(Int)
  case null

  @unsafe
  func bind(to statement: OpaquePointer, _ index: Int32) -> Int32 {
    switch self {
    case .text(let text):
      var text = text
      return text.withUTF8 { bytes in
        unsafe ridley_sqlite_bind_text(statement, index, bytes.baseAddress, Int32(bytes.count))
      }
    case .utf8(let bytes):
      return unsafe bytes.withUnsafeBytes { bytes in
        unsafe ridley_sqlite_bind_text(statement, index, bytes.baseAddress, Int32(bytes.count))
      }
    case .blob(let bytes):
      return unsafe bytes.withUnsafeBytes { bytes in
        unsafe ridley_sqlite_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count))
      }
    case .integer(let number): return unsafe sqlite3_bind_int64(statement, index, Int64(number))
    case .null: return unsafe sqlite3_bind_null(statement, index)
    }
  }
}

/// A row that a statement stands at; good until the statement goes on.
@safe
public struct SQLRow {
  private let statement: OpaquePointer

  @unsafe
  init(_ statement: OpaquePointer) { unsafe self.statement = statement }

  public func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(statement, column) == SQLITE_NULL }

  public func integer(_ column: Int32) -> Int { unsafe Int(sqlite3_column_int64(statement, column)) }

  /// The bytes of a text or a blob.
  public func bytes(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(statement, column) else { return [] }
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  public func byteCount(_ column: Int32) -> Int { unsafe Int(sqlite3_column_bytes(statement, column)) }

  public func text(_ column: Int32) -> String {
    guard let start = unsafe sqlite3_column_blob(statement, column) else { return "" }
    let count = unsafe Int(sqlite3_column_bytes(statement, column))
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
