internal import Base
internal import Fleet
public import JSON

/// The last lines of a node's log, sent to the centre when that asks for them.
public final class LogPart: NodePart {
  private struct Ask: Sendable {
    var asked: Int
    var lines: Int
  }

  private struct State: Sendable {
    var wanted: Ask?
    /// The last one that was answered: the same comes with each beat until the centre has the answer.
    var answered = 0
    var isOver = false
    var agent: NodeAgent?
  }

  private enum Key: String, CaseIterable { case asked, lines }

  public let name = "logs"
  private let read: @Sendable (Int) -> [String]
  private let state = Monitor(State())
  private let thread = Monitor<NativeThread?>(nil)

  /// `read` gives the last lines of the log, as many as are asked for, the oldest first.
  public init(read: @escaping @Sendable (Int) -> [String]) { self.read = read }

  /// The agent whose part this is, and by whose connection it answers; before it is started.
  public func attach(_ agent: NodeAgent) { state.update { $0.agent = agent } }

  public func start() { thread.update { $0 = NativeThread { [self] in work() } } }

  public func stop() {
    state.update { ($0.isOver, $0.agent) = (true, nil) }
    thread.update { $0.take() }?.join()
  }

  public func take(_ order: JSONValue) {
    guard let fields = try? order.fields(Key.self, others: .ignored),
      let asked = try? fields.required(.asked).integer(),
      let lines = try? fields.required(.lines).integer(in: 1...10_000)
    else { return }
    state.update { if asked != $0.answered { $0.wanted = Ask(asked: asked, lines: lines) } }
  }

  private func work() {
    while let ask = next() {
      let lines = FleetBook.last(read(ask.lines)[...])
      let json = JSONWriter.object { json in
        json.field("asked", ask.asked)
        json.field("text", lines)
      }
      // Where it does not arrive the centre asks again with the next beat.
      guard let connection = state.update({ $0.agent })?.connection,
        (try? connection.post("/v1/edge/logs", json: json, goesOn: { !state.update(\.isOver) })) != nil
      else { continue }
      state.update { state in
        state.answered = ask.asked
        // Asked once more while the answer was on its way.
        if state.wanted?.asked == ask.asked { state.wanted = nil }
      }
    }
  }

  /// `nil` at the end.
  private func next() -> Ask? {
    state.wait { state -> Ask?? in
      if state.isOver { return .some(nil) }
      return state.wanted.take().map { .some($0) }
    }
  }
}
