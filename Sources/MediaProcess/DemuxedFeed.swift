internal import Base
internal import Ingest
internal import Media

/// Pictures out of a container: one thread reads it ahead, and the one that runs gives them on in their time.
final class DemuxedFeed: UnitFeed {
  private struct Line {
    var units: [(unit: StreamDemuxer.Unit, arrival: UInt64, behind: HLSPlaylist.Place?)] = []
    /// The last segment of a playlist of which all was read, and the one of which all was given.
    var (read, given) = (HLSPlaylist.Place?.none, HLSPlaylist.Place?.none)
    var byteCount = 0
    var isEarly = false
    var ending: Result<Void, Fault>?
  }

  /// What is read ahead: the thread that reads waits beyond that.
  private static let (mostUnits, mostBytes) = (512, 64 << 20)

  private let input: any ContainerInput
  private let line = Monitor(Line())
  private(set) var format: VideoFormat?

  /// `played` is what earlier connections gave.
  init(_ input: any ContainerInput, behind played: HLSPlaylist.Place? = nil) {
    self.input = input
    line.update { ($0.read, $0.given) = (played, played) }
    input.onEnd { [line] place in line.update { $0.read = place } }
  }

  /// A segment counts as played when its last picture was given.
  var memory: @Sendable () -> LiveMemory {
    { [line] in LiveMemory(played: line.update { $0.units.isEmpty ? $0.read : $0.given }) }
  }

  var lostPackets: Int { 0 }

  func date(of unit: AccessUnit) -> Double? { nil }

  func run(_ body: (AccessUnit) throws(Fault) -> Void) throws(Fault) -> RTSPReceiver.Ending {
    let reader = ContainerReader(input, line)
    NativeThread { reader.run() }.leave()
    var pacer: Pacer?
    while true {
      let (next, isEarly) = line.wait { line -> (Result<(StreamDemuxer.Unit, UInt64), Fault>?, Bool)? in
        if !line.units.isEmpty {
          let (unit, arrival, behind) = line.units.removeFirst()
          line.given = behind
          line.byteCount -= unit.bytes.count
          return (.success((unit, arrival)), line.isEarly)
        }
        guard let ending = line.ending else { return nil }
        if case .failure(let fault) = ending { return (.failure(fault), false) }
        return (nil, false)
      }
      guard let (unit, arrival) = try next?.get() else { return .closed }
      try note(unit.codec)
      if pacer == nil { pacer = Pacer(clockRate: StreamDemuxer.clockRate, lead: isEarly ? 0 : Self.lead) }
      guard let made = access(unit, arrival, &pacer!, isEarly) else { continue }
      try body(made)
    }
  }

  /// Nanoseconds by which a source that sends pictures as they are taken may be ahead of its times.
  private static let lead: UInt64 = 10_000_000_000

  /// Waits until the picture is due; `nil` for what has no time.
  private func access(
    _ unit: StreamDemuxer.Unit, _ arrival: UInt64, _ pacer: inout Pacer, _ isEarly: Bool
  ) -> AccessUnit? {
    // Parts of a stream of JPEG pictures have no times but that of their arrival.
    let isTimeless = unit.codec == .mjpeg && unit.dts == nil
    let arrived = Int(arrival / 1000 * 9 / 100)
    guard let time = isTimeless ? arrived : unit.dts, let shown = isTimeless ? arrived : unit.pts else { return nil }
    let place = pacer.place(time, now: Clock.now)
    Clock.sleep(until: place.due)
    let moment = isEarly ? Clock.now : arrival
    return AccessUnit(
      bytes: unit.bytes, time: shown + place.offset, isKey: unit.isKey, isWhole: unit.isWhole, arrival: moment...moment)
  }

  private func note(_ codec: LiveDecoder.Codec) throws(Fault) {
    let known: VideoFormat.Codec =
      switch codec {
      case .h264: .h264
      case .hevc: .hevc
      case .av1: .av1
      case .mjpeg: .mjpeg
      }
    if format == nil { format = VideoFormat(known, clockRate: StreamDemuxer.clockRate, parameters: []) }
    // What decodes the one does not decode the other: all begins anew.
    guard format?.codec == known else {
      throw Fault(
        .unavailable, "the source sends \(known.rawValue) now, and not \(format?.codec.rawValue ?? "") any more")
    }
  }

  /// The thread that reads ahead.
  private final class ContainerReader: @unchecked Sendable {  // the thread that runs it has it alone
    private let input: any ContainerInput
    private let line: Monitor<Line>
    private var hasPictures = false

    init(_ input: any ContainerInput, _ line: Monitor<Line>) { (self.input, self.line) = (input, line) }

    func run() {
      var ending = Result<Void, Fault>.success(())
      do throws(Fault) {
        while try input.begin() { try read() }
        guard hasPictures else { throw Fault(.unavailable, "what came has ended, and held no picture") }
      } catch {
        ending = .failure(error)
      }
      line.update { $0.ending = ending }
    }

    /// One container, from its beginning to its end.
    private func read() throws(Fault) {
      var start: [UInt8] = []
      while input.kind == nil, start.count < 600 {
        let more = try input.read(upTo: 1 << 14)
        if more.isEmpty { break }
        start += more
      }
      guard input.kind != nil || !start.isEmpty else { return }
      guard let kind = input.kind ?? StreamDemuxer.Kind(start: start) else {
        throw Fault(
          .badInput, "what comes is neither MPEG-TS, MP4, FLV, a playlist of HLS nor a stream of JPEG pictures")
      }
      let source = ProgramSource(kind, start, input)
      repeat { try read(kind, source) } while source.goesOn()
    }

    private func pictures(
      _ kind: StreamDemuxer.Kind, _ read: @escaping StreamDemuxer.Read
    ) throws(Fault) -> () throws(Fault) -> StreamDemuxer.Unit? {
      if kind == .parts {
        let parts = JPEGParts(read: read)
        return { () throws(Fault) in try parts.next() }
      }
      let demuxer = try StreamDemuxer(kind, read: read)
      return { () throws(Fault) in try demuxer.next() }
    }

    /// What one demuxer makes of it.
    private func read(_ kind: StreamDemuxer.Kind, _ source: ProgramSource) throws(Fault) {
      let next = try pictures(kind) { (count) throws(Fault) in try source.read(upTo: count) }
      while let unit = try next() {
        let arrival = Clock.now
        hasPictures = true
        line.wait { [input] line -> Void? in
          guard line.units.count < mostUnits, line.byteCount < mostBytes else { return nil }
          line.units.append((unit, arrival, line.read))
          line.byteCount += unit.bytes.count
          line.isEarly = input.isEarly
          return ()
        }
      }
    }
  }
}

/// The bytes of a container; MPEG-TS ends for a demuxer where its table says that other streams come, and goes on for the next one.
private final class ProgramSource {
  private let input: any ContainerInput
  private var rest: ArraySlice<UInt8>
  private var watch: ProgramWatch?
  private var hasChanged = false

  init(_ kind: StreamDemuxer.Kind, _ start: [UInt8], _ input: any ContainerInput) {
    (self.input, rest) = (input, start[...])
    watch = kind == .transport ? ProgramWatch() : nil
    _ = watch?.take(start)
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    guard !hasChanged else { return [] }
    if rest.isEmpty {
      let bytes = try input.read(upTo: count)
      rest = bytes[...]
      if watch?.take(bytes) == true {
        hasChanged = true
        return []
      }
    }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Whether there is something for another demuxer.
  func goesOn() -> Bool {
    defer { hasChanged = false }
    return hasChanged
  }
}
