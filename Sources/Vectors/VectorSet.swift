public import Base

/// The vectors of one film, by the networks that gave them, as bytes that are read where they lie.
///
/// Little-endian: `RDLVECT1`, the number of groups, and for each its network's name, the length of its vectors and how many they are; then for each its
/// times, its tracks and its vectors, row by row in the order of time.
public struct VectorSet: Sendable {
  /// The vectors of one network.
  public struct Group: Sendable, Hashable {
    /// `NAME@sha256:…`.
    public let network: String
    /// Numbers of one vector.
    public let length: Int
    /// Vectors.
    public let count: Int
    let times: Int
    var tracks: Int { times + count * 8 }
    var vectors: Int { tracks + count * 4 }
    var end: Int { vectors + count * length * 4 }
  }

  /// One vector's place in its film.
  public struct Place: Sendable, Hashable {
    /// Seconds of the film.
    public let time: Double
    /// The object whose crop it is of; `nil` for a whole frame, and for a crop of what is not followed.
    public let track: Int?
  }

  static let magic = Array("RDLVECT1".utf8)
  /// Networks of one pipeline, at most.
  static let mostGroups = 64
  static let mostNameBytes = 1000
  /// Numbers of one vector, at most.
  public static let mostNumbers = 8192

  public let groups: [Group]
  let bytes: [UInt8]

  public var byteCount: Int { bytes.count }

  /// Takes any bytes, and looks at all of them; those that are no vectors are a fault.
  public init(_ bytes: [UInt8]) throws(Fault) {
    var reader = Reader(bytes: bytes)
    guard bytes.starts(with: Self.magic) else { throw Self.damaged }
    reader.place = Self.magic.count
    let count = try reader.number()
    guard count <= Self.mostGroups else { throw Self.damaged }
    var heads: [(name: String, length: Int, count: Int)] = []
    for _ in 0..<count {
      let name = try reader.text(try reader.number())
      let (length, count) = (try reader.number(), try reader.number())
      guard (1...Self.mostNumbers).contains(length) else { throw Self.damaged }
      heads.append((name, length, count))
    }
    var groups: [Group] = []
    for head in heads {
      let group = Group(network: head.name, length: head.length, count: head.count, times: reader.place)
      guard group.end <= bytes.count else { throw Self.damaged }
      reader.place = group.end
      groups.append(group)
    }
    guard reader.place == bytes.count else { throw Self.damaged }
    (self.groups, self.bytes) = (groups, bytes)
    for group in groups where !isSound(group) { throw Self.damaged }
  }

  /// Times only ever grow, and each vector has the length 1: what a disk changed would else be a likeness that there is not.
  private func isSound(_ group: Group) -> Bool {
    var last = -Double.infinity
    for row in 0..<group.count {
      let time = time(row, in: group)
      let place = group.vectors + row * group.length * 4
      let square = unsafe DotKernel.square(bytes.span.bytes, from: place, count: group.length)
      guard time.isFinite, time >= last, (square - 1).magnitude < 0.001 else { return false }
      last = time
    }
    return true
  }

  static let damaged = Fault(.badInput, "these are no vectors, or they were cut short")

  /// The vectors of one network; `nil` where it gave none.
  public func group(_ network: String) -> Group? { groups.first { $0.network.utf8.elementsEqual(network.utf8) } }

  public func place(_ row: Int, in group: Group) -> Place {
    precondition(row >= 0 && row < group.count, "the row is one of its group")
    let track = load(group.tracks + row * 4, as: Int32.self)
    return Place(time: time(row, in: group), track: track < 0 ? nil : Int(track))
  }

  func time(_ row: Int, in group: Group) -> Double { load(group.times + row * 8, as: Double.self) }

  /// One vector, as it is compared.
  public func vector(_ row: Int, in group: Group) -> [Float] {
    precondition(row >= 0 && row < group.count, "the row is one of its group")
    return (0..<group.length).map { load(group.vectors + (row * group.length + $0) * 4, as: Float.self) }
  }

  /// The rows whose times lie in a range of seconds.
  public func rows(in seconds: ClosedRange<Double>, of group: Group) -> Range<Int> {
    let from = first(in: group) { $0 >= seconds.lowerBound }
    return from..<max(from, first(in: group) { $0 > seconds.upperBound })
  }

  /// The row nearest to a moment of the film; `nil` where there is none.
  ///
  /// The first of several: whole frames come before crops of the same frame.
  public func nearest(to seconds: Double, in group: Group) -> Int? {
    guard group.count > 0, seconds.isFinite else { return nil }
    let after = first(in: group) { $0 >= seconds }
    var found = min(after, group.count - 1)
    if after > 0, after == group.count || seconds - time(after - 1, in: group) <= time(after, in: group) - seconds {
      found = after - 1
    }
    let moment = time(found, in: group)
    return min(found, first(in: group) { $0 >= moment })
  }

  private func first(in group: Group, where isBehind: (Double) -> Bool) -> Int {
    var (low, high) = (0, group.count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(time(middle, in: group)) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// A set of one group alone, with other numbers for each row; times and tracks stay.
  ///
  /// A row that `numbers` has none for is like nothing.
  func replacing(_ group: Group, length: Int, by numbers: (Int) -> [Float]?) -> VectorSet {
    var bytes = Self.magic
    bytes.reserveCapacity(64 + group.count * (12 + 4 * length))
    let name = Array(group.network.utf8)
    func put(_ number: UInt32) { VectorSetBuilder.put(number, &bytes) }
    for number in [1, name.count] { put(UInt32(number)) }
    bytes += name
    for number in [length, group.count] { put(UInt32(number)) }
    let times = bytes.count
    bytes += self.bytes[group.times..<group.vectors]
    for row in 0..<group.count {
      let row = numbers(row) ?? []
      // No number is as much alike as what is none.
      for place in 0..<length { put((place < row.count ? row[place] : .nan).bitPattern) }
    }
    return VectorSet(
      groups: [Group(network: group.network, length: length, count: group.count, times: times)], bytes: bytes)
  }

  private init(groups: [Group], bytes: [UInt8]) { (self.groups, self.bytes) = (groups, bytes) }

  private func load<Number: BitwiseCopyable>(_ place: Int, as type: Number.Type) -> Number {
    precondition(place >= 0 && place + MemoryLayout<Number>.size <= bytes.count, "it lies in the bytes")
    return unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: type)
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    mutating func number() throws(Fault) -> Int {
      guard place + 4 <= bytes.count else { throw VectorSet.damaged }
      defer { place += 4 }
      return Int(unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self))
    }

    mutating func text(_ count: Int) throws(Fault) -> String {
      guard count <= VectorSet.mostNameBytes, place + count <= bytes.count,
        let text = String(validating: bytes[place..<place + count], as: UTF8.self)
      else { throw VectorSet.damaged }
      place += count
      return text
    }
  }
}
