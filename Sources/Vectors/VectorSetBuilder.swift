internal import Base

/// Gathers the vectors of a film, and makes a set of them.
///
/// Where they would take more bytes than a set may have, every second of those that there are goes, and from then on every second that comes.
public struct VectorSetBuilder: Sendable {
  private struct Row {
    let order: Int
    let time: Double
    let track: Int32
    let isCrop: Bool
    let numbers: [Float]
  }

  private struct Group {
    let network: String
    let length: Int
    let hasLabels: Bool
    var rows: [Row] = []
    var seen = 0
    /// One row in so many is kept.
    var step = 1
  }

  private var groups: [Group] = []
  private var places: [[UInt8]: Int] = [:]
  private let mostBytes: Int
  /// Vectors that have no direction, or another length than the first of their network; they are not found.
  public private(set) var skipped = 0

  /// `mostBytes` are those of the vectors of one network.
  public init(mostBytes: Int = 96 << 20) { self.mostBytes = mostBytes }

  public var isEmpty: Bool { groups.isEmpty }
  /// The networks that gave vectors, how many they are, and whether their numbers belong to labels.
  public var networks: [(network: String, count: Int, hasLabels: Bool)] {
    groups.map { ($0.network, $0.rows.count, $0.hasLabels) }
  }

  /// Takes a vector of a frame, or of an object in it: of `network`, at `time` seconds; with `hasLabels` its numbers are probabilities of labels.
  public mutating func add(
    _ numbers: [Float], network: String, time: Double, isCrop: Bool = false, track: Int? = nil, hasLabels: Bool = false
  ) {
    guard numbers.count <= VectorSet.mostNumbers, network.utf8.count <= VectorSet.mostNameBytes, time.isFinite,
      let vector = UnitVector(numbers), let place = place(network, numbers.count, hasLabels)
    else { return skipped += 1 }
    let order = groups[place].seen
    groups[place].seen += 1
    guard order % groups[place].step == 0 else { return }
    groups[place].rows.append(
      Row(
        order: order, time: time, track: track.flatMap { Int32(exactly: $0) } ?? -1, isCrop: isCrop || track != nil,
        numbers: vector.numbers))
    while groups[place].rows.count > 1, groups[place].rows.count * (numbers.count * 4 + 12) > mostBytes {
      groups[place].step *= 2
      let step = groups[place].step
      groups[place].rows.removeAll { $0.order % step != 0 }
    }
  }

  private mutating func place(_ network: String, _ length: Int, _ hasLabels: Bool) -> Int? {
    let key = Array(network.utf8)
    if let place = places[key] { return groups[place].length == length ? place : nil }
    guard groups.count < VectorSet.mostGroups else { return nil }
    groups.append(Group(network: network, length: length, hasLabels: hasLabels))
    places[key] = groups.count - 1
    return groups.count - 1
  }

  /// The bytes of a set: the same for the same vectors, whichever way they came.
  public func bytes() -> [UInt8] {
    let groups = groups.sorted { $0.network.utf8.lexicographicallyPrecedes($1.network.utf8) }
    var bytes = VectorSet.magic
    bytes.reserveCapacity(groups.reduce(1024) { $0 + $1.rows.count * ($1.length * 4 + 12) })
    Self.put(UInt32(groups.count), &bytes)
    for group in groups {
      let name = Array(group.network.utf8)
      for number in [name.count] { Self.put(UInt32(number), &bytes) }
      bytes += name
      for number in [group.length, group.rows.count] { Self.put(UInt32(number), &bytes) }
    }
    for group in groups {
      let rows = group.rows.sorted { ($0.time, $0.isCrop ? 1 : 0, $0.order) < ($1.time, $1.isCrop ? 1 : 0, $1.order) }
      for row in rows { Self.put(row.time.bitPattern, &bytes) }
      for row in rows { Self.put(UInt32(bitPattern: row.track), &bytes) }
      for row in rows { for number in row.numbers { Self.put(number.bitPattern, &bytes) } }
    }
    return bytes
  }

  /// The lowest byte first.
  static func put<Number: FixedWidthInteger>(_ number: Number, _ bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }
}
