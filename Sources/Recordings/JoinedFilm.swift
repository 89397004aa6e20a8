public import Base
internal import Media
internal import MediaProcess

/// A range of what was recorded of a stream, of as many files as it takes, as one MP4 film that nobody writes down: its tables are made, its
/// pictures are read from the files.
///
/// It begins with the key frame before the range, and is shown from the very moment on that was asked for.
public struct JoinedFilm: Sendable {
  public let byteCount: Int
  /// What is shown, in milliseconds since 1970.
  public let from: Int
  public let to: Int
  /// `ftyp`, `moov`, and the head of `mdat`: it says all that follows.
  public let header: [UInt8]
  private let parts: [Part]

  private struct Part: Sendable {
    let file: FilmBytes
    /// In the file, and where that stands in the film.
    let range: Range<Int>
    let place: Int
  }

  /// Hours that one may be long.
  public static let mostHours = 6

  /// Whether a range may be asked for, before its files are looked for; faults are `badInput`.
  public static func check(from: Int, to: Int) throws(Fault) {
    guard to > from, to - from <= mostHours * 3_600_000 else {
      throw Fault(.badInput, "a range ends behind its beginning, and is \(mostHours) hours long at most: ask in parts")
    }
  }

  /// `paths` are files of the stream in their order; those that are being written too, with what is in them by now.
  ///
  /// Faults are `notFound` where nothing is shown in the range, and `badInput` where the picture is another one from some moment on.
  public init(_ paths: [String], from: Int, to: Int) throws(Fault) {
    let scale = ViewPiece.timescale / 1000
    try Self.check(from: from, to: to)
    var joining = Joining(wanted: from * scale..<to * scale)
    for path in paths { try joining.add(path) }
    guard let first = joining.samples.first, let last = joining.shownEnd else {
      throw Fault(.notFound, "nothing of this stream was recorded then")
    }
    let shown = max(from * scale, first.pts)..<min(to * scale, last)
    guard !shown.isEmpty else { throw Fault(.notFound, "nothing of this stream was recorded then") }
    // Places are of as many bytes whatever they are, so that a header made without them is as long.
    let type = joining.head.prefix(FilmScan.length(of: joining.head, at: 0))
    func movie(_ start: Int) -> [UInt8]? {
      let samples = joining.samples.map { sample in
        var moved = sample
        moved.place += start
        return moved
      }
      return MovieHeader(head: joining.head, samples: samples, shown: shown).bytes()
    }
    guard let draft = movie(0), let whole = movie(type.count + draft.count + 16) else {
      throw Fault(.badInput, "the recording cannot be understood")
    }
    var writer = BoxWriter()
    writer.add(type)
    writer.add(whole)
    writer.number(1)
    writer.add("mdat".utf8)
    writer.number(16 + joining.byteCount, 8)
    header = writer.bytes
    parts = joining.parts
    byteCount = header.count + joining.byteCount
    self.from = FinishedFilm.milliseconds(shown.lowerBound)
    self.to = FinishedFilm.milliseconds(shown.upperBound)
  }

  /// The bytes of a range of the film.
  public func read(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    var bytes = Array(header[min(range.lowerBound, header.count)..<min(range.upperBound, header.count)])
    for part in parts {
      let start = header.count + part.place
      let wanted = range.clamped(to: start..<start + part.range.count)
      guard !wanted.isEmpty else { continue }
      let found = try part.file.read(part.range.lowerBound + wanted.lowerBound - start, wanted.count)
      guard found.count == wanted.count else { throw Fault(.unavailable, "a recording is shorter than it was") }
      bytes += found
    }
    return bytes
  }

  /// What of the files is in it.
  private struct Joining {
    let wanted: Range<Int>
    var head: [UInt8] = []
    var samples: [CodedSample] = []
    var parts: [Part] = []
    var byteCount = 0

    /// The end of what is shown last.
    var shownEnd: Int? { samples.filter { $0.pts < wanted.upperBound }.map { $0.pts + max(1, $0.duration) }.max() }

    mutating func add(_ path: String) throws(Fault) {
      let file = try FilmBytes(path)
      guard let scan = try FilmScan(file) else { return }
      let found = scan.samples.filter { $0.dts > samples.last?.dts ?? -1 }
      guard let last = found.lastIndex(where: { $0.pts < wanted.upperBound }),
        let start = found.lastIndex(where: { $0.isKey && $0.pts <= wanted.lowerBound })
          ?? found.firstIndex(where: \.isKey),
        start <= last
      else { return }
      // Nothing of it is needed where it ends before the range does begin.
      guard samples.isEmpty ? found[last].pts + max(1, found[last].duration) > wanted.lowerBound : true else { return }
      guard head.isEmpty || head == scan.head else {
        let moment = UTC.text(found[start].pts / ViewPiece.timescale)
        throw Fault(
          .badInput, "the stream's picture is another one from \(moment) on: ask up to then, and from then on")
      }
      head = scan.head
      let range = found[start].place..<found[last].end
      for sample in found[start...last] {
        var moved = sample
        moved.place += byteCount - range.lowerBound
        samples.append(moved)
      }
      parts.append(Part(file: file, range: range, place: byteCount))
      byteCount += range.count
    }
  }
}
