internal import Base

/// What went over the link to a centre: bytes of HTTP, and questions that were answered.
public final class LinkTraffic: Sendable {
  public struct Counts: Sendable, Hashable {
    public var questions = 0
    /// Questions that were asked once more, because no answer came.
    public var repeated = 0
    public var bytesUp = 0
    public var bytesDown = 0
  }

  private let state = Monitor(Counts())

  public init() {}

  public var counts: Counts { state.update { $0 } }

  func add(up: Int, down: Int) {
    state.update { counts in
      counts.questions += 1
      counts.bytesUp += up
      counts.bytesDown += down
    }
  }

  func addRepeat() { state.update { $0.repeated += 1 } }
}
