public import Base
public import Fleet
internal import JSON

/// Keeps a node in touch with its centre: enrols it where it is not yet, says every few seconds what its parts have to say, and hands them
/// what the centre wants.
///
/// One thread of its own. Nothing that the node does for itself depends on it.
public final class NodeAgent: Sendable {
  /// How it stands between the node and its centre.
  public enum State: Sendable, Hashable {
    case joining
    /// The last beat was answered.
    case joined
    /// The centre could not be asked; the sentence says why.
    case away(String)
    /// The centre refuses this node: its key was revoked, or its token is worth nothing.
    case refused(String)
  }

  /// Bytes of what one part says with a beat, at most.
  public static let partByteCount = 8 << 10

  struct Status: Sendable {
    var state = State.joining
    var enrolment: NodeEnrolment?
    var connection: CentreConnection?
    var isTokenRefused = false
    /// That the centre is away was told, and it was not there since.
    var isAwayTold = false
    /// Why the token of a node that is enrolled was not taken, as it was told last.
    var tokenFault: Fault?
    /// What it knew of its centre cannot be read.
    var isDamaged = false
    var isWanted = false
    var isOver = false
  }

  let folder: NodeFolder
  let centre: CentreAddress
  let token: TokenWord?
  let parts: [any NodePart]
  /// Milliseconds of a clock that nobody sets.
  let clock: @Sendable () -> Int
  /// The box was enrolled once, and serves whatever became of that.
  private let wasJoined: Bool
  private let complain: @Sendable (Fault) -> Void
  let say: @Sendable (String) -> Void
  let status = Monitor(Status())
  private let thread = Monitor<NativeThread?>(nil)

  /// `clock` gives milliseconds of a clock that nobody sets; `complain` hears of what fails, once for each reason in a row, and of a centre that
  /// is away once, whatever the reasons; `say` hears that the node was enrolled, and that its centre is there again.
  ///
  /// A box that was a node serves whatever became of what it knew of its centre: that is told, and the agent does nothing then. `wasJoined` says that
  /// it was one, besides what its folder tells.
  ///
  /// - Throws: `usage` where the node was never enrolled and has no token.
  public init(
    _ folder: NodeFolder, centre: CentreAddress, token: TokenWord?, parts: [any NodePart], wasJoined: Bool = false,
    clock: @escaping @Sendable () -> Int = { Int(Clock.now / 1_000_000) },
    say: @escaping @Sendable (String) -> Void = { _ in }, complain: @escaping @Sendable (Fault) -> Void
  ) throws(Fault) {
    (self.folder, self.centre, self.token, self.parts) = (folder, centre, token, parts)
    (self.clock, self.say, self.complain) = (clock, say, complain)
    self.wasJoined = wasJoined || folder.wasEnrolled
    do throws(Fault) { if let known = try folder.enrolment() { hold(known) } } catch {
      serveAlone(error)
      return
    }
    guard enrolment == nil, token == nil else { return }
    guard self.wasJoined else {
      throw Fault(
        .usage,
        "this node is not enrolled yet: give it the token that 'ridley edge token' made at the centre, with --token-file FILE or in RIDLEY_TOKEN"
      )
    }
    serveAlone(
      Fault(
        .notFound,
        "\(folder.enrolmentFile) is gone, and with it who this node is: revoke it at its centre, and start it with another token of 'ridley edge token', with --token-file FILE or in RIDLEY_TOKEN"
      ))
  }

  private func serveAlone(_ fault: Fault) {
    status.update { ($0.state, $0.isDamaged) = (.refused(fault.message), true) }
    complain(fault.at("this node serves without its centre"))
  }

  public var state: State { status.update { $0.state } }

  /// Who the node is; `nil` until it is enrolled.
  public var enrolment: NodeEnrolment? { status.update { $0.enrolment } }

  /// The way to the centre; `nil` until the node is enrolled.
  ///
  /// Ask for it each time: it is another one when keys change.
  public var connection: CentreConnection? { status.update { $0.connection } }

  /// Enrols a node that is not enrolled, before ``start()``; a centre that is away, or has no time now, is no fault: it is asked again.
  ///
  /// Nor is anything for a box that was a node before: it serves, and that is told.
  ///
  /// - Throws: `denied` and `conflict` where the token is worth nothing, and `denied` where another than the centre answers at its address.
  public func enrolFirst() throws(Fault) {
    guard status.update({ $0.enrolment == nil && !$0.isDamaged }) else { return }
    do throws(Fault) { try enrolIfWanted() } catch {
      guard wasJoined || ![.denied, .conflict, .badInput].contains(error.kind) else {
        throw error.at("the centre \(centre.text)")
      }
      guard isNews(error, isRefused: false, told: nil) else { return }
      tell(error.at("the centre \(centre.text), which is looked for again"))
    }
  }

  /// Begins; once.
  public func start() {
    guard !status.update({ $0.isDamaged }) else { return }
    thread.update { $0 = NativeThread { [self] in work() } }
  }

  /// Has the next beat go out within a second, where the last one was answered: something is worth saying.
  public func beatNow() { status.update { $0.isWanted = true } }

  /// Ends the thread; what is on its way is waited for.
  public func stop() {
    status.update { $0.isOver = true }
    thread.update { $0.take() }?.join()
  }

  private func work() {
    var (pace, told, away) = (BeatPace(), Fault?.none, UInt64?.none)
    repeat {
      do throws(Fault) {
        try enrolIfWanted()
        pace.answered(every: try beat())
        status.update { ($0.state, $0.isAwayTold) = (.joined, false) }
        if let since = away { say("the centre is there again after \((Clock.now - since) / 1_000_000_000) s") }
        (told, away) = (nil, nil)
      } catch {
        let isRefused = error.kind == .denied || status.update { $0.isTokenRefused && $0.enrolment == nil }
        pace.failed(isRefused: isRefused)
        status.update { $0.state = isRefused ? .refused(error.message) : .away(error.message) }
        if !isRefused, enrolment != nil { away = away ?? Clock.now }
        if isNews(error, isRefused: isRefused, told: told) { tell(error.at("the centre \(centre.text)")) }
        told = error
      }
    } while rest(pace.seconds(chance: .random(in: 0...1)))
  }

  private func isNews(_ fault: Fault, isRefused: Bool, told: Fault?) -> Bool {
    guard !isRefused, [.unavailable, .exhausted, .closed].contains(fault.kind) else { return fault != told }
    return status.update { status in
      defer { status.isAwayTold = true }
      return !status.isAwayTold
    }
  }

  /// False when it is to end.
  private func rest(_ seconds: Double) -> Bool {
    let (least, end) = (Clock.now + 1_000_000_000, Clock.now + UInt64(seconds * 1e9))
    _ = status.wait(before: min(least, end)) { $0.isOver ? true : nil }
    // Who is away, or refuses, is asked no oftener because more is worth saying.
    _ = status.wait(before: end) { $0.isOver || $0.isWanted && $0.state == .joined ? true : nil }
    return status.update { status in
      status.isWanted = false
      return !status.isOver
    }
  }

  func hold(_ enrolment: NodeEnrolment) {
    let connection = CentreConnection(
      centre, identity: folder.identity(of: enrolment), pins: enrolment.pins)
    status.update { ($0.enrolment, $0.connection) = (enrolment, connection) }
  }

  /// Nothing of what broke off because the agent ends.
  func tell(_ fault: Fault) { if !status.update({ $0.isOver }) { complain(fault) } }
}
