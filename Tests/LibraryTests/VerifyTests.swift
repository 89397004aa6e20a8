import Base
import Catalog
import Items
import LibraryKit
import Store
import TestKit
import Testing

@testable import Library

/// A library with four assets that are analysed and counted.
private struct Counted {
  let fixture: LibraryFixture
  var library: Library { fixture.library }
  let spring = AssetGroup(client: "acme", brand: "Aurora", campaign: "spring")
  let assets: [Asset]

  init(_ parts: Parts) throws {
    fixture = try LibraryFixture(parts)
    var assets: [Asset] = []
    for number in 0..<4 {
      let asset = try fixture.add("\(number)", number < 2 ? spring : AssetGroup(client: "other"))
      try fixture.analyse(asset, [LabelScore("cup", 250_000 * number), LabelScore("cat", 100_000)])
      assets.append(asset)
    }
    self.assets = assets
    try fixture.library.settle()
  }

  func total(_ group: AssetGroup, _ measure: Measure) throws -> (key: ItemKey, total: Total) {
    let key = TotalName(group, measure).key
    return (key, try Total(#require(try library.table.get(key))))
  }

  static let cup = Measure.score(series: "p", label: "cup")

  /// Ten ways in which numbers go wrong that no program of this library would make.
  func plant(_ number: Int) throws -> Write {
    var (key, wrong) = try total(spring, Self.cup)
    switch number {
    case 0: wrong.count += 1
    case 1: wrong.sum -= 1
    case 2: wrong.histogram.swapAt(1, 2)
    case 3: return .delete(key)
    case 4: return .put(key, Array("{\"count\":\"many\"}".utf8))
    case 5: key = TotalName(spring, .score(series: "p", label: "dog")).key
    case 6:
      (key, wrong) = try total(AssetGroup(client: "other"), .assets)
      wrong.milliseconds += 1
    case 7:
      let row = ScoreRow(asset: assets[1].id, group: spring, series: "p", label: "cup", score: 999_999)
      return .put(row.key, row.json)
    case 8: return .delete(LibraryKeys.scoreRow(assets[2].id, series: "p", name: "cat"))
    default:
      let row = ScoreRow(asset: ULID("01ARZ3NDEKTSV4RRFFQ69G5FAV")!, group: spring, series: "p", label: "cup", score: 1)
      return .put(row.key, row.json)
    }
    return .put(key, wrong.json)
  }
}

struct VerifyTests {
  @Test("What is right is found right, also while the reader of changes is behind", arguments: Parts.there)
  func right(parts: Parts) throws {
    let counted = try Counted(parts)
    let (fixture, library, assets) = (counted.fixture, counted.library, counted.assets)
    #expect(try library.verify().differenceCount == 0)
    try fixture.analyse(assets[0], [LabelScore("cup", 5)], pipeline: "sha256:2")
    try library.delete(assets[3].id.text, scope: .all)
    let report = try library.verify()
    #expect(report.differenceCount == 0 && report.assets == 3, "\(report)")
  }

  @Test("Each of ten planted errors is found and mended", arguments: 0..<10, Parts.there)
  func planted(_ number: Int, parts: Parts) throws {
    let counted = try Counted(parts)
    let library = counted.library
    _ = try library.table.write([try counted.plant(number)])
    #expect(try library.verify().differenceCount > 0)
    let repaired = try library.repair()
    #expect(repaired.differenceCount == 0 && repaired.mended > 0, "\(repaired)")
    #expect(try library.verify().differenceCount == 0)
    #expect(try counted.total(counted.spring, Counted.cup).total.sum == 250_000)
  }

  @Test("Errors are mended to the last digit while others write", arguments: Parts.there)
  func meanwhile(parts: Parts) throws {
    let counted = try Counted(parts)
    let (fixture, library, assets) = (counted.fixture, counted.library, counted.assets)
    for number in [0, 1, 2, 7, 8, 9] { _ = try library.table.write([try counted.plant(number)]) }
    let isOver = Monitor(false)
    let writer = NativeThread {
      for number in 0..<60 where !isOver.update({ $0 }) {
        try? fixture.analyse(assets[number % 3], [LabelScore("cup", number * 1000)], pipeline: "sha256:\(number)")
        if number % 3 == 0 { _ = try? fixture.library.settle() }
      }
    }
    _ = try library.repair()
    isOver.update { $0 = true }
    writer.join()
    try library.settle()
    let last = try library.repair()
    #expect(last.differenceCount == 0, "\(last)")
  }
}
