internal import Base

/// Decimal numbers as whole ones, where that gives the same text.
///
/// A list whose numbers are all written the same from `value * 10^digits` rounded is kept as those; any other, with values that JSON cannot
/// hold or that are too large, bit by bit. Where long runs are whole numbers, as the cells of maps are, those are kept as they are, apart
/// from the others, if that is shorter.
enum PackedNumbers {
  /// Whole numbers in a row from which on they are kept apart.
  private static let longRun = 64

  static func pack(_ values: [Double], digits: Int, asFloats: Bool) -> [UInt8] {
    let plain = packPlainly(values, digits: digits, asFloats: asFloats)
    guard digits > 0, let apart = packApart(values, digits: digits, asFloats: asFloats), apart.count < plain.count
    else {
      return plain
    }
    return apart
  }

  private static func packPlainly(_ values: [Double], digits: Int, asFloats: Bool) -> [UInt8] {
    let scaled = values.map { exact($0, digits, asFloats) }
    guard scaled.contains(nil) else { return [0] + PackedColumn.pack(scaled.map { $0! }) }
    return [1] + PackedColumn.pack(values.map { Int(bitPattern: UInt($0.bitPattern)) })
  }

  static func unpack(_ bytes: ArraySlice<UInt8>, _ count: Int, digits: Int) -> [Double]? {
    if bytes.first == 2 { return unpackApart(bytes.dropFirst(), count, digits: digits) }
    guard let form = bytes.first, let numbers = PackedColumn.unpack(bytes.dropFirst(), count) else { return nil }
    switch form {
    case 0: return numbers.map { Double($0) / JSONWriter.scale(digits) }
    case 1: return numbers.map { Double(bitPattern: UInt64(UInt(bitPattern: $0))) }
    default: return nil
    }
  }

  // MARK: - Whole numbers apart

  /// Form 2: how many runs; their lengths, by turns of other and of whole numbers; the whole ones; the others in form 0 or 1.
  ///
  /// `nil` where there is no long run of whole numbers.
  private static func packApart(_ values: [Double], digits: Int, asFloats: Bool) -> [UInt8]? {
    let ends = wholeRuns(values)
    guard !ends.isEmpty else { return nil }
    var (lengths, whole, others, place): ([Int], [Int], [Double], Int) = ([], [], [], 0)
    for run in ends {
      lengths += [run.lowerBound - place, run.count]
      others += values[place..<run.lowerBound]
      whole += values[run].map { Int($0) }
      place = run.upperBound
    }
    others += values[place...]
    var bytes: [UInt8] = [2]
    put(lengths.count, &bytes)
    for column in [PackedColumn.pack(lengths), PackedColumn.pack(whole)] {
      put(column.count, &bytes)
      bytes += column
    }
    return others.isEmpty ? bytes : bytes + packPlainly(others, digits: digits, asFloats: asFloats)
  }

  private static func wholeRuns(_ values: [Double]) -> [Range<Int>] {
    var (runs, start): ([Range<Int>], Int) = ([], 0)
    for place in 0...values.count {
      // Minus zero is written as zero is.
      if place < values.count, values[place].magnitude < 0x1p20, values[place] == values[place].rounded() { continue }
      if place - start >= longRun { runs.append(start..<place) }
      start = place + 1
    }
    return runs
  }

  private static func put(_ number: Int, _ bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  private static func unpackApart(_ bytes: ArraySlice<UInt8>, _ count: Int, digits: Int) -> [Double]? {
    var rest = bytes
    func number() -> Int? {
      guard rest.count >= 4 else { return nil }
      defer { rest = rest.dropFirst(4) }
      return rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    func column(_ count: Int) -> [Int]? {
      guard let length = number(), length <= rest.count else { return nil }
      defer { rest = rest.dropFirst(length) }
      return PackedColumn.unpack(rest.prefix(length), count)
    }
    guard let runs = number(), runs > 0, runs % 2 == 0, runs <= count + 2, let lengths = column(runs),
      lengths.allSatisfy({ (0...count).contains($0) }), lengths.reduce(0, +) <= count
    else { return nil }
    let wholeCount = stride(from: 1, to: runs, by: 2).reduce(0) { $0 + lengths[$1] }
    guard let whole = column(wholeCount) else { return nil }
    var others: [Double] = []
    if count > wholeCount {
      guard rest.first != 2, let found = unpack(rest, count - wholeCount, digits: digits) else { return nil }
      others = found
    }
    var (values, fromWhole, fromOthers): ([Double], Int, Int) = ([], 0, 0)
    for (turn, length) in lengths.enumerated() {
      if turn % 2 == 1 {
        values += whole[fromWhole..<fromWhole + length].map { Double($0) }
        fromWhole += length
      } else {
        guard fromOthers + length <= others.count else { return nil }
        values += others[fromOthers..<fromOthers + length]
        fromOthers += length
      }
    }
    return values + others[fromOthers...]
  }

  /// `nil` where a value that is read again would be written otherwise.
  private static func exact(_ value: Double, _ digits: Int, _ asFloat: Bool) -> Int? {
    guard let number = rounded(value, digits) else { return nil }
    let again = Double(number) / JSONWriter.scale(digits)
    return rounded(asFloat ? Double(Float(again)) : again, digits) == number ? number : nil
  }

  /// As `JSONWriter` rounds.
  private static func rounded(_ value: Double, _ digits: Int) -> Int? {
    let scaled = JSONWriter.scaled(value, by: JSONWriter.scale(digits))
    guard scaled < 0x1p50 else { return nil }
    return value < 0 ? -Int(scaled) : Int(scaled)
  }
}
