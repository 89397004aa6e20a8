internal import Base
internal import CFFmpeg

/// One opened file and a decoder that goes through it from an entry point on.
final class SeekableDecoder {
  /// How the way to an entry point is found, from the quickest to the surest.
  enum Trust: CaseIterable { case container, readingFromStart, decodingFromStart }

  private let file: MediaFile
  private let index: FrameIndex
  private var source: Source
  private let decoder: Decoder
  /// Entries by a number that is theirs wherever reading began; -1 where several share one.
  private let known: [Int: Int]
  /// The number of the packet that is read next; `nil` where a seek was lost.
  private var next: Int? = 0
  /// That packet was read already and lies in the source.
  private var isHolding = false
  private var isDrained = false
  /// Where decoding began, and the last frame that came; `nil` where no decoding goes on.
  private var began: FrameIndex.Entry?
  private var lastFrame = -1

  init(_ file: MediaFile, _ index: FrameIndex, threads: Int, limits: DecodeLimits) throws(Fault) {
    (self.file, self.index) = (file, index)
    source = try Source(file, limits: limits)
    decoder = try source.decoder(threads: threads, beginsAnywhere: true)
    known = Dictionary(index.entries.enumerated().map { ($1.mark, $0) }) { _, _ in -1 }
  }

  /// The picture of a frame; `nil` where the file does not give what the index says.
  func picture(_ number: Int, _ trust: Trust) throws(Fault) -> Picture? {
    guard let place = trust == .decodingFromStart ? 0 : index.entry(for: number) else { return nil }
    let goesOn = began != nil && lastFrame < number && index.entries[place].ordinal < next ?? 0
    if !goesOn { guard try begin(place, trust) else { return nil } }
    return try decode(to: number)
  }

  /// Stands before the entry with an empty decoder.
  private func begin(_ place: Int, _ trust: Trust) throws(Fault) -> Bool {
    let entry = index.entries[place]
    decoder.restart()
    began = nil
    let isNear = next.map { (0...64).contains(entry.ordinal - $0) } ?? false
    let isThere = isNear && !isDrained || trust == .container && seek(place)
    isDrained = false
    if !isThere {
      source = try Source(file, limits: source.limits)
      (next, isHolding) = (0, false)
    }
    guard skip(to: entry) else { return false }
    (began, lastFrame) = (entry, entry.frame - 1)
    return true
  }

  /// Lets the container go to the entry or before it, and finds out by the packets there where that is.
  private func seek(_ place: Int) -> Bool {
    var step = 0
    while step <= place, step < 64 {
      let wanted = index.entries[place - step]
      for timestamp in [wanted.pts, wanted.dts] {
        guard let timestamp, source.seek(to: timestamp), let found = land() else { continue }
        if found <= index.entries[place].ordinal { return true }
      }
      step = step * 2 + 1
    }
    next = nil
    return false
  }

  /// Reads to the first packet that is known for an entry and answers its number.
  private func land() -> Int? {
    next = nil
    if isHolding { source.packet.drop() }
    isHolding = false
    for _ in 0..<600 {
      guard source.read() >= 0 else { return nil }
      let facts = source.packet.facts(ordinal: 0, coded: nil)
      if let place = known[FrameIndex.Entry(facts).mark], place >= 0, index.entries[place].isPacket(facts) {
        (next, isHolding) = (index.entries[place].ordinal, true)
        return next
      }
      source.packet.drop()
    }
    return nil
  }

  private func read() -> Int32 {
    if isHolding {
      isHolding = false
      return 0
    }
    return source.read()
  }

  private func skip(to entry: FrameIndex.Entry) -> Bool {
    while let number = next, number < entry.ordinal {
      guard read() >= 0 else {
        next = nil
        return false
      }
      source.packet.drop()
      next = number + 1
    }
    return next == entry.ordinal
  }

  private func decode(to number: Int) throws(Fault) -> Picture? {
    let picture = try Picture()
    while true {
      switch decoder.receive(into: picture) {
      case .frame:
        guard let tag = picture.tag, index.frames.indices.contains(tag), !picture.isCorrupt else { return nil }
        let frame = Int(index.frames[tag])
        guard frame > lastFrame, frame <= number else { return nil }
        lastFrame = frame
        if frame == number { return picture }
      case .hungry: guard feed() else { return nil }
      case .ended, .failed: return nil
      }
    }
  }

  /// Gives the decoder its next packet.
  private func feed() -> Bool {
    guard let ordinal = next, let began, !isDrained else { return false }
    let code = read()
    guard code >= 0 else {
      isDrained = true
      decoder.sendEnd()
      return code == ridley_av_eof
    }
    defer { source.packet.drop() }
    guard ordinal < index.frames.count else { return false }
    let facts = source.packet.facts(ordinal: ordinal, coded: nil)
    if ordinal == began.ordinal, !began.isPacket(facts) { return false }
    let frame = Int(index.frames[ordinal])
    if frame >= 0, let pts = facts.pts, let known = index[frame].pts, pts != known { return false }
    next = ordinal + 1
    // Pictures that lean back over the entry where decoding began cannot come out right.
    if frame >= 0, frame < began.frame, ordinal > began.ordinal { return true }
    return decoder.send(source.packet, tag: ordinal) >= 0
  }
}

extension FrameIndex.Entry {
  /// What a packet's facts say of an entry; its numbers are not known.
  init(_ facts: PacketFacts) {
    self.init(ordinal: 0, frame: 0, pts: facts.pts, dts: facts.dts, byteCount: facts.byteCount)
  }

  /// A number by which it is looked up.
  var mark: Int { pts ?? dts ?? byteCount }
}
