internal import Base
public import Catalog
internal import Glibc
internal import MediaProcess

/// A recording whose file is whole, and an ordinary MP4 film.
public struct FinishedFilm: Sendable {
  public let path: String
  public let label: RecordingLabel
  public let recording: Recording
  /// What it is called.
  public let name: String
}

extension FinishedFilm {
  /// Seconds without a new picture that are a gap.
  private static let gap = 2.0

  /// Finishes the file at `path`, which nobody writes any more, with what is shown up to a moment in ticks; `nil` where nothing is in it.
  ///
  /// May be done again after it was interrupted anywhere: it gives the same film, and one that is finished is not written any more, for it may be an
  /// object of a library by then.
  init?(finishing path: String, until told: Int? = nil) throws(Fault) {
    guard let scan = try FilmScan(path) else { return nil }
    let end = scan.label.until ?? told
    let samples = scan.samples(until: end)
    guard let first = samples.first(where: \.isKey),
      let last = samples.filter({ $0.pts <= end ?? .max }).map({ $0.pts + max(1, $0.duration) }).max(),
      last > first.pts
    else { return nil }
    let shown = first.pts..<last
    guard let movie = MovieHeader(head: scan.head, samples: samples, shown: shown).bytes() else { return nil }
    if !scan.isFinished {
      var label = scan.label
      label.until = end
      let place = LabelPlace(range: scan.labelRange, bytes: label.json)
      try Self.write(movie, to: path, behind: samples.last!.end, wrapper: scan.wrapper, place)
    }
    var recording = Recording(
      stream: scan.label.stream, kind: scan.label.kind, from: Self.milliseconds(shown.lowerBound),
      to: Self.milliseconds(shown.upperBound), event: scan.label.event)
    recording.gaps = Self.gaps(samples)
    self.init(path: path, label: scan.label, recording: recording, name: scan.label.name(from: recording.from))
  }

  /// What a moment in ticks is in milliseconds, to the nearest.
  static func milliseconds(_ ticks: Int) -> Int { (ticks + 45) / (ViewPiece.timescale / 1000) }

  /// Longer times in which no picture came than pictures usually lie apart; the film's first, where there are very many.
  private static func gaps(_ samples: [CodedSample]) -> [Recording.Gap] {
    let steps = zip(samples, samples.dropFirst()).map { $1.dts - $0.dts }
    let usual = steps.sorted()[safely: steps.count / 2] ?? 0
    let least = max(Int(gap * Double(ViewPiece.timescale)), 3 * usual)
    return samples.indices.dropLast().filter { steps[$0] >= least }.prefix(100).map { place in
      let times = samples[...place].suffix(17).map(\.pts)
      return Recording.Gap(
        from: milliseconds((times.max() ?? 0) + usual), to: milliseconds(samples[place + 1].pts))
    }
  }

  private struct LabelPlace {
    let range: Range<Int>
    let bytes: [UInt8]
  }

  private static func write(
    _ movie: [UInt8], to path: String, behind end: Int, wrapper: Int, _ label: LabelPlace
  ) throws(Fault) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError.last.fault("write", path) }
    defer { close(descriptor) }
    // Where it ends is known to whoever finishes it again, before anything is cut off.
    if label.bytes.count == label.range.count {
      let count = unsafe pwrite(descriptor, label.bytes, label.bytes.count, off_t(label.range.lowerBound))
      guard count == label.bytes.count, fsync(descriptor) == 0 else { throw SystemError.last.fault("write", path) }
    }
    guard ftruncate(descriptor, off_t(end)) == 0 else { throw SystemError.last.fault("write", path) }
    lseek(descriptor, off_t(end), SEEK_SET)
    do { unsafe try Descriptor.write(movie.span.bytes, to: descriptor) } catch {
      ftruncate(descriptor, off_t(end))
      throw error.fault("write", path)
    }
    // The tables are on the disk before anybody is told to read them.
    guard fsync(descriptor) == 0 else { throw SystemError.last.fault("write", path) }
    var head = BoxWriter()
    head.number(1)
    head.add("mdat".utf8)
    head.number(end - wrapper, 8)
    guard unsafe pwrite(descriptor, head.bytes, 16, off_t(wrapper)) == 16, fsync(descriptor) == 0 else {
      throw SystemError.last.fault("write", path)
    }
  }
}

extension Array {
  fileprivate subscript(safely place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
