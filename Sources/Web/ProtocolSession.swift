/// What is spoken on a connection.
protocol ProtocolSession: AnyObject {
  /// Takes bytes; says how many. The rest is offered again when the session has called ``Connection/wake()``.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Int
  /// Where the next bytes may be received straight to.
  var room: UnsafeMutableRawBufferPointer? { get }
  func filled(_ count: Int)
  /// How much is read at once.
  var appetite: Int { get }
  /// Whether the client has asked for something whose answer is not with the system yet.
  var isOwing: Bool { get }
  /// Gives the answer, or the head of one that is made bit by bit.
  func answer(_ call: Call, _ response: Response, _ flow: Flow?)
  /// There is more of such an answer.
  func flow(_ call: Call)
  /// A sink has begun, or has room again.
  func fed(_ feed: BodyFeed)
  /// The server ends, and bodies that go to sinks are not waited for any longer.
  func endBodies()
  /// All that was sent is with the system.
  func flushed()
  /// The deadline that it set has passed.
  func expired()
  /// The client has ended its half of the connection, but waits for its answers.
  func halfClosed()
  /// The connection is closed.
  func left()
  /// The server ends: close when idle, and take no further request.
  func drain()
}
