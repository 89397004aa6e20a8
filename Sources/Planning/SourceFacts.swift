public import Base

/// What a plan and an estimate know of a video or picture before it is opened.
public struct SourceFacts: Sendable, Hashable {
  public var isPicture: Bool
  public var byteCount: Int
  /// Of the upright picture, in pixels.
  public var size: Size
  public var codec: String
  /// Seconds, to whole microseconds; `nil` for pictures and where it is not known.
  public let duration: Double?
  /// Frames a second, on average; 0/0 where it is not known.
  public var frameRate: Ratio

  public init(
    isPicture: Bool, byteCount: Int, size: Size, codec: String, duration: Double? = nil, frameRate: Ratio = Ratio(0, 0)
  ) {
    (self.isPicture, self.byteCount, self.size, self.codec) = (isPicture, byteCount, size, codec)
    (self.duration, self.frameRate) = (duration.map { ($0 * 1e6).rounded() / 1e6 }, frameRate)
  }

  /// Frames, as duration and rate tell them; 25 a second where the rate is not known.
  public var frameCount: Int {
    guard !isPicture, let duration, duration.isFinite, duration > 0, duration < 1e9 else { return 1 }
    return max(1, Int((duration * rate).rounded()))
  }

  /// What is looked at in its place: what is expected of a rendition before it is made; itself where it is taken as it is.
  public func seen(through proxy: RenditionSettings?) -> SourceFacts {
    guard let proxy, !isPicture, proxy.isLighter(than: size, rate: frameRate) else { return self }
    var seen = self
    (seen.size, seen.codec) = (proxy.size(of: size), "h264")
    if let fps = proxy.fps, !frameRate.isKnown || frameRate.value > fps {
      seen.frameRate = Ratio(Int((fps * 1000).rounded()), 1000)
    }
    return seen
  }

  var rate: Double { frameRate.isKnown ? min(frameRate.value, 1000) : 25 }
}

/// One network of a plan: exactly which bytes, and how they are run.
public struct PinnedModel: Sendable, Hashable {
  public var name: String
  /// Of all bytes that it is made of, and of what is put over its recipe.
  public var digest: String
  public var precision: Precision
  /// As the engine calls it: `CPU`.
  public var device: String

  public init(name: String, digest: String, precision: Precision, device: String) {
    (self.name, self.digest, self.precision, self.device) = (name, digest, precision, device)
  }
}
