internal import Base
internal import CFFmpeg

/// Decodes every frame of a part of a film on one thread, and takes nothing but exactly those, in order and undamaged.
///
/// Every packet of the part goes through the decoder, also where none of its frames need it any more: damage must show that decoding
/// of the whole film would meet.
final class ConsecutiveDecoder {
  enum Outcome {
    case frame(Picture, Int)
    case ended
    /// The file does not give what the index says.
    case lost
  }

  private let source: Source
  private let decoder: Decoder
  private let pictures = PicturePool()
  private let part: FilmPart
  /// The packet that is read next, and the last frame that came.
  private var (ordinal, lastFrame): (Int, Int)
  private var isDrained = false

  /// The source stands before the first packet of the part.
  init(_ source: Source, _ part: FilmPart) throws(Fault) {
    (self.source, self.part) = (source, part)
    decoder = try source.decoder(threads: 1, beginsAnywhere: true)
    (ordinal, lastFrame) = (part.firstPacket, part.frames.lowerBound - 1)
  }

  func next() throws(Fault) -> Outcome {
    let picture = try pictures.take()
    while true {
      if hasAllFrames, !part.isLast, ordinal >= part.packets.upperBound, isEmptied { return .ended }
      switch decoder.receive(into: picture) {
      case .frame:
        guard let number = number(of: picture) else { return .lost }
        isEmptied = false
        guard part.frames.contains(number) else { continue }
        lastFrame = number
        return .frame(picture, number)
      case .hungry:
        isEmptied = true
        if hasAllFrames, !part.isLast, ordinal >= part.packets.upperBound { continue }
        guard feed() else { return .lost }
      case .ended: return hasAllFrames && part.isLast ? .ended : .lost
      case .failed: return .lost
      }
    }
  }

  private var hasAllFrames: Bool { lastFrame == part.frames.upperBound - 1 }
  /// The decoder has told all that it knew of the packets so far.
  private var isEmptied = false

  /// `nil` where it is not the next frame as it should be.
  private func number(of picture: Picture) -> Int? {
    guard let tag = picture.tag, part.index.frames.indices.contains(tag), !picture.isCorrupt,
      source.limits.allows(width: picture.size.width, height: picture.size.height)
    else { return nil }
    let number = Int(part.index.frames[tag])
    return number == lastFrame + 1 || hasAllFrames && number > lastFrame ? number : nil
  }

  /// Gives the decoder its next packet; false where it is not the one that the index promises, or is refused.
  private func feed() -> Bool {
    guard !isDrained else { return false }
    let code = source.read()
    guard code >= 0 else {
      isDrained = true
      decoder.sendEnd()
      return code == ridley_av_eof && ordinal == part.index.frames.count
    }
    defer { source.packet.drop() }
    let facts = source.packet.facts(ordinal: ordinal, coded: nil)
    guard part.index.tells(facts), !facts.isOdd else { return false }
    if let place = part.place, ordinal == part.firstPacket, !part.index.entries[place].isPacket(facts) { return false }
    ordinal += 1
    return part.leansBack(facts.ordinal) || decoder.send(source.packet, tag: facts.ordinal) >= 0
  }
}
