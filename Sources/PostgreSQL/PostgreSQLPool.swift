public import Base

/// Connections, each lent to one caller at a time; made when they are wanted, and kept.
public final class PostgreSQLPool: Sendable {
  /// What a caller does with a connection, once or again.
  public struct Attempt {
    /// Nothing was asked for yet that may not be asked for twice.
    public var mayRepeat = true
  }

  private struct Lot {
    var free: [PostgreSQLConnection] = []
    var lent = 0
  }

  public let address: PostgreSQLAddress
  private let settings: PostgreSQLSettings
  private let lot = Monitor(Lot())
  private let prepare: @Sendable (PostgreSQLConnection) throws(Fault) -> Void

  /// `prepare` is called of each new connection.
  public init(
    _ address: PostgreSQLAddress, _ settings: PostgreSQLSettings,
    prepare: @escaping @Sendable (PostgreSQLConnection) throws(Fault) -> Void = { _ in }
  ) {
    (self.address, self.settings, self.prepare) = (address, settings, prepare)
  }

  /// Lends a connection; waits for one as long as for a lock.
  ///
  /// A connection that was kept and is found dead gives way to a new one, and the body is called again, once, where it says that it may be.
  public func use<Result>(
    _ body: (PostgreSQLConnection, inout Attempt) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try takeTurn()
    defer { lot.update { $0.lent -= 1 } }
    guard let kept = kept() else { return try run(body, on: try connect()).get() }
    switch run(body, on: kept) {
    case .success(let result): return result
    case .failure(let fault, let mayRepeat):
      guard kept.isBroken else { throw fault }
      // what made this one end has most likely ended the others
      let dead = lot.update { lot in
        defer { lot.free = [] }
        return lot.free
      }
      withExtendedLifetime(dead) {}
      guard mayRepeat else { throw fault }
      return try run(body, on: try connect()).get()
    }
  }

  /// The one that was used last and is not known to be dead.
  private func kept() -> PostgreSQLConnection? {
    while let kept = lot.update({ $0.free.popLast() }) { if !kept.isGone { return kept } }
    return nil
  }

  /// A connection that is not of the pool.
  public func connect() throws(Fault) -> PostgreSQLConnection {
    let connection = try PostgreSQLConnection(address, settings)
    try prepare(connection)
    return connection
  }

  private enum End<Result> {
    case success(Result)
    case failure(Fault, mayRepeat: Bool)

    func get() throws(Fault) -> Result {
      switch self {
      case .success(let result): return result
      case .failure(let fault, _): throw fault
      }
    }
  }

  private func run<Result>(
    _ body: (PostgreSQLConnection, inout Attempt) throws(Fault) -> Result, on connection: PostgreSQLConnection
  ) -> End<Result> {
    var attempt = Attempt()
    defer {
      connection.rollBack()
      if !connection.isBroken { lot.update { $0.free.append(connection) } }
    }
    do { return .success(try body(connection, &attempt)) } catch {
      return .failure(error, mayRepeat: attempt.mayRepeat)
    }
  }

  private func takeTurn() throws(Fault) {
    let deadline = Clock.now + UInt64(settings.patience / .nanoseconds(1))
    let isTaken = lot.wait(before: deadline) { [limit = settings.connections] lot -> Bool? in
      guard lot.lent < limit else { return nil }
      lot.lent += 1
      return true
    }
    guard isTaken != nil else {
      throw Fault(.unavailable, "PostgreSQL at \(address.name): too many ask the library at once: try again")
    }
  }
}
