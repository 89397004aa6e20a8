public import Base
internal import Inference
internal import Isolation
public import Loading

/// Networks read, compiled and run for the first time, each in a process of its own: a few at a time, each with a deadline.
///
/// Any thread; what crashes or hangs there is a fault, and nothing else notices.
public final class ModelTrials: Sendable {
  public let options: ModelProcessOptions
  private let active = Monitor(0)

  public init(_ options: ModelProcessOptions) {
    precondition(options.parallel > 0 && options.seconds > 0, "a trial takes a process and some time")
    self.options = options
  }

  /// Tries one out, and says what it took; waits its turn first, which does not count as its time.
  ///
  /// - Throws: why it cannot be loaded; `closed` where it was given up.
  @discardableResult
  public func run(_ order: ModelOrder, _ cancellation: Cancellation) throws(Fault) -> NetworkNeed {
    try enter(cancellation)
    defer { active.update { $0 -= 1 } }
    // What does not survive being compared is loaded without; who loads it counts how often that was so.
    var attempts = order.cache == nil ? 1 : Engine.comparisons + 1
    while true {
      attempts -= 1
      var isComparing = false
      do throws(ModelChild.Trouble) {
        return try attempt(order, cancellation, &isComparing)
      } catch {
        guard !cancellation.isCancelled else { throw Self.givenUp }
        if case .fault = error { throw fault(error) }
        guard isComparing, attempts > 0 else { throw fault(error) }
      }
    }
  }

  private func attempt(
    _ order: ModelOrder, _ cancellation: Cancellation, _ isComparing: inout Bool
  ) throws(ModelChild.Trouble) -> NetworkNeed {
    let child: ModelChild
    do throws(Fault) { child = try ModelChild(options) } catch { throw .fault(error) }
    defer { _ = child.end() }
    let deadline = Clock.now + UInt64(options.seconds * 1e9)
    let answer = try cancellation.listening({ child.kill() }) { () throws(ModelChild.Trouble) in
      var answer = try child.ask(.tryOut(order, child.terms), until: deadline)
      while case .comparing = answer {
        isComparing = true
        answer = try child.hear(until: deadline)
      }
      return answer
    }
    switch answer {
    case .passed(let need): return need
    case .failed(let fault): throw .fault(fault)
    case .loaded, .shared, .ran, .openDoors, .comparing: throw .fault(FieldReader.nonsense)
    }
  }

  /// What the sandbox let through, for tests.
  package func openDoors(_ order: ModelOrder) throws(Fault) -> [String] {
    let child = try ModelChild(options)
    defer { _ = child.end() }
    do throws(ModelChild.Trouble) {
      guard case .openDoors(let doors) = try child.ask(.probe(order, child.terms)) else {
        throw .fault(FieldReader.nonsense)
      }
      return doors
    } catch { throw fault(error) }
  }

  private func enter(_ cancellation: Cancellation) throws(Fault) {
    let isIn = cancellation.listening({ [active] in active.update { _ in } }) {
      active.wait { count -> Bool? in
        if cancellation.isCancelled { return false }
        guard count < options.parallel else { return nil }
        count += 1
        return true
      }
    }
    guard isIn else { throw Self.givenUp }
  }

  static let givenUp = Fault(.closed, "its loading was given up")

  private func fault(_ trouble: ModelChild.Trouble) -> Fault {
    switch trouble {
    case .fault(let fault): return fault
    case .late:
      let time = options.seconds < 1 ? "\(Int(options.seconds * 1000)) ms" : "\(Int(options.seconds)) s"
      return Fault(
        .unavailable,
        "it was tried in a process of its own and did not finish within \(time), so it is not loaded; a large one needs a longer --trial"
      )
    case .ended(.crashed(let signal)) where signal != ChildProcess.Ending.killSignal:
      let name = ChildProcess.Ending.name(of: signal)
      return Fault(.unsupported, "it was tried in a process of its own and crashed it (\(name)), so it is not loaded")
    case .ended(.exited(let code)):
      return Fault(.unavailable, "the process that was to try it ended with code \(code) and said nothing")
    case .ended:
      return Fault(
        .unavailable,
        "the process that tried it was killed, most likely because the machine had no memory left; it is not loaded")
    }
  }
}
