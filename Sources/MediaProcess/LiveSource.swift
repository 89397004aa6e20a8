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
    var thrift = LiveDecoder.Thrift.none
  }

  private let order: LiveOrder
  private let descriptor: Int32
  private let bell: Bell
  private let door: LiveDoor?
  private let state = Mutex(State())

  /// Owns the descriptor, and rings when something is new.
  init(_ order: LiveOrder, _ descriptor: Int32, _ bell: Bell, _ door: LiveDoor?) {
    (self.order, self.descriptor, self.bell, self.door) = (order, descriptor, bell, door)
  }

  /// Begins, once; the thread ends with the source, or with the process.
  func begin() {
    NativeThread { [self] in
      var ending = LiveProgress.Ending.closed
      do throws(Fault) {
        switch order.kind {
        case .film: try play()
        default: ending = try receive()
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
    state.withLock { state in
      guard takes else { return (state.progress, nil) }
      defer { state.newest = nil }
      return (state.progress, state.newest)
    }
  }

  /// What is not decoded from now on.
  func save(_ thrift: LiveDecoder.Thrift) { state.withLock { $0.thrift = thrift } }

  private func receive() throws(Fault) -> LiveProgress.Ending {
    let receiver = try order.feed(over: descriptor, door)
    var stage: LiveStage?
    let ending = try receiver.run { (unit) throws(Fault) in
      guard let format = receiver.format else { throw Fault(.bug, "a picture came without a format") }
      if stage == nil { stage = try LiveStage(format) }
      let found = try stage!.decode(unit, state.withLock { $0.thrift })
      let ahead = receiver.date(of: unit).map { date in
        Int(((date - Clock.seconds) * 1000 + Double(Clock.now - stage!.captured) / 1e6).rounded())
      }
      state.withLock { state in
        state.progress.received += 1
        state.progress.byteCount += unit.bytes.count
        state.progress.incomplete += unit.isWhole ? 0 : 1
        (state.progress.lostPackets, state.progress.clockOffset) = (receiver.lostPackets, ahead)
        (state.progress.codec, state.progress.jumps) = (format.codec.rawValue, stage!.jumps)
        (state.progress.undecoded, state.progress.lastArrival) = (stage!.undecoded, Int(unit.arrival.upperBound))
      }
      for frame in found { keep(frame) }
    }
    switch ending {
    case .closed: return .closed
    case .movedTo(let address): return .movedTo(address)
    }
  }

  private func keep(_ newest: Newest) {
    state.withLock { state in
      if state.newest != nil { state.progress.displaced += 1 }
      state.newest = newest
      state.progress.decoded += 1
    }
    bell.ring()
  }

  /// A film at the pace of its times, from its beginning again where it loops.
  private func play() throws(Fault) {
    let file = try MediaFile(owning: descriptor)
    let began = Clock.now
    var (count, passed) = (0, 0.0)
    repeat {
      let reader = try MediaReader(file, threads: 1)
      var (first, last) = (Double?.none, 0.0)
      while let frame = try reader.next() {
        let start = first ?? frame.time
        first = start
        last = passed + frame.time - start
        let due = began + UInt64(max(0, last) * 1e9)
        while Clock.now < due { usleep(UInt32(min(100_000, (due - Clock.now) / 1000 + 1))) }
        state.withLock { state in
          state.progress.received += 1
          (state.progress.codec, state.progress.lastArrival) = (reader.info.codec, Int(due))
          state.progress.undecoded = reader.corrupt.count
        }
        keep(Newest(frame: frame.told(as: Rendition.Origin(index: count, pts: frame.pts, time: last)), captured: due))
        count += 1
      }
      guard first != nil else { throw Fault(.badInput, "no picture of this film can be decoded") }
      passed = last + (reader.info.frameRate.isKnown ? 1 / reader.info.frameRate.value : 0.04)
    } while order.loops
  }
}

/// From a picture as it came to the pictures that it makes, with the moments at which they were taken.
private struct LiveStage {
  private let decoder: LiveDecoder
  private let parameters: [UInt8]
  private var clock: CaptureClock
  private var tag = 0
  private var moments: [(tag: Int, captured: UInt64)] = []
  private static let mostInside = 64
  /// Of the last picture that came, in monotonic nanoseconds.
  private(set) var captured: UInt64 = 0

  init(_ format: VideoFormat) throws(Fault) {
    let codec: LiveDecoder.Codec =
      switch format.codec {
      case .h264: .h264
      case .hevc: .hevc
      case .av1: .av1
      case .mjpeg: .mjpeg
      }
    decoder = try LiveDecoder(codec, clockRate: format.clockRate)
    (parameters, clock) = (format.parameters, CaptureClock(clockRate: format.clockRate))
  }

  var jumps: Int { clock.jumps }
  var undecoded: Int { tag - decoder.decoded }

  mutating func decode(_ unit: AccessUnit, _ thrift: LiveDecoder.Thrift) throws(Fault) -> [LiveSource.Newest] {
    let moment = clock.place(unit.time, arrival: unit.arrival.upperBound)
    captured = moment.captured
    if decoder.thrift != thrift { decoder.thrift = thrift }
    let bytes = tag == 0 ? parameters + unit.bytes : unit.bytes
    tag += 1
    if moments.count >= Self.mostInside { moments.removeFirst() }
    moments.append((tag, moment.captured))
    let decoded = try decoder.decode(bytes, time: unit.time, seconds: moment.time, tag: tag)
    return decoded.compactMap { one in
      moments.firstIndex { $0.tag == one.tag }
        .map { LiveSource.Newest(frame: one.frame, captured: moments.remove(at: $0).captured) }
    }
  }
}
