import Base
import Catalog
import Items
import Library
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Edge

/// What a node tells of films that it never found: none of it comes into the centre's library, ends the centre, or holds up what is behind it.
struct ForeignAnalysisTests {
  private let fixture: LedgerFixture
  private let desk: LedgerDesk
  private let good: ForwardedAnalysis
  private let moment = NodeMoment(wall: Int(Clock.seconds * 1000), monotonic: 1, boot: "b")

  init() throws {
    fixture = try LedgerFixture()
    desk = try fixture.desk()
    good = try fixture.told(try fixture.analyse(try fixture.film("a"), ["cup": 0.7654321, "hand": 0.5]))
  }

  /// Sends entries with their objects as a node does, and gives what the centre made of them.
  private func send(_ bodies: [[UInt8]]) throws -> LinePosition {
    var hash = LedgerEntry.none
    for (number, body) in bodies.enumerated() {
      let entry = LedgerEntry(
        number + 1, .analysis, at: moment, of: .analyses,
        in: "aa", body: body, after: hash)
      hash = entry.hash
      let batch = LedgerBatch(life: "aa", entries: [LedgerBatch.Sent(line: .analyses, entry: entry)])
      while let digest = try desk.take(batch.bytes, from: LedgerFixture.sender).lines.first?.lacks {
        let bytes = try fixture.node.read(digest)
        _ = try desk.blobs.take(bytes, of: digest, at: 0, total: bytes.count, from: LedgerFixture.sender)
      }
    }
    return try #require(try desk.lines(of: "dock", life: "aa")?[.analyses])
  }

  private func changed(_ edit: (inout ForwardedAnalysis) throws -> Void) throws -> [UInt8] {
    var told = good
    try edit(&told)
    return told.json
  }

  private func media(_ edit: (inout MediaFacts) -> Void) -> [UInt8] {
    var told = good
    var media = told.asset.media
    edit(&media)
    let asset = told.asset
    told.asset = Asset(
      id: asset.id, group: asset.group, name: asset.name, object: asset.object, byteCount: 0, media: media,
      added: asset.added)
    return told.json
  }

  @Test("Words, numbers and bytes that are not as a library has them are counted, and what is true comes behind them")
  func wrong() throws {
    let garbage = try fixture.node.put([UInt8](repeating: 9, count: 300)).name.digest
    let zero = try fixture.node.put(Array("{\"shots\":\"\\u0000\"}".utf8)).name.digest
    let huge = try fixture.node.put(Array("{\"shots\":{\"shots\":[{\"start\":1e300}]}}".utf8)).name.digest
    let shot = "{\"start\":10,\"end\":5,\"startFrame\":1,\"endFrame\":2,\"transitionIn\":null}"
    let backwards = try fixture.node.put(Array("{\"shots\":{\"shots\":[\(shot)],\"black\":[]}}".utf8)).name.digest
    let bodies = try [
      changed { $0.analysis.predictionCount += 1 },
      changed { $0.scores?[0] = LabelScore("cup", 999_999) },
      changed { $0.scores?.removeLast() },
      changed { $0.scores?.append(LabelScore("zebra", .max)) },
      changed { $0.scores?.reverse() },
      changed { $0.analysis.predictions = garbage },
      changed { $0.analysis.predictions = "../../etc/passwd" },
      changed { $0.analysis.insights = Analysis.Insights(object: garbage, parts: ["shots"]) },
      changed { $0.analysis.insights = Analysis.Insights(object: huge, parts: ["shots"]) },
      changed { $0.analysis.insights = Analysis.Insights(object: zero, parts: ["shots"]) },
      changed { $0.analysis.insights = Analysis.Insights(object: backwards, parts: ["shots"]) },
      changed { $0.analysis.models = [Analysis.Model(name: String(repeating: "m", count: 3000), digest: "d")] },
      changed { $0.analysis.insights = Analysis.Insights(object: garbage, parts: (0..<65).map { "p\($0)" }) },
      changed { $0.analysis.firstTime = 1e9 },
      changed { $0.analysis.evenRate = Ratio(.max, -1) },
      changed { $0.asset.name = "../x" },
      changed { $0.asset.group.brand = "\u{7}" },
      changed { $0.asset.recording = Recording(stream: "yard/gate", kind: .clip, from: 0, to: 1) },
      changed { $0.asset.recording = Recording(stream: "gate", kind: .clip, from: 2, to: 1) },
      media { $0.duration = 1e9 },
      media { $0.size = Size(width: .max, height: -1) },
      media { $0.frameRate = Ratio(.min, .max) },
      Array("{}".utf8), Array("[1".utf8),
    ]
    let position = try send(bodies)
    #expect(position.sequence == bodies.count && position.unread == bodies.count, "\(position)")
    #expect(try fixture.centre.table.get(LibraryKeys.asset(good.asset.id)) == nil)
    let last = try send(bodies + [good.json])
    #expect(last.sequence == bodies.count + 1 && last.unread == bodies.count)
    try fixture.expectSameFindings()
  }

  @Test("What was concluded of a film comes with what was found in it")
  func concluded() throws {
    let shots = Array("{\"shots\":{\"shots\":[],\"black\":[]}}".utf8)
    let object = try fixture.node.put(shots).name.digest
    let told = try changed { $0.analysis.insights = Analysis.Insights(object: object, parts: ["shots"]) }
    #expect(try send([told]).unread == 0)
    let asset = try fixture.centre.asset(good.asset.id.text, scope: .all).asset
    let analysis = try #require(try fixture.centre.analyses(of: asset).first)
    #expect(try analysis.insights?.parts == ["shots"] && fixture.centre.read(analysis.insights?.object ?? "") == shots)
    #expect(analysis.frameIndex == nil && analysis.models == good.analysis.models && analysis.made > 0)
  }

