import Base
import Catalog
import Items
import Library

/// Numbers per client, brand and campaign.
struct LibraryTotalsCommand: Command {
  let path = ["library", "totals"]
  let summary = "Show counts, means and ranges of every score per client, brand or campaign"
  let positionals: [Positional] = []
  let options =
    [LibraryPlace.option] + GroupOptions.all + [
      .choice("by", AssetLevel.allCases.map(\.rawValue), "one line for each of the client's brands or campaigns"),
      .flag("json", "print one JSON object"),
    ]
  let examples = [
    "ridley library totals --client acme --by brand", "ridley library totals --client acme --brand Aurora",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let group = try GroupOptions.group(arguments)
    let level = arguments["by"].flatMap { AssetLevel(rawValue: $0) }
    guard level == nil || group.brand == nil else {
      throw arguments.refusal("--by and --brand cannot be had together")
    }
    let library = try LibraryPlace.open(arguments)
    try LibraryPlace.settle(library)
    var (answers, token) = ([TotalAnswer](), PageToken?.none)
    repeat {
      let page =
        if let level {
          try library.totals(ofEach: level, of: group.client, scope: .all, limit: 1000, after: token)
        } else {
          try library.totals(of: group, scope: .all, limit: 1000, after: token)
        }
      answers += page.elements
      token = page.next
    } while token != nil
    let state = try library.totalsState()
    try Terminal.print(arguments.has("json") ? json(answers, state) : text(answers, state, group))
    return .success
  }

  private func json(_ answers: [TotalAnswer], _ state: TotalsState) -> String {
    JSONText.line { json in
      json.array("totals") { json in for answer in answers { json.object { answer.write(into: &$0) } } }
      json.object("asOf") { state.write(into: &$0) }
    }
  }

  private func text(_ answers: [TotalAnswer], _ state: TotalsState, _ group: AssetGroup) -> String {
    guard !answers.isEmpty else { return "no totals of \(group.client)\n" }
    var table = Table([
      ("brand", .left), ("campaign", .left), ("of", .left), ("label", .left), ("assets", .right), ("mean", .right),
      ("least", .right), ("greatest", .right), ("bytes", .right), ("length", .right),
    ])
    for answer in answers {
      let place = [answer.name.group.brand ?? "-", answer.name.group.campaign ?? "-"]
      switch answer.name.measure {
      case .assets:
        table.add(
          place + [
            "assets", "", "\(answer.total.count)", "", "", "", Units.text(bytes: answer.total.sum),
            NumberFormat.clock(Double(answer.total.milliseconds) / 1000),
          ])
      case .score(let series, let label):
        let scores = [answer.mean, answer.least?.value, answer.greatest?.value]
        table.add(
          place + [series, label, "\(answer.total.count)"] + scores.map { $0.map { NumberFormat.fixed($0, 4) } ?? "" }
            + ["", ""])
      }
    }
    let moment = state.time > 0 ? "as of \(UTC.text(state.time))\n" : ""
    return table.text + moment
  }
}
