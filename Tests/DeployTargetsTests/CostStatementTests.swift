import Base
import Pipelines
import Planning
import TestKit
import Testing

@testable import DeployTargets

/// Money for a video hour, and none where nothing was measured.
struct CostStatementTests {
  private static let hd = Size(width: 1920, height: 1080)
  private static let prices = """
    currency: USD
    machines:
      - {name: gpu-instance, about: machine with a GPU, hour: 0.90}
      - {name: function, about: a function, second: 0.00002501, step: 100ms}
      - {name: two-cores, hour: 0.0832, cores: 2}
    compare:
      - {work: the old network, machine: gpu-instance, image: 800ms}
      - {work: the old network, machine: function, image: 5s}
    """

  /// Of one frame of the pipeline below: 0.00001 + 0.004 + 0.001 + 0.0001 + 0.03 s.
  private static func rates(without left: RateKey? = nil) -> Rates {
    var rates = Rates(machine: "A processor")
    let known: [(RateKey, Double)] = [
      (.pass(codec: "h264"), 0.00001), (.decode(codec: "h264", size: hd), 0.004), (.prepare(size: hd), 0.001),
      (.frame(pipeline: "sha256:p"), 0.0001), (.infer(model: "sha256:a"), 0.03), (.task, 0.1), (.item, 0.2),
      (.load(model: "sha256:a"), 1),
    ]
    for (key, mean) in known where key != left { rates.add(key, total: mean * 1000, count: 1000) }
    return rates
  }

  private func statement(
    _ rates: Rates?, costs: String = "function: function, gpu: gpu-instance", render: String = "",
    others: String = "", on target: RenderTarget = .kubernetes, film: SourceFacts? = nil
  ) throws -> CostStatement {
    let site = try RenderedSites.site(
      RenderedSites.shared + render + "\ncosts: {prices: prices.yaml, machine: two-cores, pipelines: p.yaml, \(costs)}",
      others)
    let question = try #require(site.costs)
    let pipeline = try PipelineFile.read(bytes: Array("infer: a".utf8), name: "p.yaml").pipeline
    var item = EstimatedItem(
      source: CostStatement.hour(question), pipeline: pipeline, pipelineDigest: "sha256:p", models: ["sha256:a"])
    item.film = film
    return try CostStatement(
      site, on: target, question, prices: PriceFile(bytes: Array(Self.prices.utf8), name: "prices.yaml"), rates: rates,
      work: [CostStatement.Work(name: "p | q\nr", item: item)])
  }

  @Test func `an hour on a machine, on the site and by functions is what prices and rates make of it`() throws {
    let statement = try statement(Self.rates())
    let machine = try statement.cost(statement.work[0], on: statement.machine, .local)
    let frames = 90_000 * 0.03511
    // 211 tasks of 15 s, and one that merges.
    #expect((machine.cpuSeconds - frames - 211 * 0.1 - 0.2).magnitude < 1e-6)
    #expect((machine.money - machine.cpuSeconds / 2 / 3600 * 0.0832).magnitude < 1e-12)
    #expect(machine.certainty == "measured here" && machine.leftOut.isEmpty)

    let function = try #require(statement.function)
    let byUse = try statement.cost(statement.work[0], on: function, statement.functionProfile)
    // Each begun tenth of a second is paid; each task loads the network anew.
    #expect(byUse.money >= byUse.cpuSeconds * 0.00002501)
    #expect(byUse.money <= (byUse.cpuSeconds + 0.1 * 40) * 0.00002501)
    #expect(byUse.cpuSeconds > frames + 20)

    // Two servers of two cores and three workers of one: 7 cores at 0.2912 an hour do 3 × 3600 s of work.
    let whole = 7.0 / 2 * 0.0832 / (3 * 3600 / machine.cpuSeconds)
    #expect(statement.text.contains("2 servers and 3 workers, 7 cores at 0.291 USD an hour, busy throughout"))
    #expect(statement.text.contains("| \(NumberFormat.short(whole, 4)) |"), "\(statement.text)")
  }

