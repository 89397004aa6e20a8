import Base
import Catalog
import Items
import Library
import Store

/// Ways to write, each measured by the pages that its reading and its writing ask for.
///
/// Without waiting for the disk but where it is said: the wait is the same at any size, and so long that nothing else would show.
struct Writes {
  let bench: Bench
  /// Pages that asking the writer for its pages costs itself.
  private let own: Int
  private var added: [Asset] = []

  init(_ bench: Bench) throws(Fault) {
    self.bench = bench
    let first = try bench.table.pagesOfWriter()
    own = try bench.table.pagesOfWriter() - first
  }

  private static let batches = 5
  private static let rounds = 60

  /// An asset that only the round of one measurement gets.
  private static func number(_ access: Int, _ batch: Int, _ round: Int, of count: Int) -> Int {
    // by a prime, so that rounds lie far from each other
    ((access * batches + batch) * (rounds + 1) + round) * 7_919 % count
  }

  mutating func run(_ report: (Finding) -> Void) throws(Fault) {
    // what reading left of the file's changes
    try bench.library.settle()
    report(try add())
    report(try publish())
    var random = 0
    report(
      try measure("change of a tag", access: 2, walks: 2 + 11 * 2) { (bench, number) throws(Fault) in
        random += 1
        try Self.tag(bench, number, "tag \(random % 50)")
      })
    try bench.library.settle()
    let (move, settling) = try move()
    report(move)
    report(settling)
    report(
      try measure("delete", access: 4, walks: 40) { (bench, number) throws(Fault) in
        try bench.library.delete(Rows.id(number).text, scope: .all)
      })
    try bench.library.settle()
  }

  static func tag(_ bench: Bench, _ number: Int, _ tag: String) throws(Fault) {
    var edit = AssetEdit()
    edit.tags = [tag]
    _ = try bench.library.update(Rows.id(number).text, edit, scope: .all)
  }

  /// Cost of one run after the other, each of an asset of its own.
  func measure(
    _ name: String, access: Int, walks: Double, _ run: (Bench, Int) throws(Fault) -> Void
  ) throws(Fault) -> Finding {
    var cost = Cost()
    for batch in 0..<Self.batches {
      cost.beginBatch()
      for round in 0...Self.rounds {
        let number = Self.number(access, batch, round, of: bench.count)
        try measure(round > 0, &cost) { () throws(Fault) in try run(bench, number) }
      }
    }
    return finding(name, walks, cost)
  }

  private func measure(_ counts: Bool, _ cost: inout Cost, _ run: () throws(Fault) -> Void) throws(Fault) {
    let (read, written) = (bench.table.pagesRead, try bench.table.pagesOfWriter())
    let began = Clock.now
    try run()
    let ended = Clock.now
    let pages = try bench.table.pagesOfWriter() - own - written + bench.table.pagesRead - read
    // the first make statements
    if counts { cost.add(nanoseconds: ended - began, pages: pages) }
  }

  private func finding(_ name: String, _ walks: Double, _ cost: Cost, byHand: Cost? = nil) -> Finding {
    var finding = Finding()
    (finding.access, finding.count, finding.found, finding.walks) = (name, bench.count, 1, walks)
    (finding.median, finding.slowest, finding.pages) = (cost.median, cost.slowestHundredth, cost.meanPages)
    if let byHand {
      (finding.handMedian, finding.handSlowest) = (byHand.median, byHand.slowestHundredth)
      finding.handPages = byHand.meanPages
    }
    return finding
  }

  /// Beside it the bare rows of other assets, without conditions and without a change.
  private mutating func add() throws(Fault) -> Finding {
    var (cost, byHand) = (Cost(), Cost())
    for batch in 0..<Self.batches {
      cost.beginBatch()
      byHand.beginBatch()
      for round in 0...Self.rounds {
        let number = bench.count + 2 * (batch * (Self.rounds + 1) + round)
        let asset = Rows.asset(number, analyses: 0)
        try measure(round > 0, &cost) { () throws(Fault) in _ = try bench.library.add(asset) }
        let other = Rows.asset(number + 1, analyses: 0)
        let rows = try bench.plain.rows(of: AssetChange.add(other, client: ItemVersion(1)))
        let (pages, began) = (bench.plain.pagesRead, Clock.now)
        try bench.plain.insert(rows)
        let ended = Clock.now
        if round > 0 { byHand.add(nanoseconds: ended - began, pages: bench.plain.pagesRead - pages) }
      }
    }
    try bench.library.settle()
    return finding("add, without its bytes", 40, cost, byHand: byHand)
  }

  private func publish() throws(Fault) -> Finding {
    let finding = try measure("publish an analysis", access: 1, walks: 40) { (bench, number) throws(Fault) in
      let asset = Rows.asset(number)
      let analysis = Rows.analysis(of: asset, number + 1, pipeline: "sha256:" + Rows.hex(3, 90))
      try bench.library.publish(
        FinishedAnalysis(analysis: analysis, scores: Rows.scores(number, salt: 80), held: []))
    }
    try bench.library.settle()
    return finding
  }

  /// To another client, and what totals then cost to follow.
  private func move() throws(Fault) -> (Finding, Finding) {
    var (moving, settling) = (Cost(), Cost())
    for batch in 0..<Self.batches {
      moving.beginBatch()
      settling.beginBatch()
      for round in 0...Self.rounds {
        let number = Self.number(3, batch, round, of: bench.count)
        var edit = AssetEdit()
        edit.group = Reads.group(number + 1_000_003)
        try measure(round > 0, &moving) { () throws(Fault) in
          _ = try bench.library.update(Rows.id(number).text, edit, scope: .all)
        }
        try measure(round > 0, &settling) { () throws(Fault) in _ = try bench.library.settle() }
      }
    }
    return (finding("move to another group", 40, moving), finding("totals follow a move", 60, settling))
  }
}
