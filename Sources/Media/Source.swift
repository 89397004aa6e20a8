internal import Base
internal import CFFmpeg

/// An opened file and the stream in it that is the picture; read from front to back, packet by packet.
final class Source {
  let file: MediaFile
  let demuxer: Demuxer
  let video: VideoStream
  let facts: StreamFacts
  let limits: DecodeLimits
  /// The packet that was read last.
  let packet: Packet
  /// Looks at every packet, where an index is wanted; for streams that are read from the first packet on.
  var indexer: FrameIndexer?
  /// The packet was looked at, and is to be read again.
  private var isHolding = false

  init(_ file: MediaFile, limits: DecodeLimits) throws(Fault) {
    self.file = file
    demuxer = try Demuxer(file, limits: limits)
    video = try VideoStream(in: demuxer)
    try Still.refuseGiants(video.codedSize, limits)
    facts = StreamFacts(demuxer, video)
    packet = try Packet()
    self.limits = limits
  }

  /// Fills ``packet`` with the next of the stream and answers the library's code; the caller drops it.
  ///
  /// Packets of other streams are dropped here: a demuxer asked to skip them loses count of its time offsets.
  func read() -> Int32 {
    if isHolding {
      isHolding = false
      return 0
    }
    while true {
      let code = unsafe av_read_frame(demuxer.context, packet.packet)
      if code < 0 {
        indexer?.end(isWhole: code == ridley_av_eof && demuxer.samplesBeyondEnd(video) == 0)
        return code
      }
      if packet.streamIndex == video.index {
        indexer?.add(packet)
        return code
      }
      packet.drop()
    }
  }

  /// Keeps the packet that was just read for the next time.
  func hold() { isHolding = true }

  /// Goes to the entry at or before a timestamp, as far as the container knows; false where it refuses.
  func seek(to timestamp: Int) -> Bool {
    if isHolding { packet.drop() }
    isHolding = false
    return unsafe av_seek_frame(demuxer.context, Int32(video.index), Int64(timestamp), AVSEEK_FLAG_BACKWARD) >= 0
  }

  func decoder(threads: Int, beginsAnywhere: Bool = false) throws(Fault) -> Decoder {
    try Decoder(video, threads: threads, beginsAnywhere: beginsAnywhere, limits: limits)
  }

  /// The same place with the cell that it lies in, as far as packets that were read tell it.
  func inCell(_ place: FramePlace) -> FramePlace {
    var place = place
    place.cell = indexer?.cell(of: place.index) ?? 0
    return place
  }

  var clock: FrameClock { FrameClock(timeBase: facts.timeBase, frameRate: facts.frameRate) }
}

/// Makes frames of pictures of one stream.
struct FrameMaker {
  private let facts: StreamFacts
  private let workspaces = WorkspacePool()
  private var look: PixelInterpretation

  /// `look` is how pictures are expected to be read; those that differ are read in their own way.
  init(_ facts: StreamFacts, _ look: PixelInterpretation) { (self.facts, self.look) = (facts, look) }

  mutating func frame(_ picture: Picture, _ place: FramePlace) -> Frame {
    let tags = ColorTags(picture, stream: facts.tags)
    if !look.fits(picture, tags) {
      look = PixelInterpretation(format: picture.format, size: picture.size, tags: tags, isPicture: facts.isPicture)
    }
    return Frame(picture, place, facts.geometry(of: picture), look, workspaces)
  }
}
