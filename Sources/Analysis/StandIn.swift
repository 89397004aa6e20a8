public import Base
internal import Glibc
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
  /// The film at `path`, where a rendition of it is looked at; `nil` where it is taken as it is.
  ///
  /// That is a picture, or has no more lines and no more frames a second.
  public static func film(_ path: String, _ settings: RenditionSettings) throws(Fault) -> MediaInfo? {
    let info = try MediaReader(path).info
    return !info.isPicture && settings.isLighter(than: info.size, rate: info.frameRate) ? info : nil
  }
}

/// A rendition in a file without a name: it goes with this object, or with the process, however that ends.
public final class ScratchRendition {
  public let path: String
  public let standIn: StandIn
  private let descriptor: Int32

  /// Makes it of the film at `path`; `progress` as in `Rendition.make`.
  ///
  /// Faults carry no path.
  public init(
    of path: String, _ film: MediaInfo, _ settings: RenditionSettings,
    progress: (Double) throws(Fault) -> Void = { (_) throws(Fault) in }
  ) throws(Fault) {
    let descriptor = try UnnamedFile.make()
    let target = "/proc/self/fd/\(descriptor)"
    do throws(Fault) {
      let made = try Rendition.make(of: path, at: target, settings, isInPlace: true, progress: progress)
      standIn = StandIn(made, for: film)
    } catch {
      close(descriptor)
      throw error
    }
    (self.path, self.descriptor) = (target, descriptor)
  }

  deinit { close(descriptor) }
}
