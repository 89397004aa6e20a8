public import Base
internal import CPostgreSQL

extension PostgreSQLConnection {
  /// Brings many rows into a table: `into` is its name with its columns, `item (id, body)`.
  public func copy(_ rows: PostgreSQLCopyRows, into table: String, within limit: Duration = .seconds(300)) throws(Fault)
  {
    guard rows.count > 0 else { return }
    let deadline = Clock.now + UInt64(limit / .nanoseconds(1))
    // COPY is not for pipelines
    guard unsafe PQexitPipelineMode(handle) == 1 else { throw gone() }
    do throws(Fault) {
      guard unsafe PQsendQuery(handle, "COPY \(table) FROM STDIN (FORMAT binary)") == 1 else { throw gone() }
      try takeResult(PGRES_COPY_IN, deadline)
      try put(rows, deadline)
      try takeResult(PGRES_COMMAND_OK, deadline)
      while let rest = unsafe try next(deadline) { unsafe PQclear(rest) }
      guard unsafe PQenterPipelineMode(handle) == 1 else { throw gone() }
    } catch {
      try finishFailed(deadline)
      throw error
    }
  }

  private func put(_ rows: PostgreSQLCopyRows, _ deadline: UInt64) throws(Fault) {
    var bytes = rows.bytes
    bytes.append(network: Int16(-1))
    let step = 1 << 20
    for start in stride(from: 0, to: bytes.count, by: step) {
      let count = min(step, bytes.count - start)
      try untilTaken(deadline) {
        unsafe bytes.withUnsafeBytes { bytes in
          let place = unsafe bytes.baseAddress! + start
          return unsafe PQputCopyData(handle, place.assumingMemoryBound(to: CChar.self), Int32(count))
        }
      }
    }
    try untilTaken(deadline) { unsafe PQputCopyEnd(handle, nil) }
  }

  private func untilTaken(_ deadline: UInt64, _ put: () -> Int32) throws(Fault) {
    while true {
      switch put() {
      case 1: return
      case 0: try wait(toWrite: true, deadline)
      default: throw gone()
      }
      _ = unsafe PQflush(handle)
    }
  }

  private func takeResult(_ status: ExecStatusType, _ deadline: UInt64) throws(Fault) {
    guard let result = unsafe try next(deadline) else { throw gone() }
    defer { unsafe PQclear(result) }
    guard unsafe PQresultStatus(result) == status else { throw unsafe fault(of: result) }
  }

  /// What the server refused leaves the connection as it was, but for its transaction.
  private func finishFailed(_ deadline: UInt64) throws(Fault) {
    guard !isBroken else { return }
    while let rest = unsafe try next(deadline) {
      let isCopying = unsafe PQresultStatus(rest) == PGRES_COPY_IN
      unsafe PQclear(rest)
      if isCopying { throw gone() }
    }
    guard unsafe PQenterPipelineMode(handle) == 1 else { throw gone() }
  }
}
