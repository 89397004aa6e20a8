/// What a user sets about content.
public struct ContentSettings: Sendable, Hashable {
  /// A label counts on a frame from this score, 0 to 1.
  public var score: Double
  /// Frames in which a label must count before it is told of a scene or of the film, or all there are where there are fewer: a label that
  /// flickers up once is none.
  public var frames: Int
  /// Labels told of each scene, and of the film, at most.
  public var labels: Int

  public init(score: Double = 0.25, frames: Int = 2, labels: Int = 10) {
    (self.score, self.frames, self.labels) = (score, frames, labels)
  }
}
