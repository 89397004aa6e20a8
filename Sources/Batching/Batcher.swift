/// Decides which waiting input goes into which batch, and when a batch starts.
///
/// A unit has a few *requests*, each with room for a batch of inputs. At most one request is open for filling; it starts
/// as soon as the engine has a stream free and everybody who took a place has filled it. It never waits for more.
public struct Batcher: Sendable {
  /// A place in a batch tensor, held by one caller until it commits or abandons it.
  public struct Place: Sendable, Hashable {
    public let request: Int
    public let index: Int
  }

  /// A batch that must be started now: `count` inputs, from the first place on.
  public struct Start: Sendable, Hashable {
    public let request: Int
    public let count: Int
  }

  private enum State: Sendable, Hashable { case idle, open, ready, running, answering }

  private let batch: Int
  private var streams: Int
  private var states: [State]
  private var taken: [Int]
  private var settled: [Int]
  private var alive: [Int]
  private var running = 0
  /// Requests that are full or closed and wait for a stream, oldest first.
  private var ready: [Int] = []
  private var open: Int?

  /// - Parameters:
  ///   - requests: batch tensors; more than `streams`, so that one can be filled while others run.
  ///   - batch: inputs that fit into one.
  ///   - streams: batches the engine runs at the same time.
  public init(requests: Int, batch: Int, streams: Int) {
    precondition(requests > 0 && batch > 0 && streams > 0, "a batcher needs at least one of each")
    (self.batch, self.streams) = (batch, streams)
    states = Array(repeating: .idle, count: requests)
    taken = Array(repeating: 0, count: requests)
    settled = taken
    alive = taken
    ready.reserveCapacity(requests)
  }

  /// Nothing is being filled, waits or runs.
  public var isIdle: Bool { states.allSatisfy { $0 == .idle } }

  /// Takes the next free place, or `nil` while every request is busy.
  public mutating func reserve() -> Place? {
    if open == nil, let request = states.firstIndex(of: .idle) {
      states[request] = .open
      (taken[request], settled[request], alive[request]) = (0, 0, 0)
      open = request
    }
    guard let request = open, taken[request] < batch else { return nil }
    taken[request] += 1
    if taken[request] == batch { open = nil }
    return Place(request: request, index: taken[request] - 1)
  }

  /// The place is filled.
  public mutating func commit(_ place: Place) -> Start? {
    alive[place.request] += 1
    return settle(place.request)
  }

  /// The input could not be made: its place stays empty, its neighbours go on.
  public mutating func abandon(_ place: Place) -> Start? { settle(place.request) }

  /// The engine can run one more batch at the same time.
  public mutating func addStream() -> Start? {
    streams += 1
    return startNext()
  }

  /// The engine is done with a request: its stream is free for the next, its answers still stand in it.
  public mutating func ended(_ request: Int) -> Start? {
    precondition(states[request] == .running, "a request ended that did not run")
    states[request] = .answering
    running -= 1
    return startNext()
  }

  /// Everybody has taken their answer out of a request; it can be filled again.
  public mutating func release(_ request: Int) {
    precondition(states[request] == .answering, "a request was released that holds no answers")
    states[request] = .idle
  }

  private mutating func settle(_ request: Int) -> Start? {
    settled[request] += 1
    guard settled[request] == taken[request] else { return nil }
    if taken[request] == batch { makeReady(request) }
    return startNext()
  }

  /// An idle engine takes what is there; a busy one lets the open request fill further.
  private mutating func startNext() -> Start? {
    guard running < streams else { return nil }
    if ready.isEmpty, let request = open, taken[request] > 0, settled[request] == taken[request] {
      open = nil
      makeReady(request)
    }
    guard !ready.isEmpty else { return nil }
    let request = ready.removeFirst()
    states[request] = .running
    running += 1
    return Start(request: request, count: taken[request])
  }

  /// A request in which no input lives goes back unused.
  private mutating func makeReady(_ request: Int) {
    guard alive[request] > 0 else {
      states[request] = .idle
      return
    }
    states[request] = .ready
    ready.append(request)
  }
}