  @Test func `the comparison says from when on which way is cheaper, and invents nothing for a GPU`() throws {
    let text = try statement(Self.rates()).text
    #expect(text.contains("one machine is cheaper than functions when it is busy for more than"), "\(text)")
    #expect(text.contains("the whole site is never cheaper than functions"), "two servers wait for three workers")
    let more = try statement(Self.rates(), render: "worker: {replicas: 20}").text
    #expect(more.contains("the whole site is cheaper than functions from"), "\(more)")
    #expect(text.contains("machine with a GPU | – | – | no rate measured: rates are of processors |"))
    #expect(text.contains("what it can do was not measured"))
    #expect(text.contains("| the old network | machine with a GPU | a function, 5 s an image |"), "as it was")
    #expect(text.contains("| p \\| q r | "), "a name stays in its cell")
  }

  @Test func `without rates there is no amount`() throws {
    for rates in [nil, Rates(machine: "m")] {
      let text = try statement(rates).text
      #expect(text.contains("No rate measured: run a job over one video"))
      #expect(
        !text.contains(
          "USD a video hour |\n|---|---|---|---|---|\n| p \\| q r | one machine (two-cores), busy throughout | 0"))
      let rows = text.split(separator: "\n").filter { $0.hasPrefix("| p \\| q r") }
      #expect(rows.count == 4 && rows.allSatisfy { $0.contains("| – | – | no rate measured") }, "\(rows)")
      #expect(text.contains("nothing can be compared, because no rate measured"))
    }
  }

  @Test(arguments: [
    (RateKey.infer(model: "sha256:a"), "infer a"), (.decode(codec: "h264", size: hd), "decode h264 1920x1080"),
  ])
  func `work on frames that nobody measured leaves no amount`(_ left: (key: RateKey, words: String)) throws {
    let statement = try statement(Self.rates(without: left.key))
    do throws(CostGap) {
      _ = try statement.cost(statement.work[0], on: statement.machine, .local)
      #expect(Bool(false), "an amount was made up")
    } catch { #expect(error == .text("no rate measured: \(left.words)")) }
  }

  @Test func `small work that nobody measured is left out, and said to be`() throws {
    let statement = try statement(Self.rates(without: .pass(codec: "h264")))
    let known = try statement.cost(statement.work[0], on: statement.machine, .local)
    #expect(known.leftOut == ["read h264"] && (known.cpuSeconds - 90_000 * 0.0351 - 21.3).magnitude < 0.2)
    #expect(statement.text.contains("; without read h264, never measured |"))
  }

  @Test func `a worker is at work on one core, whatever it has, and one for streams is paid too`() throws {
    #expect(try statement(nil, render: "worker: {cores: 4}").cores! == (16, 3))
    #expect(try statement(nil, render: "worker: {cores: 0.5}").cores! == (5.5, 1.5))
    let streams = "streams: {dock: {source: a, model: b}}"
    #expect(try statement(nil, others: streams).cores! == (9, 3))
    #expect(try statement(nil, others: streams).text.contains("2 servers and one for streams and 3 workers, 9 cores"))
    #expect(try statement(nil, others: streams, on: .compose).cores! == (5, 3))
  }

  @Test func `where only functions are rendered there is no price of machines`() throws {
    let text = try statement(Self.rates(), on: .aws).text
    #expect(!text.contains("the site: ") && !text.contains("whole site") && text.contains("one machine is cheaper"))
  }

  @Test func `encoding a rendition is measured by nobody, so there is no amount`() throws {
    let film = SourceFacts(isPicture: false, byteCount: 0, size: Self.hd, codec: "h264", duration: 3600)
    let text = try statement(Self.rates(), film: film).text
    #expect(text.contains("| – | – | no rate measured: encode the rendition"), "\(text)")
    #expect(text.contains("nothing can be compared, because no rate measured: encode the rendition"))
  }

  @Test func `workers that come and go make no price of the site`() throws {
    let text = try statement(Self.rates(), render: "worker: {most: 9}").text
    #expect(text.contains("no worker is always there"))
  }

  @Test func `a machine that is paid in another way is refused`() throws {
    for costs in ["function: two-cores", "gpu: function", "function: nowhere"] {
      #expect(throws: Fault.self) { try statement(nil, costs: costs) }
    }
  }
}
