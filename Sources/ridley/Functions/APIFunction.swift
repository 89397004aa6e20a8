import Base
import Glibc
import Isolation
import Lambda
import Objects

/// A server in a process of its own, which is asked what invocations bring.
///
/// One thread, and none before the server is begun: it is forked.
final class APIFunction {
  private let address: String
  private let connection: ServerConnection
  private let group: ChildGroup
  /// Whether there is a server, and whether it has its models.
  private var (isThere, isReady) = (false, false)
  private var refusal: Fault?

  /// Seconds in which a server is ready, and milliseconds between two looks whether it is.
  private static let (patience, rest) = (600.0, 20)

  init(_ listen: String, _ words: [String], memory: Int) throws(Fault) {
    guard Authority.isThisMachine(listen) else {
      throw Fault(.usage, "the server of a function is for this machine alone: --listen 127.0.0.1:PORT, not \(listen)")
    }
    address = "http://\(listen)"
    var limits = ServerConnection.Limits()
    (limits.stallSeconds, limits.asksProxy) = (0, false)
    connection = try ServerConnection(limits: limits)
    let arguments = try Arguments(words, for: ServeCommand())
    group = ChildGroup(1, memory: memory) { (_, _, writer) in
      do throws(Fault) { return try ServeCommand().run(arguments).rawValue } catch {
        try? writer.send(FunctionMessage.refused(error).message)
        return ExitCode(error.kind).rawValue
      }
    }
  }

  /// Begins the server where there is none, and waits until it has its models.
  ///
  /// - Throws: what is wrong with how it is set up; `unavailable` where it ended, or is not ready for long; `closed` where the time is over, and
  ///   the server goes on beginning, or the program is asked to end.
  func begin(until deadline: UInt64 = .max) throws(Fault) {
    let watch = Stopwatch()
    if !isThere {
      try group.start(0)
      (isThere, refusal) = (true, nil)
    }
    let request = StatusRequest("\(address)/readyz", within: 1)
    var looks = 0
    while (try? request.status()) != 200 {
      looks += 1
      // To hear of its end takes a quarter of a second.
      if looks.isMultiple(of: 50) { listen() }
      guard isThere else {
        throw refusal ?? Fault(.unavailable, "the server of the function ended as it began: the log tells why")
      }
      guard Clock.now < deadline, !Interrupt.isAsked else {
        throw Fault(.closed, "the server of the function was not ready in time")
      }
      guard watch.seconds < Self.patience else {
        throw Fault(.unavailable, "the server of the function was not ready within \(Int(watch.seconds)) s")
      }
      usleep(UInt32(Self.rest * 1000))
    }
    isReady = true
    FunctionLog.write("ready for requests") { json in
      json.field("serverSeconds", watch.seconds, digits: 3)
      json.field("programSeconds", ifKnown: FunctionStart.secondsOfProgram, digits: 3)
    }
  }

  private func listen() {
    for event in group.events(stall: { _ in .infinity }) {
      switch event {
      case .message(_, let message):
        if case .refused(let fault) = FunctionMessage(message) { refusal = fault }
      case .ended: (isThere, isReady) = (false, false)
      }
    }
  }

  func answer(_ invocation: Invocation) -> Result<[UInt8], FunctionFailure> {
    let event: HTTPEvent
    do { event = try HTTPEvent(json: invocation.event) } catch {
      FunctionLog.write("an event is no request", .warn, request: invocation.id) { $0.field("reason", error.message) }
      return .failure(FunctionFailure(.wrongCall, error.message))
    }
    let deadline = FunctionDeadline(invocation)
    do throws(Fault) {
      if !isReady { try begin(until: deadline.soft) }
      let answer = try connection.send(
        event.request(to: address, trace: invocation.trace),
        goesOn: { _ in Clock.now < deadline.soft && !Interrupt.isAsked })
      return .success(event.answer(answer))
    } catch {
      FunctionLog.write("a request was not answered", .error, request: invocation.id) {
        $0.field("reason", error.message)
      }
      listen()
      guard error.kind == .closed else { return .success(event.refusal(502, error)) }
      let late = Fault(
        .unavailable, "the function's time was over before there was an answer: ask for less, or give it more")
      return .success(event.refusal(504, late))
    }
  }
}
