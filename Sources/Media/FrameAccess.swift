public import Base
internal import CFFmpeg

/// Any frame of a video, in any order of asking: the very picture of sequential decoding.
///
/// Goes on where the last question left off when the frame lies ahead before the next entry point, and begins anew at
/// an entry point otherwise. Where a seek lands is told by the packet found there; a container that lands wrong is
/// read from its start. Where the file is damaged, or its packets do not tell its frames, all is decoded from the start.
/// One thread at a time.
public final class FrameAccess {
  public let info: MediaInfo
  /// Made anew where decoding showed that packets did not tell the truth.
  public private(set) var index: FrameIndex

  private let file: MediaFile
  private let limits: DecodeLimits
  private let threads: Int
  private var maker: FrameMaker
  private var run: SeekableDecoder?
  /// Everything from the start, where nothing else can be believed.
  private var sequential: MediaReader?
  private var isBelieved: Bool
  /// How often what came out was not what the index says.
  private(set) var doubts = 0
  private var lastDecoded: Int?

  /// Opens a video; without an index one is made.
  ///
  /// Faults as ``MediaReader``; an index of another state of the file is refused.
  public convenience init(
    _ path: String, index: FrameIndex? = nil, threads: Int = 1, limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    try self.init(try MediaFile(path), index: index, threads: threads, limits: limits)
  }

  /// The same of a file that is open.
  public init(
    _ file: MediaFile, index: FrameIndex? = nil, threads: Int = 1, limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    let stamp = try SourceStamp(file)
    if let index, !stamp.fits(index.source) {
      throw Fault(.badInput, "the index of frames was made of another state of this file: make it anew")
    }
    let reader = try MediaReader(file, limits: limits)
    if let index { self.index = index } else { self.index = try FrameIndex(file, limits: limits) }
    (info, maker) = (reader.info, reader.maker)
    (self.file, self.limits, self.threads) = (file, limits, threads)
    isBelieved = self.index.isFromPackets
  }

  /// The frame with a number; `nil` behind the last.
  public func frame(at number: Int) throws(Fault) -> Frame? {
    guard number >= 0, number < index.count else { return nil }
    if isBelieved {
      for attempt in SeekableDecoder.Trust.allCases {
        if let picture = try picture(number, attempt) {
          return maker.frame(picture, index.place(of: number))
        }
        run = nil
        doubts += 1
      }
      isBelieved = false
      index = try FrameIndex.byDecoding(file, limits)
      guard number < index.count else { return nil }
    }
    return try decodeAll(to: number)
  }

  /// The first frame with a timestamp in the stream's time base; `nil` where there is none.
  public func frame(pts: Int) throws(Fault) -> Frame? {
    guard let number = index.index(pts: pts) else { return nil }
    return try frame(at: number)
  }

  /// The frame that is on the screen at a time in seconds; `nil` before the first.
  public func frame(shownAt time: Double) throws(Fault) -> Frame? {
    guard let number = index.index(shownAt: time) else { return nil }
    return try frame(at: number)
  }

  /// `nil` where what came out is not what the index says.
  private func picture(_ number: Int, _ trust: SeekableDecoder.Trust) throws(Fault) -> Picture? {
    if run == nil { run = try SeekableDecoder(file, index, threads: threads, limits: limits) }
    return try run!.picture(number, trust)
  }

  private func decodeAll(to number: Int) throws(Fault) -> Frame? {
    if let last = lastDecoded, last >= number { sequential = nil }
    if sequential == nil { sequential = try MediaReader(file, limits: limits) }
    while let frame = try sequential!.next() {
      lastDecoded = frame.index
      if frame.index == number { return frame }
    }
    sequential = nil
    return nil
  }
}
