import Base
import Catalog
import DynamoDB
import Items
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Library

@Suite(.enabled(if: DynamoDBServer.isThere))
struct DynamoDBLibraryTests {
  private func table() throws -> DynamoDBTable {
    let address = try DynamoDBServer.shared.get().address()
    try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
    return try DynamoDBTable(address, schema: LibrarySchema.table, environment: DynamoDBServer.environment)
  }

  @Test func `a library is copied into a table of DynamoDB and back`() throws {
    let (old, there, back) = (
      try LibraryFixture(.embedded), try LibraryFixture(over: table()), try LibraryFixture(.embedded)
    )
    var group = AssetGroup(client: "acme", brand: "Aurora")
    for number in 0..<3 {
      try old.analyse(try old.add("\(number)", group), [LabelScore("cup", 100_000 * (number + 1))])
    }
    group = AssetGroup(client: "acme")
    _ = try old.library.copy(to: there.library)
    _ = try there.library.copy(to: back.library)
    let filter = AssetFilter(client: "acme")
    let assets = try old.library.list(filter, scope: .all, limit: 10).elements
    for library in [there.library, back.library] {
      #expect(try library.list(filter, scope: .all, limit: 10).elements.map(\.id) == assets.map(\.id))
      #expect(try library.verify().differenceCount == 0)
      let cup = try library.totals(of: group, scope: .all).elements.first {
        $0.name.measure == .score(series: "p", label: "cup")
      }
      #expect(cup?.total.sum == 600_000)
    }
  }

  @Test func `what the table keeps for itself goes also where a reader of moments has not come along`() throws {
    let address = try DynamoDBServer.shared.get().address()
    try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
    let time = Monitor(Clock.date - 8 * 24 * 3600)
    var settings = DynamoDBTable.Settings()
    settings.clock = { time.update { $0 } }
    let table = try DynamoDBTable(
      address, schema: LibrarySchema.table, environment: DynamoDBServer.environment, settings: settings)
    let library = try LibraryFixture(over: table)
    _ = try library.add("a")
    let mark = Write.put(LibraryKeys.momentsOfAnalyses, ReaderPosition.json(.beginning))
    for _ in 0..<3 { _ = try table.write([mark]) }
    try library.library.settle()
    time.update { $0 = Clock.date }
    _ = try table.write([mark])
    func kept(_ partition: String) throws -> Int {
      let client = try DynamoDBClient(
        DynamoDBAddress(address), S3Credentials(environment: DynamoDBServer.environment))
      return try client.page(DynamoDBQuery(partition, .upTo(CompositeKey.number(.max)), limit: 100)).records.count
    }
    let (told, untold) = (try kept("L"), try kept("U"))
    try #require(told > 0 && untold > 3)
    try library.library.trimChanges()
    #expect(try kept("L") == told && kept("U") < untold - 2)
  }

  @Test func `after a purge nothing in the table tells of the client`() throws {
    let address = try DynamoDBServer.shared.get().address()
    try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
    let fixture = try LibraryFixture(
      over: DynamoDBTable(address, schema: LibrarySchema.table, environment: DynamoDBServer.environment))
    for client in ["marked", "other"] {
      for number in 0..<3 {
        let asset = try fixture.add("\(client) \(number)", AssetGroup(client: client))
        try fixture.analyse(asset, [LabelScore("\(client)-cup", 100_000)])
      }
      try fixture.library.settle()
    }
    func isSaid(_ text: String) throws -> Bool {
      let client = try DynamoDBClient(
        DynamoDBAddress(address), S3Credentials(environment: DynamoDBServer.environment))
      var start: DynamoDBKey?
      repeat {
        let (records, next) = try client.scan(after: start)
        for record in records {
          if (record.key.partition + record.key.sort).contains(text) { return true }
          for case .bytes(let bytes) in record.attributes.values where bytes.contains(Array(text.utf8)) { return true }
        }
        start = next
      } while start != nil
      return false
    }
    #expect(try isSaid("marked") && isSaid("other"))
    let report = try fixture.library.purge("marked")
    #expect(report.left.isEmpty && report.assets == 3, "\(report)")
    #expect(try !isSaid("marked") && isSaid("other"))
    #expect(try fixture.library.verify().differenceCount == 0)
  }

  @Test func `totals in DynamoDB are exact where several count the same changes at once`() throws {
    let address = try DynamoDBServer.shared.get().address()
    try DynamoDBTable.makeTable(address, environment: DynamoDBServer.environment)
    let fixtures = try (0..<2).map { _ in
      try LibraryFixture(
        over: DynamoDBTable(address, schema: LibrarySchema.table, environment: DynamoDBServer.environment))
    }
    let (library, isOver, failures) = (fixtures[0].library, Monitor(false), Monitor([String]()))
    let counting = fixtures.map { fixture in
      NativeThread {
        while !isOver.update({ $0 }) {
          do { _ = try fixture.library.settle() } catch { failures.update { $0.append("\(error)") } }
        }
      }
    }
    let group = AssetGroup(client: "acme", brand: "Aurora")
    var assets: [Asset] = []
    for number in 0..<4 {
      assets.append(try fixtures[0].add("\(number)", group))
      try fixtures[0].analyse(assets[number], [LabelScore("cup", 100_000 * (number + 1)), LabelScore("cat", 500_000)])
    }
    try fixtures[0].analyse(assets[1], [LabelScore("cup", 900_000)], pipeline: "sha256:2")
    try library.delete(assets[3].id.text, scope: .all)
    isOver.update { $0 = true }
    for thread in counting { thread.join() }
    #expect(failures.update { $0 } == [])
    #expect(try library.settle())
    let totals = try library.totals(of: group, scope: .all).elements
    let cups = totals.first { $0.name.measure == .score(series: "p", label: "cup") }
    #expect(cups?.total.count == 3 && cups?.total.sum == 1_300_000)
    #expect(try library.verify().differenceCount == 0)
    var filter = AssetFilter(client: "acme")
    filter.group = group
    #expect(try library.list(filter, scope: .all, limit: 10).elements.count == 3)
    filter.text = "0"
    let search = filter
    do {
      _ = try library.list(search, scope: .all, limit: 10)
      Issue.record("it searched by words")
    } catch { #expect(error.kind == .unsupported) }
  }
}
