/// Found transitions held against true ones, as shot detection is measured in public.
///
/// A transition is the pair of the last frame of one shot and the first of the next. Both lists are gone through in order; two that
/// overlap, when each is widened by half the tolerance on both sides, are one hit, and neither counts again.
struct TransitionCount {
  var hits = 0
  var falseAlarms = 0
  var missed = 0

  var f1: Double { Double(2 * hits) / Double(max(1, 2 * hits + falseAlarms + missed)) }

  mutating func add(found: [(from: Int, to: Int)], truth: [(from: Int, to: Int)], tolerance: Int = 2) {
    var (at, other) = (0, 0)
    while at < truth.count, other < found.count {
      if found[other].to + tolerance < truth[at].from + 1 {
        (falseAlarms, other) = (falseAlarms + 1, other + 1)
      } else if found[other].from > truth[at].to - 1 + tolerance {
        (missed, at) = (missed + 1, at + 1)
      } else {
        (hits, at, other) = (hits + 1, at + 1, other + 1)
      }
    }
    missed += truth.count - at
    falseAlarms += found.count - other
  }
}
