internal import Base
internal import CFFmpeg

/// One opened file and a decoder that goes through it from an entry point on.
final class SeekableDecoder {
  /// How the way to an entry point is found, from the quickest to the surest.
  enum Trust: CaseIterable { case container, readingFromStart, decodingFromStart }

  private let index: FrameIndex
  private let finder: EntryFinder
  private let decoder: Decoder
  private var isDrained = false
  /// Where decoding began, and the last frame that came; `nil` where no decoding goes on.
  private var began: FrameIndex.Entry?
  private var lastFrame = -1

  init(_ file: MediaFile, _ index: FrameIndex, threads: Int, limits: DecodeLimits) throws(Fault) {
    self.index = index
    finder = try EntryFinder(file, index, limits: limits)
    decoder = try finder.source.decoder(threads: threads, beginsAnywhere: true)
  }

  /// The picture of a frame; `nil` where the file does not give what the index says.
  func picture(_ number: Int, _ trust: Trust) throws(Fault) -> Picture? {
    guard let place = trust == .decodingFromStart ? 0 : index.entry(for: number) else { return nil }
    let goesOn = began != nil && lastFrame < number && index.entries[place].ordinal < finder.next ?? 0
    if !goesOn { guard try begin(place, trust) else { return nil } }
    return try decode(to: number)
  }

  /// Stands before the entry with an empty decoder.
  private func begin(_ place: Int, _ trust: Trust) throws(Fault) -> Bool {
    decoder.restart()
    began = nil
    let isThere = try finder.go(to: place, seeking: trust == .container, isAtEnd: isDrained)
    isDrained = false
    guard isThere else { return false }
    let entry = index.entries[place]
    (began, lastFrame) = (entry, entry.frame - 1)
    return true
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
    guard let ordinal = finder.next, let began, !isDrained else { return false }
    let source = finder.source
    let code = source.read()
    guard code >= 0 else {
      isDrained = true
      decoder.sendEnd()
      return code == ridley_av_eof
    }
    defer { source.packet.drop() }
    let facts = source.packet.facts(ordinal: ordinal, coded: nil)
    guard index.tells(facts) else { return false }
    if ordinal == began.ordinal, !began.isPacket(facts) { return false }
    finder.advance()
    if index.leansBack(ordinal, over: began) { return true }
    return decoder.send(source.packet, tag: ordinal) >= 0
  }
}

extension FrameIndex {
  /// Whether a packet may be the one with its number.
  func tells(_ facts: PacketFacts) -> Bool {
    guard frames.indices.contains(facts.ordinal) else { return false }
    let frame = Int(frames[facts.ordinal])
    guard frame >= 0, let pts = facts.pts, timestamps[frame] != .min else { return true }
    return pts == timestamps[frame]
  }

  /// Pictures that lean back over the entry where decoding began cannot come out right.
  func leansBack(_ ordinal: Int, over entry: Entry) -> Bool {
    let frame = Int(frames[ordinal])
    return frame >= 0 && frame < entry.frame && ordinal > entry.ordinal
  }
}
