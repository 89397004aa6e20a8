internal import Base

/// The predictions of some frames, column by column.
struct PackedBlock {
  /// Whole numbers, in the order in which they stand.
  ///
  /// The comment says how many there are.
  enum Whole: Int, CaseIterable {
    // one a frame
    case predictions, file, index, hasPTS
    // one a frame with a timestamp
    case pts
    // one a prediction
    case model, step, kind, label, hasScore, hasBox, text, hasTrack, hasParent, state, hasSpan, points, hasMask
    case vectorLength, hasTensor
    // one a prediction that has it
    case track, parent
    // one a point
    case pointName, pointHasScore
    // one a mask
    case maskWidth, maskHeight, maskRuns
    // one a run
    case run
    // one a tensor
    case tensorName, tensorElement, tensorRank
    // one a dimension, -1 for an open one
    case side
  }

  /// Decimal numbers, behind those.
  enum Decimal: Int, CaseIterable {
    // one a frame
    case time
    // one a prediction that has it
    case score, x, y, width, height, from, to
    // one a point
    case pointX, pointY
    // one a point with a score
    case pointScore
    // one a mask
    case share
    // one a number of a vector
    case vector
    // one a tensor
    case minimum, maximum, mean

    /// Decimals that JSON has.
    var digits: Int {
      switch self {
      case .score, .pointScore, .share: 4
      case .x, .y, .width, .height, .pointX, .pointY: 5
      case .time, .from, .to, .vector, .minimum, .maximum, .mean: 6
      }
    }

    var isFloat: Bool {
      switch self {
      case .score, .pointScore, .vector, .minimum, .maximum, .mean: true
      default: false
      }
    }
  }

  var whole = [[Int]](repeating: [], count: Whole.allCases.count)
  var decimal = [[Double]](repeating: [], count: Decimal.allCases.count)

  subscript(_ column: Whole) -> [Int] {
    get { whole[column.rawValue] }
    set { whole[column.rawValue] = newValue }
    _modify { yield &whole[column.rawValue] }
  }

  subscript(_ column: Decimal) -> [Double] {
    get { decimal[column.rawValue] }
    set { decimal[column.rawValue] = newValue }
    _modify { yield &decimal[column.rawValue] }
  }

  /// More numbers than this are not in a column of a block that is read, whatever it says.
  static let mostNumbers = 1 << 24

  /// Numbers of all columns together.
  private(set) var numberCount = 0

  /// Numbers of the longest columns together, by which a block is full.
  var weight: Int {
    self[.kind].count + self[.run].count + self[.pointName].count + self[.vectorLength].count
      + decimal[Decimal.vector.rawValue].count
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func put(_ column: [UInt8]) {
      for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: column.count >> shift)) }
      bytes += column
    }
    for column in whole { put(column.isEmpty ? [] : PackedColumn.pack(column)) }
    for (column, values) in zip(Decimal.allCases, decimal) {
      put(values.isEmpty ? [] : PackedNumbers.pack(values, digits: column.digits, asFloats: column.isFloat))
    }
    return bytes
  }

  init() {}

  /// Reads a block that says that it has so many frames; a fault where it is not one, whatever its bytes are.
  ///
  /// `most` are the numbers that its columns may have together: a few bytes can stand for many.
  init(_ bytes: [UInt8], frames: Int, most: Int = .max) throws(Fault) {
    var columns = Columns(bytes)
    func note(_ count: Int) throws(Fault) {
      numberCount += count
      guard numberCount <= most else {
        throw Fault(.tooLarge, "a block of packed predictions has more than \(most) numbers")
      }
    }
    func read(_ column: Whole, _ count: Int) throws(Fault) -> [Int] {
      try note(count)
      let slice = try columns.next(count)
      guard count > 0 else { return [] }
      guard let numbers = PackedColumn.unpack(slice, count) else { throw Self.damaged }
      return numbers
    }
    for column in Whole.allCases { self[column] = try read(column, count(column, frames: frames)) }
    for column in Decimal.allCases {
      let count = try count(column, frames: frames)
      try note(count)
      let slice = try columns.next(count)
      guard count > 0 else { continue }
      guard let values = PackedNumbers.unpack(slice, count, digits: column.digits) else { throw Self.damaged }
      self[column] = values
    }
    guard columns.isAtEnd else { throw Self.damaged }
  }

  static let damaged = Fault(.badInput, "the packed predictions are damaged")

  /// How many numbers a column has, by what stands before it.
  private func count(_ column: Whole, frames: Int) throws(Fault) -> Int {
    switch column {
    case .predictions, .file, .index, .hasPTS: try Self.checked(frames)
    case .pts: self[.hasPTS].count { $0 == 1 }
    case .model, .step, .kind, .label, .hasScore, .hasBox, .text, .hasTrack, .hasParent, .state, .hasSpan, .points,
      .hasMask, .vectorLength, .hasTensor:
      try Self.sum(self[.predictions])
    case .track: self[.hasTrack].count { $0 == 1 }
    case .parent: self[.hasParent].count { $0 == 1 }
    case .pointName, .pointHasScore: try Self.sum(self[.points])
    case .maskWidth, .maskHeight, .maskRuns: self[.hasMask].count { $0 == 1 }
    case .run: try Self.sum(self[.maskRuns])
    case .tensorName, .tensorElement, .tensorRank: self[.hasTensor].count { $0 == 1 }
    case .side: try Self.sum(self[.tensorRank])
    }
  }

  private func count(_ column: Decimal, frames: Int) throws(Fault) -> Int {
    switch column {
    case .time: frames
    case .score: self[.hasScore].count { $0 == 1 }
    case .x, .y, .width, .height: self[.hasBox].count { $0 == 1 }
    case .from, .to: self[.hasSpan].count { $0 == 1 }
    case .pointX, .pointY: self[.pointName].count
    case .pointScore: self[.pointHasScore].count { $0 == 1 }
    case .share: self[.maskWidth].count
    case .vector: try Self.sum(self[.vectorLength])
    case .minimum, .maximum, .mean: self[.tensorName].count
    }
  }

  private static func sum(_ counts: [Int]) throws(Fault) -> Int {
    var sum = 0
    for count in counts {
      guard (0...mostNumbers).contains(count) else { throw damaged }
      sum += count
    }
    return try checked(sum)
  }

  private static func checked(_ count: Int) throws(Fault) -> Int {
    guard (0...mostNumbers).contains(count) else { throw damaged }
    return count
  }
}

/// The columns of a block's bytes, one by one.
private struct Columns {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  /// The bytes of the next column; none, exactly, for one without numbers.
  mutating func next(_ count: Int) throws(Fault) -> ArraySlice<UInt8> {
    guard bytes.count - place >= 4 else { throw PackedBlock.damaged }
    let length = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    place += 4
    guard length <= bytes.count - place, (length == 0) == (count == 0) else { throw PackedBlock.damaged }
    defer { place += length }
    return bytes[place..<place + length]
  }
}
