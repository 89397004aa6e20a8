import Base
import Catalog
import Foundation
import Items
import Objects
import Store
import Testing
import Uploads

@testable import Library
@testable import library_worker

/// What must stand in a library that workers died on, worked out from what they told.
struct LibraryHistory {
  /// By the asset's id: what it was acknowledged to be, `-` where it is deleted, `~` and a number for an upload.
  private var told: [String: String] = [:]
  /// What each thread was about to make of which asset when it died; `+` for one without an id.
  private var begun: [Int: (id: String, text: String)] = [:]
  /// What was begun without an id when its worker died, in any round: an upload of it may be there, and be finished later.
  private var pending: Set<String> = []
  private(set) var acknowledged = 0
  private(set) var cut = 0
  private(set) var objects = 0

  mutating func hear(_ output: String) throws {
    pending.formUnion(begun.values.filter { $0.id == "+" }.map(\.text))
    begun = [:]
    for line in output.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 4, let thread = Int(words[0]), "?!".contains(words[1]) else {
        Issue.record("a worker told: \(line)")
        continue
      }
      guard words[1] == "!" else {
        begun[thread] = (words[2], words[3])
        continue
      }
      acknowledged += 1
      told[words[2]] = words[3]
      if !words[3].hasPrefix("~") { begun[thread] = nil }
    }
    cut += begun.count
  }

  mutating func check(_ library: Library) throws {
    try library.finishUploads(examiner: WorkExaminer())
    try library.removeRemains()
    var found: [String: String] = [:]
    for asset in try library.everyAsset() {
      let state = try AssetState(asset, in: library)
      found[asset.id.text] = state.text
      #expect(try library.analyses(of: asset).count == asset.analysisCount)
    }
    for (id, text) in told where text.hasPrefix("~") {
      let record = try library.uploads.record(id)
      #expect(
        found[id] != nil || record.map { $0.offset >= Int(text.dropFirst()) ?? 0 } == true,
        "the upload \(id) stood at \(text)")
    }
    for (id, text) in told where !text.hasPrefix("~") && found[id] ?? "-" != text {
      #expect(begun.values.contains { $0 == (id, found[id] ?? "-") }, "\(id) was \(text), is \(found[id] ?? "-")")
    }
    for (id, text) in found where told[id] == nil || told[id]!.hasPrefix("~") {
      let isBegun = begun.values.contains { ["+", id].contains($0.id) && $0.text == text }
      #expect(isBegun || pending.contains(text), "\(id) is \(text)")
    }
    told = told.filter { $0.value == "-" || $0.value.hasPrefix("~") }.merging(found) { $1 }
    try checkObjects(library)
  }

  /// After a collection there are the objects that something refers to and no other, whole.
  private mutating func checkObjects(_ library: Library) throws {
    #expect(try library.table.items(Query(LibraryKeys.remains)).elements.isEmpty)
    let collected = try #require(try library.collect())
    #expect(collected.held == 0)
    var (needed, found) = (Set<String>(), Set<String>())
    for asset in try library.everyAsset() {
      needed.formUnion([asset.object, asset.thumbnail].compactMap { $0 })
      for analysis in try library.analyses(of: asset) { needed.formUnion(analysis.objects.map(\.digest)) }
    }
    for shard in ObjectName.shards {
      for name in try library.folder.list(shard) {
        found.insert(name.digest)
        #expect(try library.objects.verify(name) == .sound, "\(name)")
      }
    }
    objects += found.count
    #expect(found == needed, "left \(found.subtracting(needed).count), missing \(needed.subtracting(found).count)")
    #expect(try FileSystem.list("\(library.folder.path)/staging").isEmpty)
  }
}
