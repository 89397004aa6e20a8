import Base
import Catalog
import JSON
import Library
import LibraryKit
import Store
import TestKit
import Testing

@testable import Fleet

@Suite struct NodeReportTests {
  private let ground: Ground
  private let time = Monitor(1_774_000_000_000)
  private let book: FleetBook
  private let dock: NodeName

  init() throws {
    ground = try Ground(.embedded)
    let time = time
    book = FleetBook(try ground.library(clock: { time.update { $0 } }))
    dock = try NodeName("dock")
  }

  private func enrol() throws {
    let word = try book.makeToken(TokenRequest(name: dock, client: "acme"), pin: [UInt8](repeating: 7, count: 32)).word
    _ = try book.enrol(dock, secret: word.secret, fingerprint: String(repeating: "a", count: 64))
  }

  private func pass(_ milliseconds: Int) { time.update { $0 += milliseconds } }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `a part never has more than it may, keeps what is wrong first, and says how much was left out`() throws {
    var models = (1...400).map { NodeReport.Model("model-\($0)", version: "1", state: "ready", digest: "sha256:\($0)") }
    models[399].state = "unavailable"
    models[399].reason = String(repeating: "no room for it ", count: 200)
    let part = NodeReport.models(models, [.init("gate", digest: "sha256:1")])
    #expect(part.count <= NodeReport.partByteCount)
    #expect(text(part).hasPrefix(#"{"models":[{"model":"model-400","version":"1","state":"unavailable""#))
    let root = try JSONDocument(parsing: part.span.bytes, name: "part").root
    enum Key: String, CaseIterable { case models, pipelines, left = "left_out" }
    let fields = try root.fields(Key.self)
    let kept = try fields.required(.models).elements().reduce(0) { count, _ in count + 1 }
    let pipelines = try fields.required(.pipelines).elements().reduce(0) { count, _ in count + 1 }
    #expect(try kept + pipelines + fields.required(.left).integer() == 401)
    var tried = NodeReport.Model("a", version: "1", state: "ready", digest: "sha256:1")
    tried.inferenceSeconds = 0.0123
    #expect(text(NodeReport.models([tried], [])).contains(#""inference_seconds":0.0123"#))
    #expect(!text(NodeReport.models([.init("a", version: "1", state: "ready")], [])).contains("inference"))
    let odd = NodeReport.streams([
      .init(
        "\u{1F4F7}\"\n", state: "failed", reason: String(repeating: "\u{1F525}", count: 5000), received: 1, delivered: 0
      )
    ])
    #expect(odd.count <= NodeReport.partByteCount)
    _ = try JSONDocument(parsing: odd.span.bytes, name: "part")
    let many = (1...200).map { number in
      var stream = NodeReport.Stream("camera-\(number)", state: "live", reason: nil, received: 9, delivered: 9)
      stream.rate = 2
      return stream
    }
    let all = JSONWriter.object { $0.field("streams", embedding: NodeReport.streams(many)) }
    #expect(text(all).contains("left_out") && NodeSummary(report: all).rate == 400)
  }

