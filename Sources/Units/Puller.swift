internal import Base
internal import Bus
internal import Inference
internal import Serving

/// Takes frames for one version: a thread for each that it may have in hand.
final class Puller: Sendable {
  private struct State {
    var counts = UnitCounts()
    var isOver = false
    /// When it was last told how busy it is, and how long networks had taken by then.
    var told: (at: UInt64, inferred: Int) = (Clock.now, 0)
    var complained: Fault?
  }

  private let served: ServedVersion
  private let description: RemoteNetworkDescription
  private let bus: FrameBus
  private let complain: @Sendable (Fault) -> Void
  private let slots: Int
  private let state = Monitor(State())
  private let threads = Monitor<[NativeThread]>([])

  private static let wait = Duration.milliseconds(500)
  /// Nanoseconds of rest where the bus is away.
  private static let rest: UInt64 = 200_000_000
  private static let mostSlots = 64

  init(
    _ served: ServedVersion, _ description: RemoteNetworkDescription, _ bus: FrameBus, ahead: Int,
    _ complain: @escaping @Sendable (Fault) -> Void
  ) {
    (self.served, self.description, self.bus, self.complain) = (served, description, bus, complain)
    slots = min(Self.mostSlots, served.streams * served.batch + ahead)
    threads.update { threads in
      threads = (0..<slots).map { _ in NativeThread { [weak self] in while self?.step() == true {} } }
    }
  }

  var counts: UnitCounts { state.update { $0.counts } }

  /// What is told of it.
  func offer() -> UnitNotice.Offer {
    let places = served.streams * served.batch
    let busy = state.update { state -> Int in
      let (now, inferred) = (Clock.now, state.counts.inferred)
      defer { state.told = (now, inferred) }
      guard now > state.told.at, places > 0 else { return 0 }
      return 1000 * (inferred - state.told.inferred) / (Int(now - state.told.at) * places)
    }
    return UnitNotice.Offer(
      model: served.model, network: description.network, places: places, slots: slots, busy: min(1000, busy))
  }

  func stop() {
    state.update { $0.isOver = true }
    let threads = threads.update { threads in
      defer { threads = [] }
      return threads
    }
    for thread in threads { thread.join() }
  }

  /// One frame, or a while without any; `false` where it is to end.
  private func step() -> Bool {
    guard !state.update({ $0.isOver }) else { return false }
    do throws(Fault) {
      let taken = try bus.take(description.network, atMost: Self.wait)
      state.update { $0.complained = nil }
      switch taken {
      case .nothing: break
      case .stale: state.update { $0.counts.stale += 1 }
      case .frame(let frame): try compute(frame)
      }
    } catch {
      let isNew = state.update { state in
        defer { state.complained = error }
        return state.complained != error
      }
      // that the bus is away is said by who says that it is there
      if isNew, error.kind != .unavailable { complain(error) }
      _ = state.wait(before: Clock.now + Self.rest) { $0.isOver ? true : nil }
    }
    return true
  }

  private func compute(_ frame: WaitingFrame) throws(Fault) {
    guard let inputs = FramePayload.inputs(frame.bytes, like: description.inputs) else {
      return try fail(frame, "it has \(frame.bytes.count) bytes, which are no inputs of this network")
    }
    let result = Monitor<Result?>(nil)
    let request = InferenceRequest(inputs, rows: 1, source: frame.source, deadline: frame.deadline) { outcome, times in
      let told: Result =
        switch outcome {
        case .answered(let outputs): .answered(FramePayload.written(outputs), Int(times.inferred))
        case .late, .cancelled: .late
        case .failed(let fault), .lost(let fault): .failed(fault)
        }
      result.update { $0 = told }
    }
    do throws(AdmissionRefusal) { try served.submit(request) } catch { return try fail(frame, error.fault.message) }
    switch result.wait(until: { $0 }) {
    case .answered(let outputs, let inferred):
      state.update { state in
        state.counts.answered += 1
        state.counts.inferred += inferred
      }
      try bus.answer(frame, FrameAnswer(.outputs(outputs.sides, outputs.bytes), inferred: inferred))
    case .failed(let fault): try fail(frame, fault.message)
    case .late: state.update { $0.counts.stale += 1 }
    }
  }

  private enum Result: Sendable {
    case answered((sides: [[Int]], bytes: SharedBytes), Int)
    case late
    case failed(Fault)
  }

  private func fail(_ frame: WaitingFrame, _ why: String) throws(Fault) {
    state.update { $0.counts.failed += 1 }
    try bus.answer(frame, FrameAnswer(.failed(why), inferred: 0))
  }
}
