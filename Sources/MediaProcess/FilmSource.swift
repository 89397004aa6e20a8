internal import Base
internal import Media

extension LiveSource {
  /// A film at the pace of its times, from its beginning again where it loops.
  func play(_ view: ViewWriter?) throws(Fault) {
    let file = try MediaFile(owning: descriptor)
    let start = Clock.now
    var (count, passed) = (0, 0.0)
    repeat {
      let reader = try MediaReader(file, threads: 1)
      var packets = view.flatMap { FilmPackets(file, $0) }
      var (first, last) = (Double?.none, 0.0)
      while let frame = try reader.next() {
        let zero = first ?? frame.time
        first = zero
        last = passed + frame.time - zero
        let due = start + UInt64(max(0, last) * 1e9)
        Clock.sleep(until: due)
        packets?.push(upTo: frame.index, zero: zero - passed, began: begin(last, at: due))
        update { progress in
          progress.received += 1
          progress.keys += frame.isKeyFrame ? 1 : 0
          (progress.codec, progress.lastArrival) = (reader.info.codec, Int(due))
          (progress.incomplete, progress.processorTime) = (
            progress.incomplete + (frame.isCorrupt ? 1 : 0), Clock.processorTime
          )
        }
        keep(
          Newest(frame: frame.told(as: Rendition.Origin(index: count, pts: frame.pts, time: last)), captured: due), view
        )
        count += 1
      }
      guard first != nil else { throw Fault(.badInput, "no picture of this film can be decoded") }
      passed = last + (reader.info.frameRate.isKnown ? 1 / reader.info.frameRate.value : 0.04)
    } while order.loops
  }
}

/// A film's packets, which go to those that look on as its pictures are shown.
private struct FilmPackets {
  private let reader: PacketReader
  private let view: ViewWriter
  /// How far pictures are moved: what the container says is sometimes too little.
  private let delay: Int
  /// Read already, the next one last.
  private var ahead: [PacketReader.Coded] = []
  private var count = 0

  /// Pictures that are looked at for that; they wait in memory.
  private static let glance = 32

  /// `nil` where the film cannot be read a second time; then there is nothing to look at but stills.
  init?(_ file: MediaFile, _ view: ViewWriter) {
    guard let reader = try? PacketReader(file) else { return nil }
    (self.reader, self.view) = (reader, view)
    while ahead.count < Self.glance, let packet = reader.next() { ahead.append(packet) }
    delay = max(reader.delay, DecodeOrder.delay(of: ahead.map(\.time)))
    ahead.reverse()
  }

  /// The packets that a picture is made of, and those before it; `zero` is the file's time of second 0.
  mutating func push(upTo index: Int, zero: Double, began: Double) {
    if count == 0 { view.begin(reader, delay: delay, began: began) }
    while count <= index + delay {
      count += 1
      guard let packet = ahead.popLast() ?? reader.next() else { return }
      view.add(packet.bytes, time: packet.time - zero, isKey: packet.isKey)
    }
  }
}