  @Test func `a summary takes what it knows of a report, and nothing of what it does not`() throws {
    var stream = NodeReport.Stream("cam", state: "live", reason: nil, received: 100, delivered: 40)
    stream.rate = 4
    let other = NodeReport.Stream("yard", state: "failed", reason: "no route", received: 0, delivered: 0)
    var figures = MachineFigures.now
    figures.temperature = nil
    let machine = NodeReport.Machine(
      version: "1.4", architecture: "aarch64", cores: 4, figures: figures, now: 2, began: 1)
    let report = JSONWriter.object { json in
      json.field("node", embedding: NodeReport.node(machine))
      json.field("streams", embedding: NodeReport.streams([stream, other]))
      json.field("models", embedding: NodeReport.models([.init("a", version: "1", state: "unavailable")], []))
      json.field(
        "ledger", embedding: Array(#"{"ends":{"lines":[{"sequence":12,"taken":5,"waiting":900,"out":1}]}}"#.utf8))
    }
    let summary = NodeSummary(report: report)
    #expect(summary.version == "1.4" && summary.rate == 4 && summary.silentStreams == 1 && summary.brokenModels == 1)
    #expect(summary.ledger == NodeSummary.Ledger(behind: 7, waiting: 900, leftOut: 1) && summary.temperature == nil)
    for odd in [
      #"{"node":[],"streams":{"streams":7},"ledger":{"ends":{"lines":[1,{"sequence":"x"}]}}}"#, "{}", "no json", "[]",
      #"{"node":{"version":"1\ndock  enrolled"}}"#,
      #"{"ledger":{"ends":{"lines":[{"sequence":9223372036854775807,"taken":-1,"waiting":-9223372036854775808},{"out":-1}]}}}"#,
    ] {
      let summary = NodeSummary(report: Array(odd.utf8))
      #expect(summary.version == nil && summary.silentStreams == 0 && summary.rate == nil)
      #expect(summary.ledger ?? .init(behind: 0, waiting: 0, leftOut: 0) == .init(behind: 0, waiting: 0, leftOut: 0))
    }
  }

  @Test func `a summary says in words what is not well, and nothing where all is`() throws {
    func troubles(_ report: String) -> [String] { NodeSummary(report: Array(report.utf8)).troubles }
    #expect(
      troubles(#"{"node":{"disk":{"free":9,"bytes":100,"reserve":8}},"streams":{"streams":[{"state":"live"}]}}"#) == [])
    #expect(
      troubles(
        #"{"node":{"disk":{"free":7,"bytes":100,"reserve":8}},"streams":{"streams":[{"state":"live","reason":"there is no pipeline 'gate'"}]},"updates":{"failure":{"version":3,"reason":"x","refused":false}}}"#
      ) == ["1 stream looked at by nothing", "disk nearly full", "update 3 left"])
    #expect(
      troubles(#"{"updates":{"failure":{"version":4,"reason":"x","refused":true},"trouble":"no room"}}"#)
        == ["update 4 refused", "its update is held up"])
    #expect(
      troubles(#"{"ledger":{"refusal":"5 bytes are more than the 0 that the client 'acme' may still store"}}"#)
        == ["not taken here for now: 5 bytes are more than the 0 that the client 'acme' may still store"])
    #expect(troubles(#"{"node":{"disk":{"free":1,"bytes":100}}}"#) == ["disk nearly full"], "of an older node")
    try enrol()
    try book.note(Array("{}".utf8), of: dock)
    #expect(try book.heard()["dock"]?.summary.troubles == [])
    #expect(try book.noteCopy(of: dock) && !book.noteCopy(of: dock), "told once")
    let summary = try #require(try book.heard()["dock"]?.summary)
    #expect(summary.troubles == ["a copy of it speaks too"])
    let told = JSONWriter.object { summary.write(into: &$0) }
    #expect(NodeSummary(try JSONDocument(parsing: told.span.bytes, name: "told").root) == summary)
    pass(FleetBook.copyMemory + 1)
    #expect(try book.heard()["dock"]?.summary.troubles == [])
  }

  @Test func `a log is asked for once, answered once, and the newest ask alone takes an answer`() throws {
    #expect(throws: Fault.self) { try book.askLog(of: dock, lines: 10) }
    try enrol()
    let ask = try book.askLog(of: dock, lines: 3)
    #expect(try book.logWanted(of: dock) == ask && ask.text == nil)
    pass(1000)
    #expect(try book.askLog(of: dock, lines: 2) == ask, "one that waits is gone on with")
    let wider = try book.askLog(of: dock, lines: 5)
    try book.answerLog(of: dock, asked: ask.asked, ["late"])
    #expect(try book.logWanted(of: dock) == wider, "the answer to an ask that is none any more")
    try book.answerLog(of: dock, asked: wider.asked, (1...9).map { "line \($0)" })
    #expect(try book.log(of: dock)?.text == (5...9).map { "line \($0)" })
    #expect(try book.logWanted(of: dock) == nil)
    try book.answerLog(of: dock, asked: wider.asked, ["again"])
    #expect(try book.log(of: dock)?.text == ["again"], "an answer that came twice is the same ask's")
    pass(1000)
    _ = try book.askLog(of: dock, lines: 5)
    pass(FleetBook.logPatience)
    #expect(try book.logWanted(of: dock) == nil, "nobody waits for it any more")
  }

  @Test func `who asked before somebody else takes his answer, with as many lines`() throws {
    try enrol()
    let wide = try book.askLog(of: dock, lines: 5)
    try book.answerLog(of: dock, asked: wide.asked, (1...9).map { "line \($0)" })
    let later = try book.askLog(of: dock, lines: 2)
    #expect(later.asked > wide.asked && later.lines == 5)
    pass(FleetBook.logPatience + 1000)
    #expect(try book.askLog(of: dock, lines: 2).lines == 2)
  }

  @Test func `what a log said is not there for whoever has the node's name next`() throws {
    try enrol()
    let ask = try book.askLog(of: dock, lines: 5)
    try book.answerLog(of: dock, asked: ask.asked, ["theirs"])
    _ = try book.revoke(dock)
    #expect(throws: Fault.self) { try book.askLog(of: dock, lines: 5) }
    let word = try book.makeToken(TokenRequest(name: dock, client: "acme"), pin: [UInt8](repeating: 7, count: 32)).word
    _ = try book.enrol(dock, secret: word.secret, fingerprint: String(repeating: "b", count: 64))
    #expect(try book.log(of: dock) == nil)
    try book.answerLog(of: dock, asked: ask.asked, ["late"])
    #expect(try book.log(of: dock) == nil)
  }

  @Test func `of a long log the last lines are kept for which there is room`() throws {
    let lines = (0..<400).map { "\($0) " + String(repeating: "x", count: 1000) }
    let kept = FleetBook.last(lines[...])
    #expect(kept.last == lines.last && kept.count < 400 && kept.count > 100)
    #expect(kept.reduce(0) { $0 + $1.utf8.count } <= FleetBook.logByteCount)
  }

  @Test func `a node that says nothing is silent until it says something or is revoked`() throws {
    try enrol()
    func figures() throws -> FleetFigures { try UpdateBook(book.library).figures() }
    func silent() throws -> [SilentNode] { try figures().silent(after: 45_000, at: book.library.now) }
    #expect(FleetBook.patience(ofNodes: 1) == 45_000 && FleetBook.patience(ofNodes: 10_000) == 600_000)
    #expect(try silent().isEmpty)
    pass(45_001)
    #expect(try silent().map(\.node.name) == [dock])
    try book.note(Array("{}".utf8), of: dock)
    #expect(try silent().isEmpty && figures().nodes.count == 1)
    pass(60_000)
    #expect(try silent().count == 1)
    _ = try book.revoke(dock)
    #expect(try figures().nodes.isEmpty && figures().revoked.map(\.name) == [dock])
  }
}
