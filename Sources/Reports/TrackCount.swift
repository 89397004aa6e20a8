internal import Predictions

/// Which label each track has in most of its frames, so that objects are counted and not their sightings.
///
/// Remembers the tracks that were seen lately; one that comes back after ``limit`` others counts again.
struct TrackCount: Sendable {
  private struct Track: Hashable {
    var step: Int
    var number: Int
  }

  private struct Votes {
    var counts: [Int: Int] = [:]
    var winner: Int?
    var frame = 0
  }

  static let limit = 4096
  private var votes: [Track: Votes] = [:]

  /// What the prediction changes: the row of a label that has one object more, and of one that has one less.
  mutating func add(_ prediction: Prediction, row: Int, frame: Int) -> (more: Int?, less: Int?) {
    guard let number = prediction.track else { return (nil, nil) }
    let track = Track(step: prediction.step, number: number)
    var own = votes[track] ?? Votes()
    let before = own.winner
    own.counts[row, default: 0] += 1
    own.frame = frame
    if before.map({ own.counts[row]! > own.counts[$0]! }) ?? true { own.winner = row }
    votes[track] = own
    if votes.count > Self.limit { forget() }
    return own.winner == before ? (nil, nil) : (own.winner, before)
  }

  /// Forgets the half that was not seen for longest.
  private mutating func forget() {
    let kept = votes.sorted { $0.value.frame > $1.value.frame }.prefix(Self.limit / 2)
    votes = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
  }
}
