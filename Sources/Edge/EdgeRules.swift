/// What a node forwards, and what of its disk that may take.
public struct EdgeRules: Sendable, Hashable {
  /// Pictures of best moments, and clips of events, go with the events.
  public var forwardsPictures = true
  public var forwardsClips = true
  /// What was found in films goes too.
  public var forwardsAnalyses = true
  /// Bytes of what waits to be forwarded, of recordings and of analyses together; `nil` for as much as the disk has.
  public var store: Int?
  /// Bytes a second that go over the link to the centre, both ways together; `nil` for no limit.
  public var rate: Int?

  public init() {}

  /// Bytes of entries that may wait: what is left of the store where nothing else is.
  var waiting: Int { store ?? .max }

  /// The same for one kind of lines: what was found in films leaves half of it to what happens, and pictures and recordings, which the centre may
  /// not take for long, a quarter to events.
  func waiting(_ kind: LedgerLine.Kind) -> Int {
    switch kind {
    case .event: waiting
    case .picture, .asked, .clip: waiting / 4 * 3
    case .analysis: waiting / 2
    }
  }
}
