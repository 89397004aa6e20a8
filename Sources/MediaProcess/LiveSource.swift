internal import Base
internal import Glibc
internal import Ingest
internal import Isolation
internal import Media
internal import Synchronization

/// Receives and decodes one live source on a thread of its own, in its process, and keeps the newest picture.
final class LiveSource: Sendable {
  struct Newest {
    var frame: Frame
    /// Monotonic nanoseconds.
    var captured: UInt64
  }

  private struct State {
    var progress = LiveProgress()
    var newest: Newest?
    var thrift = LiveThrift.none
    var makesStills = false
    var lastStill: UInt64 = 0
    var memory: (@Sendable () -> LiveMemory)?
    var leave: (@Sendable () -> Void)?
  }

  let order: LiveOrder
  let descriptor: Int32
  private let bell: Bell
  private let door: LiveDoor?
  private let state = Mutex(State())
  /// The line to those that look on, which the thread owns.
  private let view: Int32?

  /// Nanoseconds between two stills, at least.
  private static let stillInterval: UInt64 = 200_000_000

  /// Owns the descriptors, and rings when something is new.
  init(_ order: LiveOrder, _ descriptor: Int32, _ bell: Bell, _ door: LiveDoor?, view: Int32?) {
    (self.order, self.descriptor, self.bell, self.door, self.view) = (order, descriptor, bell, door, view)
  }

  /// Begins, once; the thread ends with the source, or with the process.
  func begin() {
    NativeThread { [self] in
      var ending = LiveProgress.Ending.closed
      let view = view.map { ViewWriter(owning: $0, givesAll: order.isRecorded) }
      do throws(Fault) {
        switch order.kind {
        case .film: try play(view)
        default: ending = try receive(view)
        }
      } catch {
        ending = .failed(error)
      }
      state.withLock { $0.progress.ending = ending }
      bell.ring()
    }.leave()
  }

  /// How far it got, and where that is wanted the newest picture, which is given once.
  func latest(takes: Bool) -> (progress: LiveProgress, newest: Newest?) {
    let memory = state.withLock(\.memory)?()
    return state.withLock { state in
      state.progress.memory = memory
      guard takes else { return (state.progress, nil) }
      defer { state.newest = nil }
      return (state.progress, state.newest)
    }
  }

  /// Tells the source that nothing more is wanted; what it says then is read by nobody.
  func leave() { state.withLock(\.leave)?() }

  /// Whether stills are made of what is decoded, some a second.
  func makeStills(_ areWanted: Bool) { state.withLock { $0.makesStills = areWanted } }

  /// What is not decoded from now on.
  func save(_ thrift: LiveThrift) { state.withLock { $0.thrift = thrift } }

  private func receive(_ view: ViewWriter?) throws(Fault) -> LiveProgress.Ending {
    let receiver = try order.feed(over: descriptor, door)
    state.withLock { ($0.memory, $0.leave) = (receiver.memory, receiver.leave) }
    var stage: LiveStage?
    let ending = try receiver.run { (unit) throws(Fault) in
      guard let format = receiver.format else { throw Fault(.bug, "a picture came without a format") }
      if stage == nil { stage = try LiveStage(format) }
      let moment = stage!.place(unit)
      let began = begin(moment.time, at: moment.captured)
      view?.add(
        unit.bytes, told: format.parameters, stage!.codec, time: moment.time, began: began, isKey: unit.isKey)
      let found = try stage!.decode(unit, moment, state.withLock { $0.thrift })
      let ahead = receiver.date(of: unit).map { date in
        Int(((date - Clock.seconds) * 1000 + Double(Clock.now - stage!.captured) / 1e6).rounded())
      }
      state.withLock { state in
        state.progress.received += 1
        state.progress.keys += unit.isKey ? 1 : 0
        state.progress.byteCount += unit.bytes.count
        state.progress.incomplete += unit.isWhole ? 0 : 1
        (state.progress.lostPackets, state.progress.clockOffset) = (receiver.lostPackets, ahead)
        (state.progress.codec, state.progress.jumps) = (format.codec.rawValue, stage!.jumps)
        (state.progress.undecoded, state.progress.damaged) = (stage!.undecoded, stage!.damaged)
        state.progress.passed = stage!.passed
        (state.progress.lastArrival, state.progress.processorTime) = (Int(unit.arrival.upperBound), Clock.processorTime)
      }
      for frame in found { keep(frame, view) }
    }
    switch ending {
    case .closed: return .closed
    case .movedTo(let address): return .movedTo(address)
    }
  }

  /// When second 0 was, from a picture that was taken at `time`; the first one's word counts.
  func begin(_ time: Double, at captured: UInt64) -> Double {
    state.withLock { state in
      if state.progress.began == 0 {
        state.progress.began = Clock.seconds - (Double(Clock.now) - Double(captured)) / 1e9 - time
      }
      return state.progress.began
    }
  }

  func keep(_ newest: Newest, _ view: ViewWriter?) {
    let wantsStill = state.withLock { state in
      if state.newest != nil { state.progress.displaced += 1 }
      state.newest = newest
      state.progress.decoded += 1
      guard state.makesStills, Clock.now > state.lastStill + Self.stillInterval else { return false }
      state.lastStill = Clock.now
      return true
    }
    bell.ring()
    if wantsStill, let view {
      view.still(newest.frame, shown: begin(newest.frame.time, at: newest.captured) + newest.frame.time)
    }
  }

  func update(_ body: (inout LiveProgress) -> Void) { state.withLock { body(&$0.progress) } }
}
