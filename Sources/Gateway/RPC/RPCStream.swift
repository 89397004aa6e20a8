internal import Base
internal import Web

/// A call of many messages: each is a question that gets one answer, and answers go out in the order of the questions.
///
/// Back-pressure: as long as so many questions are open, or their bytes are so many, or that many answers wait for the client, nothing
/// more is taken from it. So what a client may have in memory is bounded, whether it floods or does not read. Its parts are called
/// one after the other (``BodySink``), answers come from any thread.
final class RPCStream: BodySink, RPCWatch, @unchecked Sendable {  // what changes is the sink's, or has a lock
  /// Questions that may be open, and bytes of their messages; one message may have more.
  private static let most = (count: 32, byteCount: 8 << 20)

  /// A question, to be answered exactly once, from any thread.
  struct Question: Sendable {
    let stream: RPCStream
    let number: Int
    let byteCount: Int
    /// When it was there, in monotonic nanoseconds.
    let arrivedAt: UInt64
  }

  private struct State {
    var exchange: Exchange?
    var answers: ResponseStream?
    var ordered = OrderedAnswers<[[UInt8]]>()
    /// How open questions are given up.
    var cancels: [Int: @Sendable () -> Void] = [:]
    /// Questions that are open, or whose answers wait for the client.
    var count = 0
    /// Bytes of those that have no answer.
    var byteCount = 0
    /// Questions that found no room, to be asked again.
    var parked: [@Sendable () -> Void] = []
    var isWatched: Bool
    var isHeld = false
    var isSending = false
    /// Nothing more comes, and that is how the call ends behind its answers.
    var ending: RPC.Ending?
    var isOver = false

    init(isWatched: Bool) { self.isWatched = isWatched }

    var isFull: Bool { count >= RPCStream.most.count || byteCount >= RPCStream.most.byteCount }

    /// Whether it is time to let go on what was held.
    mutating func mayGoOn() -> Bool {
      guard isHeld, count <= RPCStream.most.count / 2, byteCount <= RPCStream.most.byteCount / 2 else {
        return false
      }
      isHeld = false
      return true
    }

    mutating func finish() -> (ResponseStream?, [@Sendable () -> Void])? {
      guard !isOver else { return nil }
      isOver = true
      defer { (answers, cancels, parked) = (nil, [:], []) }
      return (answers, Array(cancels.values))
    }
  }

  private let context: RequestContext
  /// Bytes that a message may have.
  private let limit: Int
  /// Monotonic nanoseconds at which the call is over; `.max` for never.
  let deadline: UInt64
  private let receive: @Sendable (Body, Question) -> Void
  private let state: Monitor<State>
  private var cutter = MessageCutter()
  private var message: BodyBuilder?
  private var isFirst = true

  /// `receive` must not block and sees to it that each question is answered.
  init(_ context: RequestContext, limit: Int, deadline: UInt64, receive: @escaping @Sendable (Body, Question) -> Void) {
    (self.context, self.limit, self.deadline, self.receive) = (context, limit, deadline, receive)
    state = Monitor(State(isWatched: deadline < .max))
  }

  var isOver: Bool { state.update(\.isOver) }

  // MARK: what comes

  func begin(_ exchange: Exchange) {
    let answers = exchange.converse(.rpcStream().traced(exchange.request))
    state.update { ($0.exchange, $0.answers) = (exchange, answers) }
    exchange.onGone { [weak self] in self?.leave() }
    if deadline < .max { context.gateway.watches.add(self) }
  }

  func append(_ bytes: [UInt8]) {
    guard let exchange = state.update({ $0.isOver ? nil : $0.exchange }) else { return }
    var place = 0
    do throws(Failure) {
      while try take(from: bytes, at: &place, exchange) {
        guard state.update(\.isFull) else { continue }
        exchange.owesBody(false)
        exchange.holdBody(back: Array(bytes[place...]))
        // It may have become less meanwhile.
        return letGoOn { $0.isHeld = true }
      }
    } catch { return end(RPC.Ending(error)) }
    exchange.owesBody(cutter.isInside)
  }

  /// Takes bytes up to the end of a message; false where they end before.
  private func take(from bytes: [UInt8], at place: inout Int, _ exchange: Exchange) throws(Failure) -> Bool {
    while true {
      let step: MessageCutter.Step
      do throws(Fault) { step = try cutter.next(in: bytes, at: &place) } catch { throw Failure(error) }
      switch step {
      case .begins(let count): try begin(message: count, exchange)
      case .bytes(let range):
        guard message?.append(bytes.span.bytes.extracting(range)) ?? false else { throw Self.noMemory }
      case .ends:
        guard let whole = message.take() else { return true }
        try ask(whole.finish())
        return true
      case .more: return false
      }
    }
  }

  private static let noMemory = Failure(
    Fault(.unavailable, "the server holds as much of your requests, or of all together, as it may: try again"))

  /// It is not known whose answers they are: one client may have what all others leave free.
  private static let noRoom = RPC.Ending(
    status: .resourceExhausted,
    message:
      "as many answers wait for you, or for all clients together, as may: read those that are there, and ask again")

