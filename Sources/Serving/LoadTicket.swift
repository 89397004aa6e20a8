internal import Base
internal import ModelProcess

/// Who loads or unloads what right now: changes of one version exclude each other, and all others go on.
final class LoadTickets: Sendable {
  /// One change under way.
  final class Ticket: Sendable {
    let model: String
    /// `nil` for the whole model.
    let version: String?
    let cancellation = Cancellation()
    /// Monotonic nanoseconds.
    let began = Clock.now

    init(_ model: String, _ version: String?) { (self.model, self.version) = (model, version) }

    /// Who gave it up says what it is instead.
    var isCancelled: Bool { cancellation.isCancelled }

    /// It concerns what the other one is about.
    func meets(_ model: String, _ version: String?) -> Bool {
      self.model == model && (self.version == nil || version == nil || self.version == version)
    }
  }

  private struct State {
    var active: [Ticket] = []
    var isClosed = false
  }

  private let state = Monitor(State())

  /// Begins a change once no other is in its way; ``end(_:)`` follows.
  ///
  /// - Throws: `unavailable` where one still is after so many seconds; `closed` where the server ends.
  func begin(_ model: String, _ version: String?, within seconds: Double) throws(Fault) -> Ticket {
    let deadline = Clock.now + UInt64(seconds * 1e9)
    let ticket = state.wait(before: deadline) { state -> Ticket?? in
      guard !state.isClosed else { return .some(nil) }
      guard !state.active.contains(where: { $0.meets(model, version) }) else { return nil }
      let ticket = Ticket(model, version)
      state.active.append(ticket)
      return .some(ticket)
    }
    guard let ticket else {
      throw Fault(.unavailable, "the model '\(model)' is being loaded: ask again once it is ready or was given up")
    }
    guard let ticket else { throw Fault(.closed, "the server ends") }
    return ticket
  }

  func end(_ ticket: Ticket) { state.update { $0.active.removeAll { $0 === ticket } } }

  /// What began before a time in monotonic nanoseconds and is still under way.
  func active(before time: UInt64) -> [Ticket] { state.update { $0.active.filter { $0.began < time } } }

  /// Gives up what is under way for a version, or for all of a model.
  func cancel(_ model: String, _ version: String? = nil) {
    for ticket in state.update({ $0.active.filter { $0.meets(model, version) } }) { ticket.cancellation.cancel() }
  }

  /// Gives up everything; nothing begins any more.
  func close() {
    let active = state.update { state in
      state.isClosed = true
      return state.active
    }
    for ticket in active { ticket.cancellation.cancel() }
  }
}
