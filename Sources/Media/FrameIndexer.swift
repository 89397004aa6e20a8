internal import CFFmpeg

/// Makes an index of the packets that somebody reads, from the first of a stream to the last, without decoding.
///
/// About a microsecond a packet. Keeps no packets, only what the index is made of.
struct FrameIndexer {
  /// There once the stream has ended, if its packets tell its frames.
  private(set) var index: FrameIndex?
  private var made: FrameIndex
  private let parser: PictureParser
  private var order: FrameOrder
  private var settled: [FrameOrder.Settled] = []
  /// Facts of entries that are not settled yet, by their numbers.
  private var entries: [Int: PacketFacts] = [:]
  private var packetCount = 0
  private var hasEnded = false

  /// `nil` for a picture, and where packets of this codec are not understood.
  init?(_ source: Source, _ stamp: SourceStamp) {
    guard !source.facts.isPicture, let parser = PictureParser(source.video) else { return nil }
    self.parser = parser
    made = FrameIndex(source: stamp, timeBase: source.facts.timeBase)
    order = FrameOrder(parser.rule, source.clock)
  }

  /// Takes the next packet of the stream.
  mutating func add(_ packet: borrowing Packet) {
    guard order.isSound else { return }
    let facts = packet.facts(ordinal: packetCount, coded: parser.understand(packet))
    packetCount += 1
    if facts.coded?.isEntry == true { entries[facts.ordinal] = facts }
    order.add(facts, into: &settled)
    take()
  }

  /// No more packets will come; `isWhole` says that none is missing.
  mutating func end(isWhole: Bool) {
    guard !hasEnded else { return }
    hasEnded = true
    order.finish(into: &settled)
    take()
    guard isWhole, order.isSound, made.isFromPackets else { return }
    made.seal(packetCount: packetCount)
    index = made
  }

  private mutating func take() {
    for picture in settled {
      if let facts = entries.removeValue(forKey: picture.ordinal) {
        made.add(
          FrameIndex.Entry(
            ordinal: facts.ordinal, frame: made.count, pts: facts.pts, dts: facts.dts, byteCount: facts.byteCount))
      }
      if let place = picture.place { made.add(place, packet: picture.ordinal) }
    }
    settled.removeAll(keepingCapacity: true)
  }
}