  private func begin(message count: Int, _ exchange: Exchange) throws(Failure) {
    guard count <= limit else {
      throw Failure(Fault(.tooLarge, "a message has \(count) bytes: at most \(limit) are taken here"))
    }
    guard let builder = exchange.gatherBody(byteCount: count) else { throw Self.noMemory }
    message = consume builder
  }

  private func ask(_ body: Body) throws(Failure) {
    let denial = isFirst ? nil : context.denial()
    isFirst = false
    // Too many questions are a reason to wait, and not to end.
    if let denial, denial.status != 429 { throw denial }
    let question = state.update { state in
      state.count += 1
      state.byteCount += body.count
      return Question(stream: self, number: state.ordered.open(), byteCount: body.count, arrivedAt: Clock.now)
    }
    if let denial { return question.fail(denial, id: nil) }
    // Behind those that wait for room.
    let isParked = state.update { state in
      guard !state.parked.isEmpty, !state.isOver else { return false }
      state.parked.append { self.receive(body, question) }
      return true
    }
    if !isParked { receive(body, question) }
  }

  func end() {
    guard !cutter.isInside else {
      return end(RPC.Ending(Failure(Fault(.badInput, "the call ends within a message"))))
    }
    state.update { $0.ending = $0.ending ?? .ok }
    finishIfDone()
  }

  /// What was asked before is answered where there is somebody to answer.
  func broken() {
    message = nil
    guard let refusal = state.update({ $0.exchange })?.refusal else { return leave() }
    state.update { $0.ending = RPC.Ending(Failure(refusal)) }
    finishIfDone()
  }

  // MARK: what goes out

  func answer(_ question: Question, _ parts: [[UInt8]]) {
    let size = parts.reduce(0) { $0 + $1.count }
    let answers = state.update { $0.answers }
    guard answers?.reserve(size) ?? true else {
      return end(Self.noRoom)
    }
    letGoOn { state in
      state.byteCount -= question.byteCount
      state.cancels[question.number] = nil
      if !state.isOver { state.ordered.put(parts, to: question.number) }
    }
    context.gateway.watches.madeRoom()
    send()
  }

  /// Asks a question again in its turn, when others were answered, or a little later.
  func park(isAgain: Bool, _ again: @escaping @Sendable () -> Void) {
    let isUnwatched = state.update { state in
      if !state.isOver { state.parked.append(again) }
      defer { state.isWatched = true }
      return !state.isWatched
    }
    if isUnwatched { context.gateway.watches.add(self) }
    context.gateway.watches.wait(self, isAgain: isAgain)
  }

  func onGone(_ number: Int, _ body: @escaping @Sendable () -> Void) {
    let isLate = state.update { state in
      if !state.isOver, state.ordered.isOpen(number) { state.cancels[number] = body }
      return state.isOver
    }
    if isLate { body() }
  }

  /// Sends what is there and is next, on one thread at a time.
  private func send() {
    let isMine = state.update { state in
      defer { state.isSending = true }
      return !state.isSending
    }
    guard isMine else { return }
    while let (answers, parts) = state.update({ nextToSend(&$0) }) {
      answers.send(parts) { _ in self.letGoOn { $0.count -= 1 } }
    }
    finishIfDone()
  }

  private func nextToSend(_ state: inout State) -> (ResponseStream, [[UInt8]])? {
    guard let answers = state.answers, let parts = state.ordered.next() else {
      state.isSending = false
      return nil
    }
    return (answers, parts)
  }

  /// Changes what is counted, and takes more from the client where there is room again.
  private func letGoOn(_ change: (inout State) -> Void) {
    let exchange = state.update { state in
      change(&state)
      return state.mayGoOn() ? state.exchange : nil
    }
    exchange?.letBodyGoOn()
  }

  // MARK: the end

  private func finishIfDone() {
    let done = state.update { state -> (ResponseStream?, RPC.Ending)? in
      guard let ending = state.ending, state.ordered.isEmpty, !state.isSending, let (answers, _) = state.finish() else {
        return nil
      }
      return (answers, ending)
    }
    if let (answers, ending) = done { answers?.end(trailers: ending.trailers) }
  }

  /// Ends the call at once; questions that are open are given up.
  private func end(_ ending: RPC.Ending) {
    guard let (answers, cancels) = state.update({ $0.finish() }) else { return }
    answers?.end(trailers: ending.trailers)
    for cancel in cancels { cancel() }
  }

  /// The client left.
  private func leave() {
    guard let (_, cancels) = state.update({ $0.finish() }) else { return }
    for cancel in cancels { cancel() }
  }

  /// False once the call is over.
  func look(at now: UInt64) -> Bool {
    if now >= deadline { end(RPC.Ending(.late)) }
    askParked()
    return !isOver
  }

  /// Asks those that wait for room, in turn, up to one that finds none.
  private func askParked() {
    var parked = state.update { state in
      defer { state.parked = [] }
      return state.parked[...]
    }
    while let again = parked.popFirst() {
      again()
      let isLast = state.update { state in
        guard !state.parked.isEmpty else { return false }
        if !state.isOver { state.parked += parked }
        return true
      }
      if isLast { return }
    }
  }
}
