public import Base
internal import Batching
internal import COpenVINO

/// The asynchronous, always-on part that owns one compiled network and turns waiting inputs into batches.
///
/// Inputs are written straight into preallocated batch tensors by whoever brings them. A batch starts as soon as the
/// engine has a stream free; nobody waits for it to fill up. Bounded: when every tensor is in use, whoever brings the
/// next input waits.
public final class InferenceUnit: Sendable {
  private let core: UnitCore
  private let workers: [Worker]

  /// Starts with `spare` batch tensors beyond those that run, to be filled meanwhile.
  public init(_ network: CompiledNetwork, spare: Int = 2) throws(Fault) {
    let core = try UnitCore(network, requests: network.streams + max(1, spare))
    self.core = core
    var workers = [Worker { core.answer() }]
    if network.copies.count < network.streams { workers.append(Worker { core.grow() }) }
    self.workers = workers
  }

  /// Waits for what was accepted, then ends.
  deinit {
    core.close()
    for worker in workers { worker.join() }
  }

  /// Inputs that can be inside at the same time; a caller that brings more waits.
  public var capacity: Int { core.requests.count * core.network.batch }

  /// Brings one input.
  ///
  /// `fill` writes it in place, on the caller's thread, before this returns; a fault in it is thrown on and touches no other
  /// input of the batch. `done` is called exactly once, on the unit's own thread, in no particular order; the outputs are
  /// lent for the call. It must not bring an input to the same unit: the thread it would wait for is its own.
  public func submit(
    fill: (borrowing InputPlace) throws(Fault) -> Void, done: @escaping @Sendable (Result<Outputs, Fault>) -> Void
  ) throws(Fault) {
    try put(core.reserve(), fill, done)
  }

  /// The same where a place is free; `false`, at once, where the caller would have to wait for one.
  public func submitIfFree(
    fill: (borrowing InputPlace) throws(Fault) -> Void, done: @escaping @Sendable (Result<Outputs, Fault>) -> Void
  ) throws(Fault) -> Bool {
    guard let place = core.reserveIfFree() else { return false }
    try put(place, fill, done)
    return true
  }

  private func put(
    _ place: Batcher.Place, _ fill: (borrowing InputPlace) throws(Fault) -> Void,
    _ done: @escaping @Sendable (Result<Outputs, Fault>) -> Void
  ) throws(Fault) {
    do {
      try fill(InputPlace(request: core.requests[place.request], index: place.index))
    } catch {
      core.settle(place, nil)
      throw error
    }
    core.settle(place, Request.Asker(done: done))
  }

  /// Sleeps until everything accepted so far was answered.
  public func drain() { core.desk.wait { $0.batcher.isIdle ? () : nil } }
}

/// One place in a batch, lent to whoever fills it.
public struct InputPlace: ~Copyable {
  let request: Request
  let index: Int

  /// Lends the bytes of one of the network's inputs, in the layout of ``CompiledNetwork/inputs``.
  public func write(
    input: Int = 0, _ body: (inout MutableRawSpan) throws(Fault) -> Void
  ) throws(Fault) {
    try request.write(place: index, input: input, body)
  }
}

/// What the caller's side, the engine's callbacks and the answering thread share.
final class UnitCore: @unchecked Sendable {  // `requests` is filled in init; each is used by its current owner only
  struct Desk {
    var batcher: Batcher
    /// Requests that ended and wait for their answers to be taken out.
    var ended: [Int] = []
    /// Compiled copies that run nothing.
    var freeCopies: [Int]
    var closing = false
  }

  let network: CompiledNetwork
  let desk: Monitor<Desk>
  private(set) var requests: [Request] = []

  init(_ network: CompiledNetwork, requests count: Int) throws(Fault) {
    self.network = network
    let copies = network.copies.count
    var start = Desk(
      batcher: Batcher(requests: count, batch: network.batch, streams: copies), freeCopies: Array(0..<copies))
    start.ended.reserveCapacity(count)
    desk = Monitor(start)
    for index in 0..<count { requests.append(try Request(of: network) { [unowned self] in ended(index) }) }
  }

  func reserve() -> Batcher.Place { desk.wait { $0.batcher.reserve() } }

  func reserveIfFree() -> Batcher.Place? { desk.update { $0.batcher.reserve() } }

  func settle(_ place: Batcher.Place, _ asker: Request.Asker?) {
    let start = desk.update { desk in
      // Several callers fill one request: the list of askers is theirs together.
      requests[place.request].askers[place.index] = asker
      return desk.assign(asker == nil ? desk.batcher.abandon(place) : desk.batcher.commit(place))
    }
    run(start)
  }

  /// Starts a batch that the batcher asked for; one that cannot start is answered like one that failed.
  private func run(_ start: Assignment?) {
    guard let start else { return }
    if !requests[start.request].start(count: start.count, on: start.copy) { ended(start.request) }
  }

  /// Called by the engine on its own thread, once for each started batch.
  private func ended(_ request: Int) {
    let copy = requests[request].copy
    run(
      desk.update { desk in
        desk.ended.append(request)
        desk.freeCopies.append(copy)
        return desk.assign(desk.batcher.ended(request))
      })
  }

  /// The answering thread: takes answers out until the unit closes and nothing is left.
  func answer() {
    while true {
      let next: Int?? = desk.wait { desk in
        if !desk.ended.isEmpty { return .some(desk.ended.removeFirst()) }
        return desk.closing && desk.batcher.isIdle ? .some(nil) : nil
      }
      guard let next, let request = next else { return }
      requests[request].answer()
      desk.update { $0.batcher.release(request) }
    }
  }

  /// Makes the copies that are missing, while those that are there work.
  func grow() {
    while desk.update({ !$0.closing }), let copy = network.addCopy() {
      run(
        desk.update { desk in
          desk.freeCopies.append(copy)
          return desk.assign(desk.batcher.addStream())
        })
    }
  }

  func close() { desk.update { $0.closing = true } }
}

/// A batch that starts, and the compiled copy that runs it.
struct Assignment {
  let request: Int
  let count: Int
  let copy: Int
}

extension UnitCore.Desk {
  /// The batcher starts no more batches than there are copies, so one is free.
  fileprivate mutating func assign(_ start: Batcher.Start?) -> Assignment? {
    start.map { Assignment(request: $0.request, count: $0.count, copy: freeCopies.removeLast()) }
  }
}
