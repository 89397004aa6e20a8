public import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import Objects
internal import Store
internal import Vectors

/// How moments compare with what they are derived of.
public struct MomentsReport: Sendable, Hashable {
  /// Moments that should be there.
  public internal(set) var checked = 0
  /// Keys of what is missing, is another, or should not be there; the first thousand.
  public internal(set) var differences: [String] = []
  public internal(set) var differenceCount = 0

  public init(checked: Int = 0) { self.checked = checked }

  private static let most = 1000

  mutating func add(_ difference: String) {
    differenceCount += 1
    if differences.count < Self.most { differences.append(difference) }
  }
}

extension MomentDesk {
  /// Derives every moment anew and compares it with what stands there.
  ///
  /// What is written meanwhile may be told as a difference: verify again what changes.
  public func verify(progress: (Int) -> Void = { _ in }) throws(Fault) -> MomentsReport {
    guard try settle(within: 600) else {
      throw Fault(.unavailable, "the moments lag behind what others write: verify them once more")
    }
    var check = MomentCheck(library: library)
    try forEachClient { (client) throws(Fault) in
      try check.look(client)
      progress(check.report.checked)
    }
    return check.report
  }

  /// Takes all moments away and derives them anew; less is found until that is over.
  public func rebuild() throws(Fault) {
    try forEachClient { (client) throws(Fault) in _ = try library.deleteMoments(of: client) }
    for part in MomentReader.Part.allCases {
      _ = try library.table.write([.delete(part.position)])
      while try !MomentReader(library: library, part: part).follow(before: Clock.now + 60_000_000_000) {}
    }
  }

  private func forEachClient(_ body: (String) throws(Fault) -> Void) throws(Fault) {
    try library.table.forEach(Query(CompositeKey.joined("CLIENTS"), limit: 100), of: LibrarySchema.clients) {
      (entry) throws(Fault) in
      guard let name = CompositeKey.parts(of: entry.key.partition).last else { return }
      try body(name)
    }
  }
}

private struct MomentCheck {
  let library: Library
  var report = MomentsReport()

  private var table: any Table { library.table }

  mutating func look(_ client: String) throws(Fault) {
    // What is right is told apart by its key; what is left over should not be there.
    var left: [ItemKey: Item] = [:]
    let all = Query(CompositeKey.joined("CLIENT", client, "MOMENTS"), limit: ItemLimits.pageCount)
    var keys: [ItemKey] = []
    try table.forEach(all, of: LibrarySchema.moments) { (entry) in keys.append(entry.key) }
    for item in try table.present(keys) { left[item.key] = item }
    var words = MomentWords()
    for moment in try wanted(client) {
      report.checked += 1
      words.add(moment)
      let found = left.removeValue(forKey: moment.itemKey)
      if found.flatMap({ try? Moment($0) }) != moment { report.add(moment.itemKey.description) }
    }
    for key in left.keys { report.add(key.description) }
    for key in try words.missing(in: table) { report.add(key.description) }
  }

  private mutating func wanted(_ client: String) throws(Fault) -> [Moment] {
    var wanted: [Moment] = []
    try table.forEach(Query(CompositeKey.joined("CLIENT", client), limit: 100), of: LibrarySchema.client) {
      (entry) throws(Fault) in
      guard let item = try table.get(entry.key) else { return }
      wanted += try moments(of: try Asset(item))
    }
    var keys: [ItemKey] = []
    try table.forEach(
      Query(CompositeKey.joined("CLIENT", client, "EVENTS"), limit: ItemLimits.pageCount), of: LibrarySchema.events
    ) { (entry) in keys.append(entry.key) }
    for item in try table.present(keys) {
      // One that cannot be read has no moment, and none can be made of it.
      guard let event = try? StreamEvent(item) else {
        report.add(item.key.description)
        continue
      }
      if event.kind == .event, !event.stream.isEmpty { wanted.append(Moment(event)) }
    }
    return wanted
  }

  private mutating func moments(of asset: Asset) throws(Fault) -> [Moment] {
    var wanted: [Moment] = []
    for series in try MomentSet.series(of: asset.id, library) {
      guard let scores = try table.get(LibraryKeys.scores(asset.id, series: series)) else { continue }
      let key = LibraryKeys.momentHead(asset.id, series: series)
      guard let head = try table.get(key) else {
        report.add(key.description)
        continue
      }
      guard let named = try? MomentHead(head) else {
        report.add(key.description)
        continue
      }
      do throws(Fault) {
        let made = try AnalysisMoments(
          library: library, asset: asset, scores: try Scores(scores), generation: named.generation
        ).everything()
        wanted += made.moments
        try look(at: named, made.vectors)
        try look(at: LibraryKeys.cutMoments(named.client, asset.id, series: series), made.cut)
      } catch {
        // What cannot be read has no moments, as it has none for the reader.
        guard [.badInput, .notFound].contains(error.kind) else { throw error }
        try look(at: named, VectorSetBuilder())
      }
    }
    return wanted
  }

  /// That some are left out is said where it is so.
  private mutating func look(at key: ItemKey, _ cut: CutMoments?) throws(Fault) {
    if try table.get(key).flatMap({ try? CutMoments($0) }) != cut { report.add(key.description) }
  }

  /// The vectors that a head names are those that its analysis has, and their object is there.
  private mutating func look(at head: MomentHead, _ vectors: VectorSetBuilder) throws(Fault) {
    let digest = vectors.isEmpty ? nil : SHA256.hex(of: vectors.bytes())
    var isRight = digest == head.vectors?.object
    if isRight, let digest {
      isRight = try ObjectName(digest).map { (name) throws(Fault) in try library.objects.verify(name) } == .sound
    }
    if let reference = head.reference, try table.get(reference) == nil { isRight = false }
    if !isRight { report.add(head.itemKey.description) }
  }
}
