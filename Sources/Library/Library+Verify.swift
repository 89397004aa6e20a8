public import Base
internal import Catalog
public import Items
internal import JSON
public import Store

/// What a recount found.
public struct TotalsReport: Sendable {
  /// A total, or a row of scores, that is not as a recount has it.
  public struct Difference: Sendable {
    public let key: ItemKey
    /// What stands there; `nil` for nothing.
    public let found: Item?
    /// The body that should stand there; `nil` for nothing.
    public let wanted: [UInt8]?
  }

  public internal(set) var assets = 0
  public internal(set) var totals = 0
  /// How many there are; ``differences`` holds the first of them.
  public private(set) var differenceCount = 0
  public private(set) var differences: [Difference] = []
  /// How many were mended.
  public internal(set) var mended = 0

  static let most = 1000

  mutating func add(_ difference: Difference) {
    differenceCount += 1
    if differences.count < Self.most { differences.append(difference) }
  }
}

extension Library {
  /// Recounts all assets and scores and compares every total with that, while writes go on.
  public func verify(progress: (Int) -> Void = { _ in }) throws(Fault) -> TotalsReport {
    try table.atOneMoment { (reader) throws(Fault) in
      var check = TotalsCheck(reader)
      try check.run(progress: progress)
      return check.report
    }
  }

  /// Compares every index of the store with the items, while writes go on.
  ///
  /// What is wrong there is not mended in place: a copy of the library has its indexes made anew.
  public func verifyIndexes() throws(Fault) -> [IndexReport] { try table.verify() }

  /// Verifies, and puts what is wrong in order; the last report says what is left, and ``TotalsReport/mended`` counts all that was mended.
  public func repair(progress: (Int) -> Void = { _ in }) throws(Fault) -> TotalsReport {
    var mended = 0
    for _ in 0..<20 {
      var report = try verify(progress: progress)
      guard report.differenceCount > 0 else {
        report.mended = mended
        return report
      }
      let position = try table.get(LibraryKeys.totalsPosition)
      for difference in report.differences { mended += try mend(difference, position) ? 1 : 0 }
    }
    var report = try verify(progress: progress)
    report.mended = mended
    return report
  }

  /// Mends one total or row, unless it was written since it was read.
  private func mend(_ difference: TotalsReport.Difference, _ position: Item?) throws(Fault) -> Bool {
    let condition = difference.found.map { Write.Condition.version($0.version) } ?? .absent
    let isTotal = difference.key.partition.utf8.starts(with: "TOTALS#".utf8)
    guard isTotal else {
      let write = Write(difference.key, difference.wanted.map { .put($0) } ?? .delete, if: condition)
      return try commits([write])
    }
    // A recount is right for one position of the reader; a number that was read is moved by the difference, wherever the reader is now.
    guard let now = try table.get(difference.key), let found = difference.found.flatMap({ try? Total($0) }),
      let moved = try? Total(now)
    else {
      let write = Write(difference.key, difference.wanted.map { .put($0) } ?? .delete, if: condition)
      let isStill = position.map {
        Write.check(LibraryKeys.totalsPosition, if: .version($0.version))
      }
      return try commits([write] + (isStill.map { [$0] } ?? []))
    }
    var total = moved
    if let wanted = try difference.wanted.map({ (body) throws(Fault) in
      try Total(Item(key: now.key, version: now.version, body: body))
    }) {
      total.add(wanted)
    }
    total.add(found, times: -1)
    return try commits([Write(difference.key, total.isEmpty ? .delete : .put(total.json), if: .version(now.version))])
  }

  private func commits(_ writes: [Write]) throws(Fault) -> Bool {
    if case .committed = try table.write(writes) { true } else { false }
  }
}
