internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects
internal import Store
internal import Vectors

/// The moments of one asset by one series of analyses, which take the place of those before them all at once.
///
/// A new writing stands beside the old one, unseen, until the head names it. Whoever is killed on the way, or is slower than another, leaves what the
/// next one overwrites or takes away.
struct MomentSet {
  let library: Library
  let asset: ULID
  let series: String
  let complain: @Sendable (Fault) -> Void
  /// As ``AnalysisMoments/most``.
  var most = AnalysisMoments.usualMost

  private var table: any Table { library.table }

  /// Writes of one transaction beside its conditions.
  private static let chunk = 90

  /// Which series an asset has by now, or had moments of.
  static func series(of asset: ULID, _ library: Library) throws(Fault) -> [String] {
    var found: [String] = []
    for query in [
      Query(LibraryKeys.assetPartition(asset), .prefix(LibraryKeys.scores)),
      Query(LibraryKeys.momentPartition(asset), .prefix(LibraryKeys.momentHeads)),
    ] {
      try library.table.forEach(query) { (item) in found += CompositeKey.parts(of: item.key.sort).dropFirst() }
    }
    var known: Set<[UInt8]> = []
    return found.filter { known.insert(Array($0.utf8)).inserted }
  }

  /// What an attempt came to.
  private enum Outcome { case done, missed, changed }

  /// Brings them up to what stands there by now; where that is named already, and `skipsNamed` says so, only older writings go.
  ///
  /// What others change meanwhile is read once more; what they do not leave alone is tried again later, as what cannot be read is.
  func renew(skipsNamed: Bool = false) throws(Fault) {
    for _ in 0..<5 {
      switch try attempt(skipsNamed) {
      case .done: return
      case .missed: break
      case .changed: continue
      }
      break
    }
    _ = try table.write([.put(LibraryKeys.missedMoments(asset, series: series), Array("{}".utf8))])
  }

  /// Tries those once more that could not be read.
  static func retryMissed(_ library: Library, complain: @escaping @Sendable (Fault) -> Void) throws(Fault) {
    let query = Query(LibraryKeys.momentsOfAnalyses.partition, .prefix(LibraryKeys.missedMoments))
    for item in try library.table.items(query).elements {
      let parts = CompositeKey.parts(of: item.key.sort)
      guard parts.count == 3, let asset = ULID(parts[1]) else { continue }
      let set = MomentSet(library: library, asset: asset, series: parts[2], complain: complain)
      guard try set.attempt(false) == .done else { continue }
      _ = try library.table.write([.delete(item.key)])
    }
  }

  private func attempt(_ skipsNamed: Bool) throws(Fault) -> Outcome {
    let keys = [
      LibraryKeys.asset(asset), LibraryKeys.scores(asset, series: series),
      LibraryKeys.momentHead(asset, series: series),
    ]
    let found = try table.get(keys)
    guard let item = found[0], let scores = found[1] else {
      if found[0] == nil, let head = readableHead(found[2]) {
        try AlertMarks(table: table, client: head.client).forget(.asset(asset))
      }
      try remove(upTo: nil, head: found[2])
      return .done
    }
    guard let client = try readable({ () throws(Fault) in try Scores(scores).group.client }),
      let open = try library.openVersion(of: client)
    else { return .done }
    // Both were written for this: the time of the asset too decides on its moments.
    let generation = max(item.version.number, scores.version.number)
    let named = readableHead(found[2])?.generation
    if skipsNamed, named == generation {
      try remove(upTo: generation - 1)
      return .done
    }
    let made = try readable { () throws(Fault) in
      try AnalysisMoments(
        library: library, asset: try Asset(item), scores: try Scores(scores), generation: generation, most: most
      ).everything()
    }
    // What cannot be read here may have been read elsewhere.
    if made == nil, named == generation { return .missed }
    let isStill: [Write] = [
      .check(keys[1], if: .version(scores.version)), .check(LibraryKeys.client(client), if: .version(open)),
    ]
    let head = MomentHead(
      asset: asset, client: client, series: series, generation: generation, count: made?.moments.count ?? 0)
    guard try replace(found[2], of: item, by: head, made ?? AnalysisMoments.Found(), isStill) else { return .changed }
    return made == nil ? .missed : .done
  }

  /// `false` where it was changed meanwhile.
  private func replace(
    _ old: Item?, of item: Item, by new: MomentHead, _ made: AnalysisMoments.Found, _ isStill: [Write]
  ) throws(Fault) -> Bool {
    if let cut = made.cut { complain(Fault(.exhausted, cut.gap.message)) }
    var head = new
    let held = try keep(made.vectors, in: &head)
    defer { withExtendedLifetime(held) {} }
    let writes = isStill + (try cutWrites(made.cut, head, over: old))
    guard try write(made.moments, isStill), try name(head, of: item, holding: held, over: old, writes) else {
      return false
    }
    try remove(upTo: new.generation, but: made.moments)
    return true
  }

