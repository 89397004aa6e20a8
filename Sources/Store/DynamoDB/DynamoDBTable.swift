public import Base
internal import DynamoDB
public import Items
internal import Objects

/// A library in one table of DynamoDB: for functions, and for hosts without a database of their own.
///
/// Every transaction writes the library's state anew, on the condition that no other did: transactions have one order, and what they
/// read stands as they found it. Who comes second reads again and tries again, so many writers at once wait for each other: tens of transactions a second, whatever their
/// number. What is larger than the service writes at once is written down in one go and carried out in several; whoever finds
/// it unfinished carries it out first. There is no text search.
public final class DynamoDBTable: Table {
  public struct Settings: Sendable {
    /// How long a write waits for others of this process, and tries again because of those of other processes.
    public var patience = Duration.seconds(15)
    /// For so long a request is tried again where the service is throttled or away.
    public var retrySeconds = 20.0
    /// Whether a library of the next schema may be taken back to this one: indexes that this one does not know are dropped.
    public var stepsBack = false
    /// Records that are written in one go, at most.
    ///
    /// The service takes 100; tests make them fewer, but not less than 3.
    package var mostAtOnce = 100
    /// Seconds since 1970; signatures hold for minutes.
    public var clock: @Sendable () -> Int = { Clock.date }

    public init() {}
  }

  /// Of whom one speaks to people: the table's address.
  public let name: String
  public let schema: TableSchema
  let settings: Settings
  let client: DynamoDBClient
  let actions: DynamoDBActions
  let revision: Int
  /// One thread of the process writes at a time: two would only be in each other's way.
  private let turn = Monitor(false)

  /// Opens the library in a table that is there, or begins one in an empty table.
  ///
  /// `address` is `dynamodb://REGION/TABLE`; see `DynamoDBAddress` for what it leaves to the environment. Faults: `notFound` where there is no table, `badInput` for one
  /// with other keys or of another program, `unsupported` for the library of a newer Ridley, `denied`, `unavailable`.
  public init(
    _ address: String, schema: TableSchema, environment: [String: String], settings: Settings = Settings()
  ) throws(Fault) {
    let client = try Self.client(address, environment, settings)
    let opening = DynamoDBOpening(client: client, schema: schema, settings: settings)
    let declared = try opening.prepare()
    (self.client, self.schema, self.settings) = (client, schema, settings)
    (actions, revision, name) = (declared.actions, declared.revision, client.address.shown)
  }

  private static func client(
    _ address: String, _ environment: [String: String], _ settings: Settings
  ) throws(Fault) -> DynamoDBClient {
    var ways = DynamoDBClient.Settings()
    ways.retrySeconds = settings.retrySeconds
    ways.client.clock = settings.clock
    return try DynamoDBClient(
      try DynamoDBAddress(address, environment: environment), try AmazonRole.orCredentials(environment: environment),
      settings: ways)
  }

  /// Makes the table that an address names, with what a library needs; a fault where there is one.
  public static func makeTable(_ address: String, environment: [String: String]) throws(Fault) {
    try client(address, environment, Settings()).makeTable()
  }

  /// The table that an address names, as `aws dynamodb create-table --cli-input-json` takes it.
  public static func definition(of address: String) throws(Fault) -> [UInt8] {
    DynamoDBClient.definition(of: try DynamoDBAddress(address).table)
  }

  public func write(_ writes: [Write]) throws(Fault) -> WriteOutcome {
    try writes.check()
    var prepared: [PreparedWrite] = []
    for write in writes { prepared.append(try PreparedWrite(write, schema)) }
    try actions.check(prepared)
    let (seconds, attoseconds) = settings.patience.components
    let deadline = Clock.now + UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    let isMine: Void? = turn.wait(before: deadline) { isTaken in
      if isTaken { return nil }
      isTaken = true
    }
    guard isMine != nil else {
      throw Fault(.unavailable, "\(name): other writes of this process take too long: try again")
    }
    defer { turn.update { $0 = false } }
    return try commit(writes, before: deadline)
  }

  /// Where every item stands that was written up to now.
  ///
  /// `isStrict`: see ``state(isStrict:)``. The fault is `closed` where another program declared other indexes.
  func settled(isStrict: Bool = false) throws(Fault) -> DynamoDBState {
    while true {
      let state = try state(isStrict: isStrict)
      if state.isSettled { return state }
      try client.finish(state, actions)
    }
  }

  /// `isStrict`: of a transaction that the service is at work on it waits for the end, so that all that the state counts can be seen by any other
  /// read, and nothing of what it does not count could be before.
  func state(isStrict: Bool = false) throws(Fault) -> DynamoDBState {
    let key = DynamoDBLayout.state
    guard let state = try (isStrict ? client.get([key]).records[0] : client.get(key)).flatMap({ DynamoDBState($0) })
    else {
      throw Fault(.badInput, "\(name): the library is damaged: restore a backup")
    }
    guard state.revision == revision else {
      throw Fault(.closed, "\(name): another version of Ridley has changed the library meanwhile: start again")
    }
    return state
  }
}
