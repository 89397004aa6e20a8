public import Base
public import Catalog

/// Times of which there are pictures of a stream, in their order.
public struct RecordedSpans: Sendable {
  public private(set) var all: [Recording.Gap] = []

  /// Milliseconds between two recordings that are one.
  private static let seam = 1000

  /// Of recordings in their order and of what is being written, as far as it lies in a range of milliseconds since 1970.
  public init(_ recordings: [Recording], open: [Recording.Gap], in range: ClosedRange<Int>) {
    let parts = recordings.flatMap(Self.parts) + open
    for part in parts.sorted(by: { $0.from < $1.from }) where part.to > range.lowerBound && part.from < range.upperBound
    {
      let (from, to) = (max(part.from, range.lowerBound), min(part.to, range.upperBound))
      if let last = all.last, from <= last.to + Self.seam {
        all[all.count - 1].to = max(last.to, to)
      } else {
        all.append(Recording.Gap(from: from, to: to))
      }
    }
  }

  private static func parts(of recording: Recording) -> [Recording.Gap] {
    let starts = [recording.from] + recording.gaps.map(\.to)
    let ends = recording.gaps.map(\.from) + [recording.to]
    return zip(starts, ends).map { Recording.Gap(from: $0, to: $1) }
  }

  /// Of files that are being written.
  public static func scan(_ paths: [String]) throws(Fault) -> [Recording.Gap] {
    var found: [Recording.Gap] = []
    for path in paths {
      // One that is finished meanwhile is told of by others.
      guard FileSystem.isThere(path), let scan = try FilmScan(path), let first = scan.samples.first else { continue }
      let end = scan.samples.map { $0.pts + max(1, $0.duration) }.max() ?? first.pts
      found.append(
        Recording.Gap(from: FinishedFilm.milliseconds(first.pts), to: FinishedFilm.milliseconds(end)))
    }
    return found
  }
}
