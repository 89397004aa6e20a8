public import Base
internal import CPostgreSQL
internal import Glibc

/// One connection to a server, with the statements that it has prepared.
///
/// Statements are sent together and answered together (libpq's pipeline), so what needs no answer in between costs one way there and back. No
/// call waits for longer than its deadline, whatever the server or the network does.
@safe
public final class PostgreSQLConnection: @unchecked Sendable {  // one thread at a time uses it
  /// For people; without the password.
  public let place: String
  let handle: OpaquePointer
  private let address: PostgreSQLAddress
  private let answer: Duration
  private var prepared: [String: String] = [:]
  /// It is gone, or left in the midst of something: of no more use.
  public internal(set) var isBroken = false

  /// It was left in a state that nobody knows.
  public func abandon() { isBroken = true }

  /// Faults are `unavailable`, `denied` and `notFound`.
  public init(_ address: PostgreSQLAddress, _ settings: PostgreSQLSettings) throws(Fault) {
    var parameters = address.parameters
    // A dead network is noticed while nothing is said (keepalives) and while something is (the time for bytes that nobody takes).
    let defaults = [
      ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
      ("target_session_attrs", "read-write"), ("fallback_application_name", settings.application),
    ]
    for (name, value) in defaults where !parameters.contains(where: { $0.name == name }) {
      parameters.append((name: name, value: value))
    }
    let deadline = Clock.now + UInt64(settings.connecting / .nanoseconds(1))
    unsafe handle = try Self.open(parameters, address, deadline)
    (self.address, place, answer) = (address, "PostgreSQL at \(address.name)", settings.answer + .seconds(2))
    let texts = settings.all.map { "set_config(\(Self.literal($0.name)), \(Self.literal($0.value)), false)" }
    // a server may be told not to wait for its disk by default
    let sync = "set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    try exchange([
      PostgreSQLStatement(once: "SELECT \(texts.joined(separator: ", "))"), PostgreSQLStatement(once: "SELECT \(sync)"),
    ])
  }

  deinit { unsafe PQfinish(handle) }

  /// 150_004 for 15.4.
  public var serverVersion: Int { unsafe Int(PQserverVersion(handle)) }

  /// A transaction is open, perhaps one that failed.
  public var isInTransaction: Bool { unsafe PQtransactionStatus(handle) != PQTRANS_IDLE }

  /// Sends some statements and waits for the rows of each.
  ///
  /// Without BEGIN all of them are one transaction. Where one fails, those behind it were not run.
  @discardableResult
  public func exchange(_ statements: [PostgreSQLStatement], within limit: Duration? = nil) throws(Fault)
    -> [PostgreSQLRows]
  {
    let deadline = Clock.now + UInt64((limit ?? answer) / .nanoseconds(1))
    var fresh: [String] = []
    do throws(Fault) {
      for statement in statements { try send(statement, &fresh) }
      guard unsafe PQpipelineSync(handle) == 1 else { throw gone() }
      return try results(of: statements, &fresh, deadline)
    } catch {
      expected = []
      for text in fresh { prepared[text] = nil }
      if unsafe PQstatus(handle) == CONNECTION_BAD { isBroken = true }
      throw error
    }
  }

  /// Runs a body between BEGIN and COMMIT; what it throws takes everything back.
  public func transaction<Result>(
    _ begin: String = "BEGIN", _ body: () throws(Fault) -> Result
  ) throws(Fault) -> Result {
    do throws(Fault) {
      try exchange([PostgreSQLStatement(begin)])
      let result = try body()
      try exchange([PostgreSQLStatement("COMMIT")])
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends a transaction that is open, without keeping what it did.
  public func rollBack() {
    guard !isBroken, isInTransaction else { return }
    do { try exchange([PostgreSQLStatement("ROLLBACK")]) } catch { isBroken = true }
  }

  private func send(_ statement: PostgreSQLStatement, _ fresh: inout [String]) throws(Fault) {
    var name = statement.isOnce ? nil : prepared[statement.text]
    if name == nil {
      let new = statement.isOnce ? "" : "s\(prepared.count)_\(Clock.now)"
      let types = statement.values.map(\.type)
      guard unsafe PQsendPrepare(handle, new, statement.text, Int32(types.count), types) == 1 else { throw gone() }
      if !statement.isOnce {
        prepared[statement.text] = new
        fresh.append(statement.text)
      }
      name = new
      expected.append(.prepared(isOnce: statement.isOnce))
    }
    let values = EncodedValues(statement.values)
    let isSent = unsafe values.bytes.withUnsafeBufferPointer { bytes in
      let base = unsafe UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(to: CChar.self)
      let pointers: [UnsafePointer<CChar>?] = unsafe values.starts.map { start in unsafe base + start }
      let formats = Array(repeating: Int32(1), count: values.starts.count)
      let count = Int32(values.starts.count)
      return unsafe PQsendQueryPrepared(handle, name, count, pointers, values.lengths, formats, 1)
    }
    guard isSent == 1 else { throw gone() }
    expected.append(.rows)
  }

  private enum Answer { case prepared(isOnce: Bool), rows }
  private var expected: [Answer] = []

  /// Reads up to the mark behind the last of them, also where one failed, so that the next exchange begins clean.
  private func results(
    of statements: [PostgreSQLStatement], _ fresh: inout [String], _ deadline: UInt64
  ) throws(Fault) -> [PostgreSQLRows] {
    defer { expected = [] }
    var (found, failure, ready): ([PostgreSQLRows], Fault?, Int) = ([], nil, 0)
    for answer in expected {
      guard let result = unsafe try next(deadline) else { throw lost(failure) }
      let rows = unsafe PostgreSQLRows(result)
      let status = unsafe PQresultStatus(result)
      if status == PGRES_FATAL_ERROR { failure = failure ?? (unsafe fault(of: result)) }
      withExtendedLifetime(rows) {}
      if failure == nil {
        switch answer {
        case .rows: found.append(rows)
        case .prepared(isOnce: true): break
        case .prepared: ready += 1
        }
      }
      // the end of this one's results
      guard unsafe try next(deadline) == nil else { throw lost(failure) }
    }
    guard let mark = unsafe try next(deadline) else { throw lost(failure) }
    let isMark = unsafe PQresultStatus(mark) == PGRES_PIPELINE_SYNC
    unsafe PQclear(mark)
    if let failure {
      fresh.removeFirst(min(ready, fresh.count))
      throw failure
    }
    guard isMark else { throw gone() }
    return found
  }

  /// The next result; `nil` behind the last of a statement.
  @unsafe
  func next(_ deadline: UInt64) throws(Fault) -> OpaquePointer? {
    while true {
      let flush = unsafe PQflush(handle)
      guard flush >= 0 else { throw gone() }
      if flush == 0, unsafe PQisBusy(handle) == 0 { return unsafe PQgetResult(handle) }
      try wait(toWrite: flush == 1, deadline)
      guard unsafe PQconsumeInput(handle) == 1 else { throw gone() }
    }
  }

  func wait(toWrite: Bool, _ deadline: UInt64) throws(Fault) {
    let events = Int32(POLLIN) | (toWrite ? Int32(POLLOUT) : 0)
    guard unsafe Self.wait(PQsocket(handle), events, deadline) else {
      isBroken = true
      throw Fault(.unavailable, "\(place): the database did not answer within \(answer): try again")
    }
  }

  /// What the server said of a result; of the fields, only the sentence: others may hold what stands in items.
  @unsafe
  func fault(of result: OpaquePointer) -> Fault {
    guard let code = unsafe ridley_pq_sqlstate(result) else { return gone() }
    let words = unsafe ridley_pq_message(result).map { unsafe String(cString: $0) } ?? ""
    return unsafe PostgreSQLFailure.fault(String(cString: code), address.withoutPassword(words), place)
  }

  /// What the server said before it went says more than that it went.
  private func lost(_ failure: Fault?) -> Fault {
    let gone = gone()
    return failure ?? gone
  }

  func gone() -> Fault {
    isBroken = true
    let words = unsafe String(cString: PQerrorMessage(handle))
    return PostgreSQLFailure.gone(address.withoutPassword(words), place)
  }

  private static func literal(_ text: String) -> String {
    let doubled = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    return "'\(doubled)'"
  }
}
