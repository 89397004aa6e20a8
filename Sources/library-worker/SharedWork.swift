import Base
import Catalog
import Glibc
import Library

/// The assets that all threads work on.
final class AssetPool: Sendable {
  private let ids: Monitor<[String]>

  init(_ library: Library) throws(Fault) { ids = Monitor(try library.everyAsset().map(\.id.text)) }

  var count: Int { ids.update { $0.count } }
  func add(_ id: String) { ids.update { $0.append(id) } }
  func remove(_ id: String) { ids.update { $0.removeAll { $0 == id } } }
  func pick(_ dice: inout Dice) -> String? {
    let number = dice.number(below: 1 << 30)
    return ids.update { $0.isEmpty ? nil : $0[number % $0.count] }
  }
}

/// Operations on assets that other threads, and other processes, change at the same time.
struct SharedWork {
  private let library: Library
  private let pool: AssetPool
  private let thread: Int
  private var dice: Dice
  private var number = 0

  static let mostAssets = 300

  init(_ library: Library, _ pool: AssetPool, seed: UInt64, thread: Int) {
    (self.library, self.pool, self.thread) = (library, pool, thread)
    dice = Dice(seed, thread)
  }

  mutating func step() throws(Fault) {
    number += 1
    // What another one deleted first is no fault.
    do { try operate() } catch  where error.kind == .notFound { return }
    put("\(thread) !\n")
    if dice.number(below: 12) == 0 { try library.settle() }
    if thread == 0, dice.number(below: 200) == 0 { _ = try library.collect() }
  }

  private mutating func operate() throws(Fault) {
    let kind = dice.number(below: 100)
    guard kind >= 25, let id = pool.pick(&dice) else {
      if pool.count < Self.mostAssets { return try add() }
      return try remove(pool.pick(&dice)!)
    }
    switch kind {
    case ..<70:
      let asset = try library.asset(id, scope: .all).asset
      let (pipeline, replaces) = (dice.number(below: 3), dice.number(below: 2) == 0)
      let series = dice.number(below: 4) == 0 ? "q" : "p"
      try library.analyse(asset, pipeline, series: series, dice.scores(), replaces: replaces)
    case ..<85:
      var edit = AssetEdit()
      edit.group = dice.group()
      _ = try library.update(id, edit, scope: .all)
    default: try remove(id)
    }
  }

  private mutating func add() throws(Fault) {
    let name = "\(getpid())-\(thread)-\(number).mp4"
    let file = "\(library.path).\(getpid())-\(thread)"
    try FileSystem.write(Content.bytes(of: name), to: file)
    let draft = AssetDraft(group: dice.group(), name: name)
    pool.add(try library.add(file: file, draft, scope: .all, examiner: WorkExaminer()).asset.id.text)
  }

  private func remove(_ id: String) throws(Fault) {
    pool.remove(id)
    try library.delete(id, scope: .all)
  }
}
