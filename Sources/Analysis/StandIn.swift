public import Base
public import Media

/// A rendition that is looked at in the place of its film: what is found on it is told of the film's frames, with their numbers and times.
public struct StandIn: Sendable {
  public let film: MediaInfo
  public let rendition: Rendition

  public init(_ rendition: Rendition, for film: MediaInfo) { (self.rendition, self.film) = (rendition, film) }

  /// A frame of the rendition as the one of the film that it shows.
  func told(_ frame: Frame) throws(Fault) -> Frame {
    guard rendition.origins.indices.contains(frame.index) else {
      throw Fault(.badInput, "the rendition has more frames than it was made of: it is another one, or damaged")
    }
    return frame.told(as: rendition.origins[frame.index])
  }

  /// Frames of the rendition as those of the film, which ends here with the last one that is shown.
  ///
  /// What lies next to each other stays so.
  func told(_ frames: Range<Int>) -> Range<Int> {
    func place(_ number: Int) -> Int {
      number == 0
        ? 0
        : number < rendition.origins.count
          ? rendition.origins[number].index : (rendition.origins.last?.index ?? -1) + 1
    }
    return place(frames.lowerBound)..<place(frames.upperBound)
  }

  /// The rendition's frame that shows the film's; `nil` where none does.
  func number(of frame: Int) -> Int? { rendition.origins.firstIndex { $0.index == frame } }
}

extension StandIn {
  /// Makes the rendition of the film at `path` that a pipeline asks for, at `target`; `nil` where the film is taken as it is.
  ///
  /// That is a picture, or has no more lines and no more frames a second. `progress` as in `Rendition.make`; faults carry no path.
  public static func make(
    of path: String, at target: String, _ settings: RenditionSettings?,
    progress: (Double) throws(Fault) -> Void = { (_) throws(Fault) in }
  ) throws(Fault) -> StandIn? {
    guard let settings, let film = try film(path, settings) else { return nil }
    return StandIn(try Rendition.make(of: path, at: target, settings, progress: progress), for: film)
  }

  /// The film at `path`, where a rendition of it is looked at.
  public static func film(_ path: String, _ settings: RenditionSettings) throws(Fault) -> MediaInfo? {
    let info = try MediaReader(path).info
    return !info.isPicture && settings.isLighter(than: info.size, rate: info.frameRate) ? info : nil
  }
}
