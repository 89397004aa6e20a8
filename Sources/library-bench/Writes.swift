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
    report(try changeTags("change of a tag", access: 2))
    try bench.library.settle()
    let (move, settling) = try move()
    report(move)
    report(settling)
    report(try delete("delete", access: 4))
    try bench.library.settle()
  }

  func changeTags(_ name: String, access: Int) throws(Fault) -> Finding {
    var turn = 0
    return try measure(name, access: access) { (bench, number) throws(Fault) in
      turn += 1
      var edit = AssetEdit()
      edit.tags = ["tag \(turn % 50)"]
      _ = try bench.library.update(Rows.id(number).text, edit, scope: .all)
    }
  }

  func delete(_ name: String, access: Int) throws(Fault) -> Finding {
    try measure(name, access: access) { (bench, number) throws(Fault) in
      try bench.library.delete(Rows.id(number).text, scope: .all)
    }
  }

  /// Cost of one run after the other, each of an asset of its own.
  func measure(
    _ name: String, access: Int, _ run: (Bench, Int) throws(Fault) -> Void
  ) throws(Fault) -> Finding {
    var cost = Cost()
    for batch in 0..<Self.batches {
      cost.beginBatch()
      for round in 0...Self.rounds {
        let number = Self.number(access, batch, round, of: bench.count)
        try measure(round > 0, &cost) { () throws(Fault) in try run(bench, number) }
      }
    }
    return finding(name, cost)
  }

  private func measure(_ counts: Bool, _ cost: inout Cost, _ run: () throws(Fault) -> Void) throws(Fault) {
    let (read, written) = (bench.table.pagesRead, try bench.table.pagesOfWriter())
    let began = Moment()
    try run()
    let ended = Moment()
    let pages = try bench.table.pagesOfWriter() - own - written + bench.table.pagesRead - read
    // the first make statements
    if counts { cost.add(began.until(ended), pages: pages) }
  }

  /// Every tree has about as many levels as that of items.
  private func finding(_ name: String, _ cost: Cost, byHand: Cost? = nil) -> Finding {
    Finding(
      name, bench.count, found: 1, walks: cost.medianPages / Double(bench.levels), cost, byHand: byHand)
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
        let other = Rows.asset(number + 1, analyses: 0)
        // the text index merges after every 64th write: it must not always be the same one's
        if round % 2 == 0 { try insert(other, round > 0, &byHand) }
        try measure(round > 0, &cost) { () throws(Fault) in _ = try bench.library.add(asset) }
        if round % 2 == 1 { try insert(other, true, &byHand) }
      }
    }
    try bench.library.settle()
    return finding("add, without its bytes", cost, byHand: byHand)
  }

  private func insert(_ asset: Asset, _ counts: Bool, _ cost: inout Cost) throws(Fault) {
    let rows = try bench.plain.rows(of: AssetChange.add(asset, client: ItemVersion(1)))
    let (pages, began) = (bench.plain.pagesRead, Moment())
    try bench.plain.insert(rows)
    let ended = Moment()
    if counts { cost.add(began.until(ended), pages: bench.plain.pagesRead - pages) }
  }

  private func publish() throws(Fault) -> Finding {
    let finding = try measure("publish an analysis", access: 1) { (bench, number) throws(Fault) in
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
    return (finding("move to another group", moving), finding("totals follow a move", settling))
  }
}
