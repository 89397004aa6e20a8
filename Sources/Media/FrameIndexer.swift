internal import Base
internal import CFFmpeg

/// Makes an index of the packets that are read, from the first of a stream to the last, without decoding.
///
/// About a microsecond a packet. Keeps no packets, only what the index is made of.
struct FrameIndexer {
  /// There once the stream has ended, if its packets tell its frames.
  private(set) var index: PackedFrameIndex?
  private let stamp: SourceStamp
  private let timeBase: Ratio
  private let parser: PictureParser
  private var order: FrameOrder
  private var settled: [FrameOrder.Settled] = []
  /// Facts of entries that are not settled yet, by their numbers.
  private var unsettled: [Int: PacketFacts] = [:]
  private var timestamps = Differences()
  /// Empty as long as every frame has a timestamp.
  private var times: [Double] = []
  private var packets = Differences()
  private var entries: [FrameIndex.Entry] = []
  private var packetCount = 0
  private var hasEnded = false
  private var cells = FrameCells()
  /// A frame came out of the decoder before its packet was in its place.
  private var wasOvertaken = false

  /// `nil` for a picture, and where packets of this codec are not understood.
  init?(_ source: Source, _ stamp: SourceStamp) {
    guard !source.facts.isPicture, let parser = PictureParser(source.video) else { return nil }
    (self.parser, self.stamp, timeBase) = (parser, stamp, source.facts.timeBase)
    order = FrameOrder(parser.rule, source.clock)
  }

  /// Takes the next packet of the stream.
  mutating func add(_ packet: borrowing Packet) {
    guard order.isSound else { return }
    let facts = packet.facts(ordinal: packetCount, coded: parser.understand(packet))
    packetCount += 1
    if facts.coded?.isEntry == true { unsettled[facts.ordinal] = facts }
    order.add(facts, into: &settled)
    take()
  }

  /// No more packets will come; `isWhole` says that none is missing.
  mutating func end(isWhole: Bool) {
    guard !hasEnded else { return }
    hasEnded = true
    order.finish(into: &settled)
    take()
    guard isWhole, order.isSound, !wasOvertaken, !entries.isEmpty else { return }
    index = PackedFrameIndex(
      stamp, timeBase, timestamps: timestamps, times: times, packetCount: packetCount, packets: packets,
      entries: entries)
  }

  /// The cell of a frame that came out of the decoder.
  mutating func cell(of number: Int) -> Int {
    if number >= timestamps.count, order.isSound { wasOvertaken = true }
    return cells.cell(of: number)
  }

  private mutating func take() {
    for picture in settled {
      if let facts = unsettled.removeValue(forKey: picture.ordinal) {
        entries.append(
          FrameIndex.Entry(
            ordinal: facts.ordinal, frame: timestamps.count, pts: facts.pts, dts: facts.dts, byteCount: facts.byteCount)
        )
        cells.add(entry: facts.ordinal)
      }
      if let place = picture.place { add(place, packet: picture.ordinal) }
    }
    settled.removeAll(keepingCapacity: true)
  }

  private mutating func add(_ place: FramePlace, packet: Int) {
    if place.pts == nil, times.isEmpty { times = timestamps.numbers.map { Double($0) * timeBase.value } }
    if place.pts == nil || !times.isEmpty { times.append(place.time) }
    timestamps.add(place.pts ?? .min)
    packets.add(packet)
    cells.add(frame: place.index, time: place.time, packet: packet)
  }
}
