public import Base

/// Decodes some frames of a video that follow each other: exactly what ``MediaReader`` gives of them when it goes through all.
///
/// Decoding begins at an entry of the index, on one thread. With a sampling that passes frames over, only those are decoded that a wanted
/// one is made from; which are wanted is decided from the index's times, as when all of the film is gone through. Numbers, timestamps,
/// times, cells and pictures are those of sequential reading, or there is a ``Doubt``: then only a ``MediaReader`` over the whole film knows, and
/// what was given of this range is not to be used. One thread at a time.
public final class RangeReader {
  /// What came of asking for a frame.
  public enum Outcome {
    case frame(Frame)
    case ended
    case doubt(Doubt)
  }

  /// Why a range of a film cannot be looked at by itself.
  public enum Doubt: String, Sendable, Hashable, CaseIterable {
    case picture = "it is a picture"
    case noPackets = "the packets of the film do not tell its frames"
    case noEntry = "decoding cannot begin where the range begins, or where the next one does"
    case notReached = "the file does not lead to where the range begins"
    case damaged = "the film is damaged, or does not hold what its index says"
  }

  public let info: MediaInfo
  /// Frames that were decoded so far, of the packets that lie in this range alone.
  public private(set) var framesDecoded = 0
  /// Packets that may be decoded for this range and for one beside it, and were; by their numbers.
  ///
  /// Those of ``packets`` are in ``framesDecoded``.
  public var shared: [Int] { sparse?.shared ?? [] }
  /// The range's packets, by their numbers; empty where it is in doubt.
  public var packets: Range<Int> { part?.packets ?? 0..<0 }
  /// As ``MediaReader/covered``, of this range.
  public private(set) var covered: (first: Double, last: Double)?

  private let file: MediaFile
  private let sampling: Sampling
  private let limits: DecodeLimits
  private let part: FilmPart?
  private let cells: FrameCells
  private var maker: FrameMaker
  private var sampler: Sampler
  /// One of these works: all frames, or few of them.
  private var full: ConsecutiveDecoder?
  private var sparse: SelectiveDecoder?
  private var ways = SeekableDecoder.Trust.allCases.prefix(2)
  private var lastGiven = -1
  private var doubt: Doubt?

  /// Opens a video to read the frames with these numbers; `frames` begins and ends at ``FrameIndex/starts`` or at the end.
  ///
  /// Faults as ``MediaReader``; an index of another state of the file is refused.
  public init(
    _ file: MediaFile, _ index: FrameIndex, frames: Range<Int>, sampling: Sampling = .all,
    limits: DecodeLimits = DecodeLimits()
  ) throws(Fault) {
    guard try SourceStamp(file).fits(index.source) else {
      throw Fault(.badInput, "the index of frames was made of another state of this file: make it anew")
    }
    let reader = try MediaReader(file, limits: limits)
    (info, maker) = (reader.info, reader.maker)
    (self.file, self.sampling, self.limits, sampler) = (file, sampling, limits, Sampler(sampling))
    part = FilmPart(index, frames)
    cells = part == nil ? FrameCells() : index.cellsOfAll
    doubt = info.isPicture ? .picture : !index.isFromPackets ? .noPackets : part == nil ? .noEntry : nil
    if let part, !sampler.asksForKeys, !isSparse {
      for number in 0..<part.frames.lowerBound { _ = sampler.wants(time: part.index.time(of: number)) }
    }
  }

  /// The next frame that is looked at.
  ///
  /// After a doubt there is nothing more.
  public func next() throws(Fault) -> Outcome {
    while doubt == nil {
      if full == nil, sparse == nil { try begin() } else if let outcome = try step() { return outcome }
    }
    return .doubt(doubt!)
  }

  private var isSparse: Bool { sampler.skips(at: info.frameRate) }

  /// Stands before the first packet, in the quickest way that was not tried yet.
  private func begin() throws(Fault) {
    guard let part, let way = ways.popFirst() else { return doubt = doubt ?? .damaged }
    let finder = try EntryFinder(file, part.index, limits: limits)
    if let place = part.place, try !finder.go(to: place, seeking: way == .container) { return giveWay(.notReached) }
    if part.place == nil { ways = [] }
    if isSparse { sparse = try SelectiveDecoder(finder.source, part, sampling) }
    if sparse == nil { full = try ConsecutiveDecoder(finder.source, part) }
    framesDecoded = 0
  }

  private func giveWay(_ reason: Doubt) {
    (full, sparse) = (nil, nil)
    if ways.isEmpty { doubt = reason }
  }

  /// `nil` where there is nothing to tell yet.
  private func step() throws(Fault) -> Outcome? {
    if let sparse {
      let outcome = try sparse.next()
      framesDecoded = sparse.decoded
      switch outcome {
      case .frame(let picture, let place): return give(picture, place.index)
      case .ended: return end()
      case .lost: giveWay(.damaged)
      }
    } else if let full {
      switch try full.next() {
      case .frame(let picture, let number):
        framesDecoded += 1
        return give(picture, number)
      case .ended: return end()
      case .lost: giveWay(.damaged)
      }
    }
    return nil
  }

  /// A frame that was given before a second way was taken is not given again.
  private func give(_ picture: Picture, _ number: Int) -> Outcome? {
    guard let part, number > lastGiven else { return nil }
    lastGiven = number
    let frame = maker.frame(picture, part.index.place(of: number, cell: cells.cell(of: number)))
    if sparse == nil {
      cover(frame.time)
      guard sampler.wants(time: frame.time, isKeyFrame: frame.isKeyFrame) else { return nil }
    }
    cover(frame.time)
    return .frame(frame)
  }

  private func end() -> Outcome {
    if let part, sparse != nil, part.isLast { cover(part.index.time(of: part.index.count - 1)) }
    return .ended
  }

  private func cover(_ time: Double) { covered = (covered?.first ?? time, max(covered?.last ?? time, time)) }
}