  /// That some are left out stands and falls with the head that names the others; the client may be another than before.
  private func cutWrites(_ cut: CutMoments?, _ head: MomentHead, over old: Item?) throws(Fault) -> [Write] {
    let wanted = LibraryKeys.cutMoments(head.client, asset, series: series)
    var writes = [cut.map { Write.put(wanted, $0.json) } ?? .delete(wanted)]
    if let before = readableHead(old).map({ LibraryKeys.cutMoments($0.client, asset, series: series) }),
      before != wanted
    {
      writes.append(.delete(before))
    }
    return writes
  }

  /// `nil` for one that cannot be read too: another takes its place.
  private func readableHead(_ item: Item?) -> MomentHead? {
    guard let item else { return nil }
    do throws(Fault) { return try MomentHead(item) } catch {
      complain(error.at("what names the moments of the asset '\(asset)' by '\(series)', which is made anew"))
      return nil
    }
  }

  /// Other words about an asset than its time change nothing about its moments, and are no reason to derive them anew.
  private func name(
    _ new: MomentHead, of item: Item, holding object: StoredObject?, over head: Item?, _ isStill: [Write]
  ) throws(Fault) -> Bool {
    let asset = try Asset(item)
    for _ in 0..<20 {
      guard let now = try table.get(item.key) else { return false }
      let other = try Asset(now)
      guard other.captured == asset.captured, other.recording?.from == asset.recording?.from else { return false }
      let check = Write.check(item.key, if: .version(now.version))
      if try name(new, holding: object, over: head, isStill + [check]) { return true }
    }
    return false
  }

  /// What a read gives; `nil`, and told, where the library's own bytes are not what they should be.
  private func readable<Result>(_ read: () throws(Fault) -> Result) throws(Fault) -> Result? {
    do throws(Fault) { return try read() } catch {
      guard [.badInput, .notFound].contains(error.kind) else { throw error }
      complain(error.at("the moments of the asset '\(asset)' by '\(series)', which are not found"))
      return nil
    }
  }

  /// Writes vectors down as an object, which the head names.
  private func keep(_ vectors: VectorSetBuilder, in head: inout MomentHead) throws(Fault) -> StoredObject? {
    guard !vectors.isEmpty else { return nil }
    let held = try library.put(vectors.bytes())
    head.vectors = MomentHead.Vectors(
      object: held.name.digest, byteCount: held.byteCount,
      networks: vectors.networks.map { MomentHead.Network(name: $0.network, count: $0.count, hasLabels: $0.hasLabels) })
    return held
  }

  private func write(_ moments: [Moment], _ isStill: [Write]) throws(Fault) -> Bool {
    var words = MomentWords()
    for moment in moments { words.add(moment) }
    guard try words.note(in: table, if: isStill) else { return false }
    for start in stride(from: 0, to: moments.count, by: Self.chunk) {
      let some = moments[start..<min(moments.count, start + Self.chunk)]
      let writes = some.map { Write.put($0.itemKey, $0.json) }
      guard case .committed = try table.write(isStill + writes) else { return false }
    }
    return true
  }

  private func name(
    _ new: MomentHead, holding object: StoredObject?, over head: Item?, _ isStill: [Write]
  ) throws(Fault) -> Bool {
    let condition = head.map { Write.Condition.version($0.version) } ?? .absent
    let old = readableHead(head)?.reference
    guard object?.lease.isHeld ?? true else {
      throw Fault(.unavailable, "this machine was cut off from the library's bytes for too long: try it again")
    }
    var writes = isStill + [.put(new.itemKey, new.json, if: condition)]
    if let reference = new.reference { writes.append(.put(reference, Array("{}".utf8))) }
    if let old, old != new.reference { writes.append(.delete(old)) }
    guard case .committed = try table.write(writes) else { return false }
    return true
  }

  /// Takes away all writings up to one but what it has; all where there is none.
  private func remove(upTo generation: Int?, head: Item? = nil, but kept: [Moment] = []) throws(Fault) {
    if let head {
      var writes = [Write.delete(head.key, if: .version(head.version))]
      if let known = readableHead(head) {
        writes.append(.delete(LibraryKeys.cutMoments(known.client, asset, series: series)))
        writes += known.reference.map { [.delete($0)] } ?? []
      }
      _ = try table.write(writes)
    }
    let keys = Set(kept.map(\.itemKey))
    let query = Query(LibraryKeys.momentPartition(asset), .prefix(LibraryKeys.moments(series: series)), limit: 500)
    var token: PageToken?
    repeat {
      let page = try table.items(query, after: token)
      let gone = page.elements.map(\.key).filter { !keys.contains($0) && Self.isOld($0, generation) }
      for start in stride(from: 0, to: gone.count, by: ItemLimits.writeCount) {
        let some = gone[start..<min(gone.count, start + ItemLimits.writeCount)]
        _ = try table.write(some.map { .delete($0) })
      }
      token = page.next
    } while token != nil
  }

  /// What another process wrote for a later change stays.
  private static func isOld(_ key: ItemKey, _ generation: Int?) -> Bool {
    guard let generation else { return true }
    let parts = CompositeKey.parts(of: key.sort)
    return parts.count == 4 && CompositeKey.number(of: parts[2]).map { $0 <= generation } ?? true
  }
}
