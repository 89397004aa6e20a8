/// How long connections wait, and how many there are.
public struct PostgreSQLSettings: Sendable {
  /// To connect, all hosts of an address together.
  public var connecting = Duration.seconds(5)
  /// For a lock that another holds, and for a connection where all are lent.
  public var patience = Duration.seconds(5)
  /// For the answer to a statement: the server ends it then, and where the server does not answer either, the connection is given up a little later.
  public var answer = Duration.seconds(30)
  /// At once, at most.
  public var connections = 8
  /// By which the server's own views know the connections.
  public var application = "ridley"
  /// Further settings of the session.
  public var session: [(name: String, value: String)] = []

  public init() {}

  var all: [(name: String, value: String)] {
    [
      ("application_name", application), ("client_encoding", "UTF8"), ("statement_timeout", Self.text(answer)),
      ("lock_timeout", Self.text(patience)),
      // of a host that is cut off in the midst of a transaction, no lock is kept for ever
      ("idle_in_transaction_session_timeout", Self.text(answer + .seconds(30))),
    ] + session
  }

  private static func text(_ duration: Duration) -> String { "\(max(1, Int(duration / .milliseconds(1))))ms" }
}
