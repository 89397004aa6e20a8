/// How much lighter than its film a rendition is: `360p`, or `240p@5` where it has fewer frames too.
public struct RenditionSettings: Sendable, Hashable {
  /// Lines of the upright picture; a film that has no more keeps its size.
  public var height: Int
  /// Frames a second, as sampling takes them; `nil` for all.
  public var fps: Double?

  public init(height: Int, fps: Double? = nil) {
    precondition(height > 0 && fps ?? 1 > 0, "a rendition has lines and frames")
    (self.height, self.fps) = (height, fps)
  }

  /// What ``init(parsing:)`` takes, for a person.
  public static let expected = "lines from 16 to 4320, and frames a second, such as 360p or 360p@5"

  /// `360p`, `360p@5` or `360@12.5`; `nil` for anything else.
  public init?(parsing text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let lines = parts[0].last == "p" ? parts[0].dropLast() : parts[0]
    let rate = parts.count == 2 ? Double(parts[1]) : nil
    guard let height = Int(lines), (16...4320).contains(height), parts.count <= 2,
      parts.count == 1 || rate.map({ (0.01...1000).contains($0) }) == true
    else { return nil }
    self.init(height: height, fps: rate)
  }

  /// As ``init(parsing:)`` takes it, in one spelling.
  public var text: String {
    guard let fps else { return "\(height)p" }
    return "\(height)p@" + (fps == fps.rounded() ? "\(Int(fps))" : "\(fps)")
  }

  public var sampling: Sampling { fps.map { .fps($0) } ?? .all }

  /// Sides are even, as 4:2:0 needs them, so that no column or row is added.
  public func size(of film: Size) -> Size {
    let height = max(2, min(self.height, film.height) / 2 * 2)
    let width = Double(film.width) * Double(height) / Double(film.height)
    return Size(width: max(2, Int((width / 2).rounded()) * 2), height: height)
  }

  /// Whether a film of this size and rate has more lines or more frames; 0/0 is a rate that is not known, and counts as more.
  public func isLighter(than film: Size, rate: Ratio) -> Bool {
    film.height > height || fps.map { !rate.isKnown || rate.value > $0 } ?? false
  }
}
