internal import Base
internal import Vectors

/// What networks said of a film's frames in numbers, as it stands on the disk.
enum VectorTarget {
  /// Read, looked up by row and by time, and compared with itself.
  static func enter(_ bytes: [UInt8]) throws(Fault) {
    let set = try VectorSet(bytes)
    for (number, group) in set.groups.enumerated() where group.count > 0 {
      _ = set.group(group.network)
      for seconds in [-1, 0, 1.5, 1e12, .infinity] {
        let row = set.nearest(to: seconds, in: group)
        precondition(row.map { (0..<group.count).contains($0) } ?? true, "a row that its group does not have")
        let rows = set.rows(in: 0...max(0, seconds), of: group)
        precondition((0...group.count).contains(rows.upperBound), "rows that their group does not have")
      }
      for row in [0, group.count / 2, group.count - 1] {
        let numbers = set.vector(row, in: group)
        precondition(numbers.count == group.length, "a vector of another length than its group's")
        if let vector = UnitVector(numbers) { compare(vector, with: set, group, number) }
      }
      pair(set, group)
    }
  }

  private static func compare(
    _ vector: UnitVector, with set: VectorSet, _ group: VectorSet.Group, _ number: Int
  ) {
    for gap in [nil, 0, 2.5] {
      var search = NearestSearch(vector, limit: 3, gap: gap)
      search.look(at: set, group, number: number)
      search.look(at: set, group, number: number + 1, rows: [0..<1, group.count - 1..<group.count + 5])
      precondition(search.hits.count <= 3, "more results than were asked for")
      for hit in search.hits {
        precondition(hit.likeness.magnitude <= 1.01, "no cosine")
        precondition(hit.place.time.isFinite && hit.span.upperBound.isFinite, "a result without a time")
      }
    }
  }

  private static func pair(_ set: VectorSet, _ group: VectorSet.Group) {
    var pairs = LikenessPairs(length: group.length, frames: 4)
    for number in 0..<3 { pairs.add(set, group, number: number) }
    for pair in pairs.pairs(least: -1, limit: 5) {
      precondition(pair.a < pair.b && pair.likeness.magnitude <= 1.01 && pair.offset.isFinite, "no pair of two films")
    }
  }
}