  @Test("An asset has so many analyses of its node at most, and the newest of each pipeline")
  func many() throws {
    #expect(try send([good.json]).unread == 0)
    let item = try #require(try fixture.centre.table.get(LibraryKeys.asset(good.asset.id)))
    var asset = try Asset(item)
    asset.analysisCount = 1000
    _ = try fixture.centre.table.write([.put(item.key, asset.json, if: .version(item.version))])
    let other = try fixture.told(try fixture.analyse(good.asset, series: "hands", pipeline: 2, ["hand": 0.5]))
    let again = try fixture.told(try fixture.analyse(good.asset, ["cup": 0.25]))
    #expect(try send([good.json, other.json, again.json]).unread == 1)
    #expect(try fixture.centre.analyses(of: asset).map(\.predictions) == [again.analysis.predictions])
  }

  @Test("Networks that are too many for one transaction are all told of")
  func networks() throws {
    let models = (0..<40).map { Analysis.Model(name: "m\($0)", digest: "d\($0)") }
    #expect(try send([changed { $0.analysis.models = models }]).unread == 0)
    let table = fixture.centre.table
    #expect(try table.items(Query(LibraryKeys.answersPartition("acme"), limit: 100)).elements.count == 40)
    #expect(try table.get(LibraryKeys.moved(good.asset.id)) == nil)
  }

  @Test("A node has one message taken at a time, and keeps no other node waiting by it")
  func one() throws {
    let (place, faults) = (Monitor<LedgerDesk?>(nil), Monitor<[Fault?]>([]))
    let empty = LedgerBatch(life: "aa").bytes
    let ask = { @Sendable (node: String) in
      do throws(Fault) {
        _ = try place.update { $0 }?.take(empty, from: LedgerDesk.Sender(node: node, client: "acme"))
        faults.update { $0.append(nil) }
      } catch { faults.update { $0.append(error) } }
    }
    // It is told of what cannot be read while the message is being taken.
    let desk = try LedgerDesk(fixture.centre, examiner: AnyExaminer()) { _ in
      ask("dock")
      ask("yard")
    }
    place.update { $0 = desk }
    let entry = LedgerEntry(
      1, .analysis, at: moment, of: .analyses, in: "aa", body: Array("{}".utf8), after: LedgerEntry.none)
    let batch = LedgerBatch(life: "aa", entries: [LedgerBatch.Sent(line: .analyses, entry: entry)])
    #expect(try desk.take(batch.bytes, from: LedgerFixture.sender).lines.first?.sequence == 1)
    ask("dock")
    #expect(faults.update { $0.map { $0?.kind } } == [.unavailable, nil, nil])
  }

  @Test("A node writes to assets that came of it alone, and to none that were given to another client")
  func others() throws {
    try fixture.centre.admit("bolt")
    var random = Seeded(1)
    let id = ULID(milliseconds: 5, using: &random)
    let theirs = Asset(
      id: id, group: AssetGroup(client: "acme"), name: "own.mp4", object: good.asset.object, byteCount: 3,
      media: good.asset.media, added: 5)
    _ = try fixture.centre.add(theirs)
    let told = try changed {
      let asset = $0.asset
      $0.asset = Asset(
        id: id, group: asset.group, name: asset.name, object: asset.object, byteCount: 3, media: asset.media, added: 5)
      var analysis = Analysis(
        asset: id, object: asset.object, pipeline: $0.analysis.pipeline, series: $0.analysis.series, made: 6,
        predictions: $0.analysis.predictions, log: $0.analysis.log, worker: "w", engine: "e", version: "0")
      analysis.predictionCount = $0.analysis.predictionCount
      $0.analysis = analysis
    }
    #expect(try send([told]).unread == 1)
    let found = try fixture.centre.asset(id.text, scope: .all).asset
    #expect(found == theirs)
    #expect(try fixture.centre.analyses(of: found).isEmpty)
    // What was this node's, and is another client's by now.
    #expect(try send([told, good.json]).unread == 1)
    var edit = AssetEdit()
    edit.client = "bolt"
    _ = try fixture.centre.update(good.asset.id.text, edit, scope: .all)
    let again = try fixture.told(try fixture.analyse(good.asset, ["cup": 0.25]))
    #expect(try send([told, good.json, again.json]).unread == 2)
    #expect(try fixture.centre.settle())
    let moved = try fixture.centre.asset(good.asset.id.text, scope: .all).asset
    #expect(try fixture.centre.analyses(of: moved).map(\.predictions) == [good.analysis.predictions])
  }

  @Test("A client that may store no more refuses what comes, and takes it once there is room")
  func limited() throws {
    try fixture.centre.limit("acme", to: 10)
    let entry = LedgerEntry(
      1, .analysis, at: moment, of: .analyses, in: "aa",
      body: good.json, after: LedgerEntry.none)
    let batch = LedgerBatch(life: "aa", entries: [LedgerBatch.Sent(line: .analyses, entry: entry)])
    let first = try #require(try desk.take(batch.bytes, from: LedgerFixture.sender).lines.first)
    let lacks = try #require(first.lacks)
    let bytes = try fixture.node.read(lacks)
    let state = try desk.blobs.take(bytes, of: lacks, at: 0, total: bytes.count, from: LedgerFixture.sender)
    guard case .refused(let reason) = state else { throw Fault(.bug, "bytes were taken that find no room") }
    #expect(first.sequence == 0 && reason.contains("'acme' may still store"))
    try fixture.centre.limit("acme", to: nil)
    #expect(try send([good.json]).sequence == 1)
    try fixture.expectSameFindings()
  }
}
